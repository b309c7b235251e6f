//! A worker finishes the range that it took, whatever fails on the way.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use rusted_ring::{
    SolePublisher, Typed,
    consumer::BatchEvent,
    ledger::Ledger,
    topology::{BatchStart, Handler, HandlerError, OnFailure, Topology, Turn},
};

use super::{Book, LONG, deadline::Deadline, numbers};

const EVENTS: u64 = 96;
const WORKERS: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    BatchStart,
    Event,
    BatchEnd,
}

/// Fails at its place in every batch, and counts how often it was given each event.
struct Failing {
    at: At,
    by_panic: bool,
    /// Events of this batch.
    seen: u64,
    given: Arc<[AtomicU8]>,
}

impl Failing {
    fn fail_at(&self, at: At) -> Result<(), HandlerError> {
        match self.at == at {
            true if self.by_panic => panic!("by panic at {at:?}"),
            true => Err(format!("by error at {at:?}").into()),
            false => Ok(()),
        }
    }
}

impl Handler<Typed<u64>> for Failing {
    fn batch_start(&mut self, _batch: &BatchStart<'_>) -> Result<(), HandlerError> {
        self.seen = 0;
        self.fail_at(At::BatchStart)
    }

    fn event(&mut self, event: &BatchEvent<'_, Typed<u64>>, _turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        self.given[**event as usize].fetch_add(1, Relaxed);
        self.seen += 1;
        // Long enough for the other worker to take the next range.
        thread::sleep(Duration::from_micros(300));
        if self.seen == 3 { self.fail_at(At::Event) } else { Ok(()) }
    }

    fn batch_end(&mut self) -> Result<(), HandlerError> {
        self.fail_at(At::BatchEnd)
    }
}

fn run(at: At, by_panic: bool, policy: OnFailure) {
    let ring = numbers(64);
    let given: Arc<[AtomicU8]> = (0..EVENTS).map(|_| AtomicU8::new(0)).collect();
    let book = Book::default();
    let (to_workers, entries) = (given.clone(), book.clone());
    let graph = Topology::over(ring.clone())
        .stage("work")
        .on_failure(policy)
        .batch_limit(8)
        .workers(WORKERS, move |_| Failing { at, by_panic, seen: 0, given: to_workers.clone() })
        .stage("after")
        .after(["work"])
        .each(move |number, turn| entries.enter(turn.sequence().get(), **number))
        .start()
        .unwrap();
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    publisher.send_batch(&(0..EVENTS).collect::<Vec<u64>>());
    Deadline::new().wait_until("the stage after", || book.count() == EVENTS);
    let of_work = || Ledger::of(&ring).readers().filter(|reader| reader.name.as_str() == "work");
    // A worker that is idle has left to its fellows what they took.
    Deadline::new().wait_until("both workers", || of_work().all(|reader| reader.ahead == 0));
    assert_eq!(of_work().map(|reader| reader.received).sum::<u64>(), EVENTS, "each event is booked as received once");
    let report = graph.drain(LONG).unwrap();
    let wrong: Vec<_> = given.iter().map(|count| count.load(Relaxed)).enumerate().filter(|(_, n)| *n != 1).collect();
    assert!(wrong.is_empty(), "{at:?}, {policy:?}: events, and how often they were given to a worker: {wrong:?}");
    let work = report.stage("work").unwrap();
    assert_eq!(work.processed, EVENTS, "{report}");
    assert!(work.failed > 0 && (work.restarts > 0) == (policy == OnFailure::Restart), "{report}");
}

#[test]
fn every_event_that_a_worker_took_is_given_to_it_once_through_every_failure() {
    for by_panic in [false, true] {
        for at in [At::BatchStart, At::Event, At::BatchEnd] {
            for policy in [OnFailure::Skip, OnFailure::Restart] {
                run(at, by_panic, policy);
            }
        }
    }
}

/// Waits at its second event until it is to end.
struct Waiting {
    at_second: Arc<AtomicBool>,
    handled: Arc<AtomicU64>,
}

impl Handler<Typed<u64>> for Waiting {
    fn event(&mut self, _event: &BatchEvent<'_, Typed<u64>>, turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        if self.handled.fetch_add(1, Relaxed) == 1 {
            self.at_second.store(true, Relaxed);
            while !turn.is_halting() {
                thread::yield_now();
            }
        }
        Ok(())
    }
}

#[test]
fn what_a_removed_worker_took_and_did_not_begin_goes_on_without_it() {
    let ring = numbers(16);
    let (at_second, handled) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let (flag, count) = (at_second.clone(), handled.clone());
    let book = Book::default();
    let entries = book.clone();
    let graph = Topology::over(ring.clone())
        .stage("work")
        .batch_limit(8)
        .workers(1, move |_| Waiting { at_second: flag.clone(), handled: count.clone() })
        .stage("after")
        .after(["work"])
        .each(move |number, turn| entries.enter(turn.sequence().get(), **number))
        .start()
        .unwrap();
    SolePublisher::join(ring).unwrap().send_batch(&[0, 1, 2, 3, 4, 5, 6, 7]);
    Deadline::new().wait_until("the second event", || at_second.load(Relaxed));
    let removed = graph.remove("work").unwrap();
    assert_eq!((removed.processed, handled.load(Relaxed)), (2, 2), "it ends after the event that it is at");
    Deadline::new().wait_until("the stage after", || book.count() == 8);
}
