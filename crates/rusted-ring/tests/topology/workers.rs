//! A stage of several workers: each event goes to exactly one, and those after it receive all, in order.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use rusted_ring::{
    ClosePolicy, HeapTypedRing, Publisher, RingRef, SolePublisher, Typed,
    ledger::Ledger,
    topology::{OnFailure, StageEnd, Topology, each},
};

use super::{Book, LONG, numbers};

const EVENTS: u64 = if cfg!(debug_assertions) { 20_000 } else { 200_000 };
const WORKERS: usize = 3;

/// Workers, then a stage that finds every event handled once; `limit` is how many they take at a time.
fn share_out<R: RingRef<Slot = Typed<u64>> + Send + Sync + 'static>(ring: R, limit: usize, publish: impl FnOnce(R)) {
    let times: Arc<[AtomicU8]> = (0..EVENTS).map(|_| AtomicU8::new(0)).collect();
    let (handled, seen) = (times.clone(), times.clone());
    let book = Book::default();
    let entries = book.clone();
    let graph = Topology::over(ring.clone())
        .stage("work")
        .batch_limit(limit)
        .workers(WORKERS, move |_| {
            let handled = handled.clone();
            each(move |number, _| _ = handled[**number as usize].fetch_add(1, Relaxed))
        })
        .stage("after")
        .after(["work"])
        .each(move |number, turn| {
            assert_eq!(seen[**number as usize].load(Relaxed), 1, "not handled, or twice");
            entries.enter_past_holes(turn.sequence().get(), **number);
        })
        .start()
        .unwrap();
    publish(ring.clone());
    let statuses: Vec<_> = Ledger::of(&ring).readers().filter(|reader| reader.name.as_str() == "work").collect();
    assert_eq!(statuses.len(), WORKERS);
    for status in &statuses {
        let claimed = status.received + status.lost + status.holes + status.shared + status.ahead;
        assert!(status.joined.get() == 0 && claimed <= Ledger::of(&ring).claimed().get(), "{status:?}");
    }
    let report = graph.drain(LONG).unwrap();
    let work = report.stage("work").unwrap();
    println!("workers handled {:?}", work.workers);
    assert_eq!((work.processed, work.end), (EVENTS, StageEnd::Drained));
    assert_eq!((book.count(), book.sum()), (EVENTS, EVENTS * (EVENTS - 1) / 2));
    assert!(times.iter().all(|times| times.load(Relaxed) == 1));
}

#[test]
fn each_event_of_one_publisher_goes_to_one_worker() {
    for limit in [1, 8] {
        share_out(numbers(64), limit, |ring| {
            let mut publisher = SolePublisher::join(ring).unwrap();
            (0..EVENTS).for_each(|number| _ = publisher.send(&number));
        });
    }
}

#[test]
fn each_event_of_two_publishers_goes_to_one_worker() {
    share_out(HeapTypedRing::<u64>::closing(64, ClosePolicy::Never), 1, |ring| {
        let publishers = [0, 1].map(|parity| (Publisher::join(ring.clone()).unwrap(), parity));
        thread::scope(|scope| {
            for (publisher, parity) in publishers {
                scope.spawn(move || (0..EVENTS / 2).for_each(|half| _ = publisher.send(&(2 * half + parity))));
            }
        });
    });
}

#[test]
fn slow_work_is_done_side_by_side_and_a_worker_that_panics_is_made_anew() {
    let ring = numbers(64);
    let made = Arc::new(Mutex::new(Vec::new()));
    let at_work = Arc::new(AtomicU64::new(0));
    let most = Arc::new(AtomicU64::new(0));
    let (numbers, busy, peak) = (made.clone(), at_work.clone(), most.clone());
    let graph = Topology::over(ring.clone())
        .stage("work")
        .on_failure(OnFailure::Restart)
        .workers(WORKERS, move |worker| {
            numbers.lock().unwrap().push(worker);
            let (busy, peak) = (busy.clone(), peak.clone());
            each(move |number, _| {
                peak.fetch_max(busy.fetch_add(1, Relaxed) + 1, Relaxed);
                thread::sleep(Duration::from_millis(1));
                busy.fetch_sub(1, Relaxed);
                assert_ne!(**number, 50, "the one that fails");
            })
        })
        .start()
        .unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..200).for_each(|number| _ = publisher.send(&number));
    let report = graph.drain(LONG).unwrap();
    let work = report.stage("work").unwrap();
    assert_eq!((work.processed, work.failed, work.restarts), (200, 1, 1), "{report}");
    assert_eq!(work.workers.iter().sum::<u64>(), 200);
    assert_eq!(most.load(Relaxed), WORKERS as u64, "all of them at once");
    let mut made = made.lock().unwrap().clone();
    made.sort_unstable();
    made.dedup();
    assert_eq!(made, [0, 1, 2]);
}
