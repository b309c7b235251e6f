//! Which rings there are.

use std::{fs, process};

use rusted_ring::{Bytes, Sole, SolePublisher, Start, Subscriber, Typed};
use rusted_ring_shm::RingFile;

use crate::{Place, rring, rring_with};

#[test]
fn all_kinds_of_rings_are_listed_and_what_is_no_ring_is_noted() {
    let place = Place::new();
    let used = place.file("b-values").create::<Typed<[u64; 3]>, Sole>(100).unwrap();
    let mut publisher = SolePublisher::join(used.clone()).unwrap();
    let _screen = Subscriber::join(used, Start::Newest);
    for n in 0..7 {
        publisher.send(&[n; 3]);
    }
    drop(place.create("a-bytes", 9));
    drop(place.file("c-long").create::<Bytes<1000, 100>, rusted_ring::Many>(64).unwrap());
    fs::write(place.path("notes.txt"), "no ring, but long enough to be one: ".repeat(100)).unwrap();
    fs::create_dir(place.path("folder")).unwrap();
    let mut other = fs::read(place.path("a-bytes")).unwrap();
    other[8] = 99;
    fs::write(place.path("d-other-version"), other).unwrap();

    let directory = place.path("");
    let ended = rring(&["ls", &directory]);
    assert_eq!(ended.code, 0);
    let rows: Vec<Vec<&str>> = ended.lines().iter().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0][..2], ["RING", "STATE"]);
    assert_eq!(rows[1], [&*place.path("a-bytes"), "dead", "many", "64", "B", "9", "0", "0", "-"]);
    assert_eq!(rows[2], [&*place.path("b-values"), "alive", "sole", "24", "B", "[u64;", "3]", "100", "7", "1", "1"]);
    assert_eq!(rows[3][..3], [&*place.path("c-long"), "dead", "many"]);
    assert!(ended.lines()[4].starts_with(&place.path("d-other-version")) && ended.lines()[4].contains("version 99"));
    assert!(ended.error.contains("2 (folder, notes.txt)"), "{ended:?}");

    let json = rring(&["ls", &directory, "--json"]).json();
    assert_eq!(json["rings"].as_array().unwrap().len(), 3);
    assert_eq!((json["rings"][1]["claimed"].as_u64(), json["rings"][1]["publishers"].as_u64()), (Some(7), Some(1)));
    assert_eq!(json["rings"][1]["publisher_process"].as_u64(), Some(process::id().into()));
    assert!(json["rings"][0]["publishers"].is_null(), "many are not counted");
    assert_eq!((json["broken"].as_array().unwrap().len(), json["skipped"].as_array().unwrap().len()), (1, 2));

    let one = rring(&["ls", &place.path("a-bytes")]);
    assert_eq!((one.code, one.lines().len()), (0, 2));
}

#[test]
fn what_is_not_there_or_no_ring_has_a_code_of_its_own() {
    let place = Place::new();
    fs::write(place.path("text"), "some text ".repeat(1000)).unwrap();
    fs::create_dir(place.path("folder")).unwrap();
    for (name, commands) in [
        ("none", &["stat", "tap", "pub", "rm", "hz", "ls"][..]),
        ("text", &["stat", "tap", "pub", "rm", "hz", "ls"]),
        ("folder", &["stat", "tap", "pub", "rm", "hz"]),
    ] {
        for command in commands {
            let ended = rring(&[*command, &place.path(name)]);
            assert_eq!(ended.code, 3, "{command} {name}: {ended:?}");
            assert!(ended.error.contains(&place.path(name)), "{ended:?}");
        }
    }
    assert_eq!(rring(&["stat", "two words"]).code, 1);
    let empty = Place::new();
    assert!(rring(&["ls", &empty.path("")]).error.contains("no rings"));
}

#[test]
fn a_name_is_of_a_ring_in_shared_memory() {
    struct Removed(RingFile);
    impl Drop for Removed {
        fn drop(&mut self) {
            let _ = self.0.remove();
        }
    }
    let name = format!("rring-test-{}", process::id());
    let _removed = Removed(RingFile::named(&name).unwrap());
    assert_eq!(rring_with(&["pub", &name, "--create", "64,8"], "hello\n").code, 0);
    let listed = rring(&["ls"]);
    // A longer name of somebody else's ring makes the columns wider.
    let is_it = |line: &&str| line.split_whitespace().take(2).eq([&*name, "dead"]);
    assert!(listed.lines().iter().any(is_it), "{listed:?}");
    let one = rring(&["ls", &name]);
    assert!(one.code == 0 && one.lines().len() == 2 && one.lines()[1].starts_with(&name), "{one:?}");
    assert_eq!(rring(&["tap", &name]).lines(), ["0\t0\thello"]);
    assert_eq!(rring(&["rm", &name]).code, 0);
    assert_eq!(rring(&["stat", &name]).code, 3);
}

#[test]
fn what_goes_wrong_is_said_without_names_of_the_library() {
    let place = Place::new();
    let ring = place.path("ring");
    let _archive = rusted_ring::Consumer::join(place.create("ring", 1), Start::Newest).unwrap();
    let sole = place.file("sole").create::<Bytes<64>, Sole>(8).unwrap();
    let _publisher = SolePublisher::join(sole).unwrap();
    drop(place.create("open", 8));
    fs::set_permissions(place.path("open"), std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    std::os::unix::fs::symlink(&ring, place.path("link")).unwrap();
    for arguments in [
        &["pub", &ring, "--timeout", "0.01"][..],
        &["pub", &place.path("sole")],
        &["pub", &place.path("open")],
        &["pub", &place.path("link")],
        &["pub", &place.path("new"), "--create", "64,0"],
        &["pub", &place.path("new"), "--create", "64,9000000000000000000"],
        &["pub", &ring, "--create", "64,9"],
        &["tap", &place.path("none")],
        &["rm", &ring],
    ] {
        let refused = rring_with(arguments, "one\ntwo\n");
        assert!(refused.code != 0 && refused.code != 101, "{refused:?}");
        let names = [
            "::",
            "Subscriber",
            "Consumer",
            "Publisher",
            "RingFile",
            "Many",
            "bytes_for",
            "for_group",
            "18446744073709551615",
        ];
        assert!(!names.iter().any(|name| refused.error.contains(name)), "{refused:?}");
    }
}
