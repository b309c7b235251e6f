//! An observer of the ledger while readers of both kinds lose, leave and are followed by others.

use std::sync::Arc;

use super::{Ring, WaitStrategy, explore_sleeping, glance, joined, publishing, visit};
use crate::{Start, ledger::Ledger, sync::thread};

const PUBLISHERS: u64 = 2;
const EACH: u64 = 4;

#[test]
fn every_snapshot_balances() {
    explore_sleeping(3, || {
        let ring = Arc::new(Ring::<3>::new());
        let publishing = publishing(&ring, PUBLISHERS, EACH, WaitStrategy::Park);
        let glancing = [Start::Newest, Start::Oldest].map(|start| {
            let ring = ring.clone();
            // Dropped at once, so that its entry is taken by the next.
            thread::spawn(move || (0..2).for_each(|_| drop(glance(&ring, start, 3))))
        });
        let inner = ring.clone();
        let visiting = thread::spawn(move || drop([(); 2].map(|()| visit(&inner, Start::Oldest, 2))));
        let ledger = Ledger::of(&ring);
        for _ in 0..3 {
            let before = ledger.claimed();
            let statuses: Vec<_> = ledger.readers().collect();
            let after = ledger.claimed();
            for status in statuses {
                let counted = status.received + status.lost + status.holes + status.ahead;
                let claimed = status.joined + counted;
                assert!((before..=after).contains(&claimed), "{status:?}, {before} to {after} claimed");
                assert!(status.received <= PUBLISHERS * EACH, "received more than there was: {status:?}");
                assert!((status.laps == 0) == (status.lost == 0), "{status:?}");
            }
        }
        joined(publishing);
        joined(glancing);
        visiting.join().unwrap();
        assert_eq!(ledger.readers().count(), 0, "all have left");
    });
}
