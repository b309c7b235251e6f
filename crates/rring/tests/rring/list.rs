//! Which rings there are.

use std::{fs, process};

use rusted_ring::{Bytes, Capacities, Consumer, PoolSet, Sole, SolePublisher, Start, Subscriber, Typed};
use rusted_ring_shm::{LatestFile, PoolFiles, RingFile, SharedLatest};

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

#[test]
fn a_files_name_adds_no_line_to_what_is_listed() {
    let place = Place::new();
    drop(place.create("ring", 64));
    let whole = fs::read(place.path("ring")).unwrap();
    let holed = place.path("holed\nring  alive");
    fs::write(&holed, &whole[..4096]).unwrap();
    fs::File::options().write(true).open(&holed).unwrap().set_len(whole.len() as u64).unwrap();
    let listed = rring(&["ls", &place.path("")]);
    assert!(listed.lines().len() == 3 && listed.lines()[2].contains("has holes"), "{listed:?}");
    let stat = rring(&["stat", &holed]);
    assert_eq!(stat.error.lines().count(), 1, "{stat:?}");
}

#[test]
fn the_pools_of_a_set_are_shown_together_and_removed_together() {
    let place = Place::new();
    let set = place.path("events");
    drop(PoolFiles::at(&set).create::<16384, ()>(Capacities::MOBILE).unwrap());
    drop(place.create("events-other", 8));
    let listed = rring(&["ls", &place.path("")]);
    let names = |listed: &crate::Ended| -> Vec<String> {
        let first = |line: &&str| line.split_whitespace().next().unwrap().to_owned();
        listed.lines()[1..].iter().map(first).collect()
    };
    let pools = ["xs", "s", "m", "l", "xl"].map(|pool| format!("{set}.{pool}"));
    assert_eq!(names(&listed)[..5], pools, "{listed:?}");
    assert!(listed.lines()[0].ends_with("  SET"), "{listed:?}");
    assert!(listed.lines()[1..6].iter().all(|line| line.ends_with(&format!("  {set}"))), "{listed:?}");
    assert!(listed.lines()[6].ends_with("  -"), "{listed:?}");
    assert_eq!(names(&rring(&["ls", &set])), pools, "by the set's name");
    let json = rring(&["ls", &set, "--json"]).json();
    assert_eq!(json["rings"][1]["set"]["pools_there"].as_u64(), Some(5));

    let picture = place.path("top.svg");
    let top = rring(&["top", &set, "--interval", "0.01", "--svg", &picture]);
    assert_eq!(top.code, 0, "{top:?}");
    let drawn = fs::read_to_string(&picture).unwrap();
    assert!(pools.iter().all(|pool| drawn.contains(&format!(">{pool}<"))), "{drawn}");

    let whole = rring(&["stat", &set]);
    assert!(whole.code == 3 && whole.error.contains("pool set") && whole.error.contains(&pools[0]), "{whole:?}");
    let alone = rring(&["rm", &pools[2]]);
    assert!(alone.code == 5 && alone.error.contains(&format!("`rring rm {set}`")), "{alone:?}");
    assert_eq!(names(&rring(&["ls", &set])), pools, "nothing was removed");
    assert_eq!(rring(&["rm", &pools[2], "--force"]).code, 0);
    let rest = rring(&["ls", &set]);
    assert!(rest.lines().len() == 5 && rest.lines()[1].ends_with(", 4 of 5 left"), "{rest:?}");
    assert_eq!(rring(&["rm", &pools[0]]).code, 0, "what is no whole set is removed as rings are");
    let headless = rring(&["rm", &set]);
    assert!(headless.code == 5 && headless.error.contains("--force"), "{headless:?}");
    assert_eq!(rring(&["rm", &set, "--force"]).code, 0);
    assert_eq!(names(&rring(&["ls", &place.path("")])), [place.path("events-other")]);

    let pools = PoolFiles::at(&set).create::<16384, ()>(Capacities::MOBILE).unwrap();
    let _store = Consumer::join(pools.s(), Start::Newest).unwrap().named("store");
    let used = rring(&["rm", &set]);
    assert!(used.code == 5 && used.error.contains("consumer `store`"), "{used:?}");
    drop((_store, pools));
    assert_eq!(rring(&["rm", &set]).code, 0);
}

#[test]
fn latest_value_cells_are_listed_as_what_they_are() {
    let place = Place::new();
    let path = place.path("prices");
    let cells: SharedLatest<[u64; 2]> = LatestFile::at(&path).create(100, 8).unwrap();
    let writer = cells.writer().unwrap();
    let reader = cells.reader().unwrap();
    let me = process::id().to_string();
    let listed = rring(&["ls", &place.path("")]);
    assert_eq!(listed.lines()[0].split_whitespace().next(), Some("LATEST"), "{listed:?}");
    let row: Vec<&str> = listed.lines()[1].split_whitespace().collect();
    assert_eq!(row, [&*path, "alive", "100", "16", "B", "[u64;", "2]", &*me, "1", "of", "8"]);
    assert!(!listed.error.contains("skipped"), "{listed:?}");
    let json = rring(&["ls", &path, "--json"]).json();
    assert_eq!(json["latest"][0]["writer_process"].as_u64(), Some(process::id().into()));

    let stat = rring(&["stat", &path]);
    assert!(stat.code == 0 && stat.out.contains(&format!("writer      process {me}\n")), "{stat:?}");
    assert_eq!(rring(&["stat", &path, "--json"]).json()["keys"].as_u64(), Some(100));
    for command in ["tap", "pub", "hz"] {
        let refused = rring(&[command, &path]);
        assert!(refused.code == 3 && refused.error.contains("latest-value cells"), "{refused:?}");
    }
    let used = rring(&["rm", &path]);
    assert!(used.code == 5 && used.error.contains(&format!("the writer, of process {me}")), "{used:?}");
    drop((writer, reader, cells));
    assert!(rring(&["stat", &path]).out.contains("writer      none now\n"));
    assert_eq!(rring(&["rm", &path]).code, 0);
    assert_eq!(rring(&["stat", &path]).code, 3);
}
