//! What the program says of the machine.

use std::fs;

use crate::{Place, rring};

#[test]
fn the_machine_is_described_and_the_round_trips_are_drawn() {
    let place = Place::new();
    let svg = place.path("map.svg");
    let ended = rring(&["doctor", "--rounds", "50", "--svg", &svg]);
    assert_eq!(ended.code, 0, "{ended:?}");
    for what in [
        "kernel",
        "shared memory",
        "permissions",
        "namespaces",
        "membarrier",
        "huge pages",
        "NUMA nodes",
        "locked memory",
        "descriptors",
        "clock",
        "processors",
        "tuning",
        "publishing",
    ] {
        assert!(ended.lines().iter().any(|line| line.starts_with(what)), "{what}: {ended:?}");
    }
    assert!(ended.out.contains("round trips"), "{ended:?}");
    assert!(fs::read_to_string(svg).unwrap().ends_with("</svg>\n"));
    let without = rring(&["doctor", "--rounds", "0"]);
    assert!(without.code == 0 && !without.out.contains("round trips"), "{without:?}");
}
