//! A source that uses the collector by which it is read.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::parse::Samples;
use rusted_ring::HeapRing;
use rusted_ring_metrics::{
    Books, CellSource, Cells, JournalSource, Journaled, Properties, RingCollector, Source, encode,
};

/// Longer than anything takes that does not wait for itself.
const LONG: Duration = Duration::from_secs(20);

/// What a source does with a collector.
type Use = fn(&RingCollector);

const USES: [Use; 5] = [
    |rings| _ = encode(rings),
    |rings| rings.register("another", HeapRing::<64>::new(8)).unwrap(),
    |rings| _ = rings.unregister("orders"),
    |rings| rings.set_unshown(1),
    |rings| _ = format!("{rings:?}"),
];

/// Uses `rings` when it is read, and when it is asked what never changes.
struct Uses {
    rings: RingCollector,
    read: Use,
    asked: Use,
}

impl Source for Uses {
    fn properties(&self) -> Properties {
        (self.asked)(&self.rings);
        Properties { capacity: 8, many: true, slot_bytes: 8, pool: None }
    }

    fn books(&mut self) -> Option<Books> {
        (self.read)(&self.rings);
        Some(Books::default())
    }
}

impl CellSource for Uses {
    fn cells(&mut self) -> Option<Cells> {
        (self.read)(&self.rings);
        None
    }
}

impl JournalSource for Uses {
    fn journal(&mut self) -> Option<Journaled> {
        (self.read)(&self.rings);
        None
    }
}

/// How a source comes into a collector, and out of it.
type Registered = (fn(&RingCollector, Uses), fn(&RingCollector) -> bool);

const KINDS: [Registered; 3] = [
    (|rings, source| rings.register_source("itself", source).unwrap(), |rings| rings.unregister("itself")),
    (|rings, source| rings.register_cells("itself", source).unwrap(), |rings| rings.unregister_cells("itself")),
    (|rings, source| rings.register_journal("itself", source).unwrap(), |rings| rings.unregister_journal("itself")),
];

/// Calls this in a thread of its own, and fails if it waits for itself. Returns what it says when it panics.
fn outcome(call: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let (ends, end) = mpsc::channel();
    thread::spawn(move || ends.send(catch_unwind(AssertUnwindSafe(call))));
    let ended = end.recv_timeout(LONG).expect("it waits for itself");
    ended.map_err(|panic| panic.downcast_ref::<&str>().copied().unwrap_or_default().to_owned())
}

#[test]
fn a_source_that_uses_its_collector_panics_and_the_collector_goes_on() {
    for (number, read) in USES.into_iter().enumerate() {
        for (register, unregister) in KINDS {
            let rings = RingCollector::new();
            rings.register("orders", HeapRing::<64>::new(8)).unwrap();
            let source = Uses { rings: rings.clone(), read, asked: |_| () };
            register(&rings, source);
            let scraped = rings.clone();
            let said = outcome(move || _ = encode(&scraped)).expect_err("a use that is not noticed");
            let expected = "a source used the collector that was reading it: register, unregister and scrape outside of `Source::books`, \
                            `CellSource::cells` and `JournalSource::journal`";
            assert_eq!(said, expected, "use {number}");

            assert!(unregister(&rings));
            let samples = Samples::of(&encode(&rings));
            assert_eq!(samples.get("rusted_ring_capacity_slots", &[("ring", "orders")]), 8.0);
        }
    }
}

#[test]
fn a_source_may_use_another_collector() {
    for read in USES {
        let [outer, inner] = [(); 2].map(|()| RingCollector::new());
        outer.register_source("other", Uses { rings: inner, read, asked: |_| () }).unwrap();
        assert_eq!(outcome(move || _ = encode(&outer)), Ok(()));
    }
}

#[test]
fn what_never_changes_is_asked_while_the_collector_is_free() {
    for asked in USES {
        let rings = RingCollector::new();
        let source = Uses { rings: rings.clone(), read: |_| (), asked };
        assert_eq!(outcome(move || rings.register_source("itself", source).unwrap()), Ok(()));
    }
}
