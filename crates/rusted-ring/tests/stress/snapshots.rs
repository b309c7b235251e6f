//! The ledger, read while it runs.

use std::{
    array,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::Release, Ordering::SeqCst, fence},
    thread,
};

use rusted_ring::{
    HeapRing, Publisher, Sequence, Start, Subscriber, ledger::Ledger, subscriber::TryRecvError, wait::Backoff,
};

use crate::{rng::Rng, scaled};

/// What a reader counted itself: never more than one event behind what the ledger says of it.
#[derive(Default)]
struct Own {
    received: AtomicU64,
    lost: AtomicU64,
}

impl Own {
    fn count(&self, counter: &AtomicU64, n: u64) {
        counter.store(counter.load(Relaxed) + n, Relaxed);
        // With the observer's: what it sees in the ledger from after this, it sees after this.
        fence(Release);
    }

    fn load(&self) -> (u64, u64) {
        fence(SeqCst);
        let own = (self.received.load(Relaxed), self.lost.load(Relaxed));
        fence(SeqCst);
        own
    }
}

#[test]
fn every_snapshot_of_the_ledger_balances_while_it_runs() {
    let ring = HeapRing::<8>::new(16);
    let (ring, publisher) = (&ring, Publisher::join(ring.clone()).expect("open"));
    let (own, done): ([Own; 3], _) = (array::from_fn(|_| Own::default()), AtomicBool::new(false));
    let (own, done) = (&own, &done);
    let events = scaled(2_000_000);
    thread::scope(|scope| {
        let readers = [0, 1, 2].map(|nth: usize| {
            let own = &own[nth];
            let mut reader = Subscriber::join(ring.clone(), Start::Newest).named(&nth.to_string());
            scope.spawn(move || {
                let mut rng = Rng::new(nth as u64);
                let mut backoff = Backoff::new();
                loop {
                    match reader.try_recv() {
                        Ok(_) => own.count(&own.received, 1),
                        Err(TryRecvError::Lagged(lagged)) => own.count(&own.lost, lagged.count()),
                        Err(TryRecvError::Closed) => break,
                        Err(_) => backoff.snooze(),
                    }
                    if rng.one_in(64) {
                        thread::yield_now();
                    }
                }
                // Still listed, for the last look.
                reader
            })
        });
        let observer = scope.spawn(|| {
            let mut snapshots = 0_u64;
            let mut last = [(0, 0); 3];
            while !done.load(SeqCst) {
                let ledger = Ledger::of(ring);
                let claimed = ledger.claimed();
                let before = own.each_ref().map(Own::load);
                let statuses: Vec<_> = ledger.readers().collect();
                let after = own.each_ref().map(Own::load);
                let claimed = claimed..=ledger.claimed();
                for status in statuses {
                    let who: usize = status.name.as_str().parse().expect("a listed reader has its name");
                    assert_eq!(status.joined.get(), 0);
                    assert_eq!(status.position.get(), status.received + status.lost + status.holes);
                    assert!(status.ahead <= claimed.end().get(), "{status:?}");
                    assert!(claimed.contains(&(status.position + status.ahead)), "{status:?}, of {claimed:?}");
                    let (received, lost) = (status.received, status.lost);
                    assert!(before[who].0 <= received && received <= after[who].0 + 1, "{status:?}");
                    assert!(before[who].1 <= lost, "{status:?}");
                    assert!(last[who].0 <= received && last[who].1 <= lost, "{status:?}");
                    last[who] = (received, lost);
                    snapshots += 1;
                }
                assert!((0.0..=1.0).contains(&ledger.pressure()));
            }
            snapshots
        });
        let publishers = [publisher.clone(), publisher].map(|publisher| {
            scope.spawn(move || {
                for counter in 0..events / 2 {
                    publisher.publish(&counter.to_ne_bytes(), 0).expect("it fits");
                }
            })
        });
        publishers.into_iter().for_each(|publisher| publisher.join().expect("a publisher"));
        done.store(true, SeqCst);
        let snapshots = observer.join().expect("the observer");
        assert!(snapshots > 0);
        let readers = readers.map(|reader| reader.join().expect("a reader"));
        for (status, own) in Ledger::of(ring).readers().zip(own) {
            assert_eq!(((status.received, status.lost), status.ahead), (own.load(), 0), "at rest it is exact");
        }
        assert!(readers.iter().any(|reader| reader.lost() > 0), "nothing was lost, so nothing was tried");
    });
}

/// A reader that is overtaken at every turn changes all its counters at once, as fast as it can.
#[test]
fn no_snapshot_shows_half_of_a_loss() {
    let ring = &HeapRing::<8>::new(1);
    let publisher = Publisher::join(ring.clone()).expect("open");
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let (own, done) = (&Own::default(), &AtomicBool::new(false));
    thread::scope(|scope| {
        let observer = scope.spawn(move || {
            let (mut snapshots, mut last) = (0_u64, Sequence::new(0));
            while !done.load(SeqCst) {
                let before = own.load();
                let Some(status) = Ledger::of(ring).readers().next() else { continue };
                let (after, claimed) = (own.load(), Ledger::of(ring).claimed());
                assert!(before.0 <= status.received && status.received <= after.0 + 1, "{status:?}, own {after:?}");
                assert!(before.1 <= status.lost && status.lost <= after.1 + 2, "{status:?}, own {after:?}");
                // Two are lost, one is received, and so on: there is nothing else to see.
                assert!((status.received..=status.received + 1).contains(&status.laps), "{status:?}");
                assert_eq!((status.lost, status.position.get()), (2 * status.laps, status.lost + status.received));
                assert!(status.position >= last && status.ahead <= claimed.get(), "{status:?}, of {claimed}");
                assert!(status.position + status.ahead <= claimed, "{status:?}, of {claimed}");
                last = status.position;
                snapshots += 1;
            }
            snapshots
        });
        for _ in 0..scaled(5_000_000) {
            (0..3).for_each(|_| _ = publisher.publish(b"event", 0).expect("it fits"));
            assert!(matches!(reader.try_recv(), Err(TryRecvError::Lagged(lagged)) if lagged.count() == 2));
            own.count(&own.lost, 2);
            assert!(reader.try_recv().is_ok());
            own.count(&own.received, 1);
        }
        done.store(true, SeqCst);
        assert!(observer.join().expect("the observer") > 0);
    });
}
