//! `bench`: two processes, what they count, and what is left of them.

use std::fs;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::{Place, Running, rring, until};

const MEASURES: [&str; 3] = ["round-trip", "consumer", "subscriber"];

/// A measurement that does not end by itself while a test lasts.
fn endless(place: &Place, measure: &str) -> Running {
    let seconds = ["--size", "64", "--measure", measure, "--seconds", "1000", "--rounds", "1"];
    Running::start(&[&["bench", "--directory", &place.path("")][..], &seconds].concat())
}

/// The second process, once it has joined, and the rings have no names any more.
fn second(running: &Running, place: &Place) -> Pid {
    let children = format!("/proc/{0}/task/{0}/children", running.id());
    let mut found = None;
    until("the second process is started", || {
        found = fs::read_to_string(&children).unwrap().split_whitespace().next().map(|id| id.parse().unwrap());
        found.is_some()
    });
    let (maps, directory) = (format!("/proc/{}/maps", found.unwrap()), place.path(""));
    until("a ring is mapped, and none has a name", || {
        let mapped = fs::read_to_string(&maps).unwrap_or_default();
        // The kernel may know it by a number, for it was made without a name.
        let is_ring = |line: &str| line.contains(&directory) && line.ends_with("(deleted)");
        mapped.lines().any(is_ring) && is_empty(place)
    });
    Pid::from_raw(found.unwrap()).unwrap()
}

fn is_empty(place: &Place) -> bool {
    fs::read_dir(place.path("")).unwrap().next().is_none()
}

#[test]
fn everything_that_is_measured_balances_and_leaves_nothing() {
    let place = Place::new();
    let directory = place.path("");
    let few = ["--rounds", "2", "--seconds", "0.01", "--directory", &directory];
    let ended = rring(&[&["bench", "--json"][..], &few].concat());
    assert_eq!(ended.code, 0, "{ended:?}");
    let report = ended.json();
    let cells = report["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 5 * 3 * 3);
    for cell in cells {
        let count = |what: &str| cell[what].as_u64().unwrap();
        assert!(count("published") > 0 && count("published") == count("received") + count("lost"), "{cell}");
        assert!(count("lost") == 0 || cell["measure"] == "subscriber", "{cell}");
        assert_eq!((cell["balances"].as_bool(), cell["rounds"].as_array().unwrap().len()), (Some(true), 2));
        if cell["measure"] == "round-trip" {
            let time = |what: &str| cell["percentiles"][what].as_u64().unwrap();
            let times = ["p50", "p90", "p99", "p99.9", "max"].map(time);
            assert!(times[0] > 0 && times.is_sorted(), "{cell}");
        }
    }
    assert!(!report["family"].as_str().unwrap().is_empty());
    assert!(ended.error.contains("round 2 of 2"), "{ended:?}");
    assert!(is_empty(&place));

    let text = rring(&[&["bench", "--size", "64,256", "--measure", "round-trip,subscriber"][..], &few].concat());
    assert_eq!(text.code, 0, "{text:?}");
    for told in ["P99.9", "HISTOGRAM", "processes", "heap", "RECEIVED", "BALANCES", "times as long", "256 B"] {
        assert!(text.out.contains(told), "{told}: {text:?}");
    }
}

#[test]
fn it_ends_at_once_when_it_is_interrupted_and_leaves_nothing() {
    let place = Place::new();
    for measure in MEASURES {
        let running = endless(&place, measure);
        let second = second(&running, &place);
        running.interrupt();
        let ended = running.end();
        assert_eq!(ended.code, 130, "{measure}: {ended:?}");
        assert!(ended.error.contains("interrupted") && ended.out.is_empty(), "{ended:?}");
        assert!(test_kill_process(second).is_err(), "the second process is gone");
        assert!(is_empty(&place));
    }
}

#[test]
fn the_second_process_that_is_killed_is_named_and_nothing_is_left() {
    let place = Place::new();
    for measure in MEASURES {
        let running = endless(&place, measure);
        let second = second(&running, &place);
        kill_process(second, Signal::KILL).unwrap();
        let ended = running.end();
        assert_eq!(ended.code, 7, "{measure}: {ended:?}");
        let id = second.as_raw_nonzero().to_string();
        assert!(ended.error.contains(&id) && ended.error.contains("signal: 9"), "{ended:?}");
        assert!(is_empty(&place));
    }
}

#[test]
fn the_second_process_does_not_outlive_the_first() {
    let place = Place::new();
    let mut running = endless(&place, "round-trip");
    let second = second(&running, &place);
    running.child.kill().unwrap();
    running.status();
    until("the second process has ended", || test_kill_process(second).is_err() || is_zombie(second));
    assert!(is_empty(&place));
}

/// It has ended, and nobody has asked how.
fn is_zombie(process: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
}

#[test]
fn what_cannot_be_measured_is_refused_with_what_can() {
    let place = Place::new();
    let core = rring(&["bench", "--cores", "0,1023", "--directory", &place.path("")]);
    assert!(core.code == 1 && core.error.contains("core 1023") && core.error.contains("--cores"), "{core:?}");
    let size = rring(&["bench", "--size", "65"]);
    assert!(size.code == 2 && size.error.contains("16384"), "{size:?}");
    let nowhere = rring(&["bench", "--directory", &place.path("nowhere")]);
    assert!(nowhere.code == 1 && nowhere.error.contains("nowhere"), "{nowhere:?}");
    assert!(is_empty(&place));
}
