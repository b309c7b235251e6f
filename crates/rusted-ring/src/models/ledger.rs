//! The ledger: every snapshot balances while a reader counts a loss, and entries change hands.

use std::sync::Arc;

use super::{Consumer, Ring, Subscriber, drain, explore, payload};
use crate::{Sequence, Start, ledger::Ledger, publisher::Publisher, sync::thread};

#[test]
fn every_snapshot_balances() {
    explore(2, || {
        let ring = Arc::new(Ring::<1>::new());
        let mut reader = Subscriber::<1>::join(ring.clone(), Start::Oldest);
        let publisher = Publisher::join(ring.clone()).unwrap();
        publisher.try_publish(&payload(1), 0).unwrap();
        publisher.try_publish(&payload(2), 0).unwrap();
        let reading = thread::spawn(move || {
            drain(&mut reader, 2);
            (reader.received(), reader.lost(), reader)
        });
        let ledger = Ledger::of(&ring);
        for status in ledger.readers() {
            assert!(status.received <= 2, "received went below zero: {status:?}");
            let counted = status.received + status.lost + status.holes + status.ahead;
            assert_eq!(counted, Sequence::new(2) - status.joined);
            assert!(status.lost <= 1 && status.laps == status.lost);
        }
        let (received, lost, reader) = reading.join().unwrap();
        let status = ledger.readers().next().unwrap();
        assert_eq!((status.received, status.lost, status.ahead), (received, lost, reader.lag()));
    });
}

#[test]
fn an_entry_changes_hands_whole() {
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        publisher.try_publish(&payload(1), 0).unwrap();
        let first = Subscriber::<2>::join(ring.clone(), Start::Oldest).named("first");
        let inner = ring.clone();
        let changing = thread::spawn(move || {
            drop(first);
            Consumer::<2>::join(inner, Start::Newest).unwrap().named("second")
        });
        for status in Ledger::of(&ring).readers() {
            match (status.name.as_str(), status.joined.get(), status.gating) {
                ("first", 0, false) | ("" | "second", 1, true) => {}
                mixed => panic!("of two owners: {mixed:?}"),
            }
        }
        changing.join().unwrap();
    });
}
