//! The end of rings.

use std::{fs, path::Path, process};

use rusted_ring::{Consumer, Publisher, Start};

use crate::{Place, rring};

#[test]
fn a_ring_in_use_stays_unless_it_is_forced() {
    let place = Place::new();
    let path = place.path("ring");
    let ring = place.create("ring", 8);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let refused = rring(&["rm", &path]);
    assert_eq!(refused.code, 5, "one of many publishers uses it, too: {refused:?}");
    let reader = Consumer::join(ring.clone(), Start::Newest).unwrap().named("archive");
    let refused = rring(&["rm", &path]);
    assert_eq!(refused.code, 5);
    let holder = format!("consumer `archive` of process {}", process::id());
    assert!(refused.error.contains(&holder) && refused.error.contains("--force"), "{refused:?}");
    assert!(Path::new(&path).exists());

    assert_eq!(rring(&["rm", &path, "--force"]).code, 0);
    assert!(!Path::new(&path).exists());
    publisher.publish(b"still here", 0).unwrap();
    drop(reader);
}

#[test]
fn what_can_be_removed_is_and_the_first_failure_says_the_code() {
    let place = Place::new();
    for name in ["a", "c"] {
        drop(place.create(name, 8));
    }
    fs::write(place.path("text"), "some text").unwrap();
    let ended = rring(&["rm", &place.path("a"), &place.path("text"), &place.path("c")]);
    assert_eq!(ended.code, 3);
    assert!(ended.error.contains("no ring"), "{ended:?}");
    let left: Vec<_> = fs::read_dir(place.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["text"]);
}

#[test]
fn a_ring_of_which_nothing_can_be_seen_needs_force() {
    let place = Place::new();
    drop(place.create("ring", 8));
    let path = place.path("ring");
    let mut bytes = fs::read(&path).unwrap();
    bytes[8] = 99;
    fs::write(&path, bytes).unwrap();
    let refused = rring(&["rm", &path]);
    assert!(refused.code == 5 && refused.error.contains("version 99"), "{refused:?}");
    assert_eq!(rring(&["rm", &path, "--force"]).code, 0);
    assert!(!Path::new(&path).exists());
}
