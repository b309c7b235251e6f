//! The metrics that the alert rules, the dashboard and the documentation name are those that there are.

use std::{collections::BTreeSet, time::Duration};

use rusted_ring::{Consumer, HeapTypedRing, Start, topology::Topology};
use rusted_ring_metrics::{CellSource, Cells, JournalSource, Journaled, RingCollector, encode};

const RULES: &str = include_str!("../../prometheus/alerts.yml");
const DASHBOARD: &str = include_str!("../../grafana/dashboard.json");
const DOCUMENTATION: &str = include_str!("../../src/lib.rs");

/// What every metric begins with, and nothing else that is written there.
const PREFIX: &str = "rusted_ring_";

struct NoReaders;

impl CellSource for NoReaders {
    fn cells(&mut self) -> Option<Cells> {
        Some(Cells { keys: 1, max_readers: 1, readers: 0, is_written: false })
    }
}

struct Bounded;

impl JournalSource for Bounded {
    fn journal(&mut self) -> Option<Journaled> {
        Some(Journaled { max_bytes: Some(1), max_age: Some(Duration::from_secs(1)), ..Journaled::default() })
    }
}

/// The names of all samples that there can be, by the types and units that the text has.
fn exported() -> BTreeSet<String> {
    let rings = RingCollector::new();
    let ring = HeapTypedRing::<u64>::new(8);
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    store.show_durable(store.next_sequence());
    let graph = Topology::over(ring.clone()).stage("journal").each(|_, _| ()).start().unwrap();
    rings.register("orders", ring).unwrap();
    rings.register_topology("orders", &graph).unwrap();
    rings.register_cells("prices", NoReaders).unwrap();
    rings.register_journal("orders", Bounded).unwrap();
    rings.set_unshown(0);
    let text = encode(&rings);
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let sample = |(name, kind): (&str, &str)| match kind {
        "counter" => format!("{name}_total"),
        "info" => format!("{name}_info"),
        _ => name.to_owned(),
    };
    types.map(sample).collect()
}

/// The names of metrics in a text.
fn named(text: &str) -> BTreeSet<String> {
    let is_of_a_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let words = text.split(|char| !is_of_a_name(char));
    // The crate has this name in paths.
    words.filter(|word| word.starts_with(PREFIX) && *word != "rusted_ring_metrics").map(str::to_owned).collect()
}

#[test]
fn rules_and_dashboard_name_metrics_that_there_are() {
    let exported = exported();
    for (file, text) in [("the alert rules", RULES), ("the dashboard", DASHBOARD)] {
        let named = named(text);
        assert!(named.len() > 3, "{file}: {named:?}");
        let unknown: Vec<_> = named.difference(&exported).collect();
        assert!(unknown.is_empty(), "{file} name metrics that there are not: {unknown:?}; there are {exported:#?}");
    }
}

#[test]
fn the_documentation_lists_every_metric_and_no_other() {
    let rows = DOCUMENTATION.lines().filter(|line| line.starts_with("//! | `"));
    assert_eq!(named(&rows.collect::<String>()), exported());
}
