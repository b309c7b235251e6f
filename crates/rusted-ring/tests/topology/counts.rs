//! What a report counts: events that were handled, or passed over, each once, whatever became of their batch.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use rusted_ring::{
    SolePublisher, Start, Typed,
    consumer::BatchEvent,
    topology::{BatchStart, GraphError, Halting, Handler, HandlerError, OnFailure, StageEnd, Topology, Turn},
};

use super::{LONG, Numbers, deadline::Deadline, numbers};

/// A ring of `count` events, which a stage of this batch limit takes as one batch.
fn with(count: u64) -> Numbers {
    let ring = numbers(64);
    SolePublisher::join(ring.clone()).unwrap().send_batch(&(0..count).collect::<Vec<_>>());
    ring
}

#[test]
fn events_of_a_batch_that_failed_were_handled_all_the_same() {
    let error = Topology::over(with(10))
        .starting_at(Start::Oldest)
        .stage("fails")
        .batch_limit(64)
        .each(|number, _| if **number == 7 { Err("seven".into()) } else { Ok(()) })
        .start()
        .unwrap()
        .join()
        .unwrap_err();
    let stage = error.report().stage("fails").unwrap();
    // The one at which it failed is neither handled nor passed over.
    assert_eq!((stage.processed, stage.failed, stage.end), (7, 0, StageEnd::Failed), "{}", error.report());
    assert_eq!(stage.failure.as_deref(), Some("at event 7: seven"));
}

#[test]
fn events_of_a_batch_that_is_stuck_were_handled_all_the_same() {
    let let_go = Arc::new(AtomicBool::new(false));
    let (held, busy) = (let_go.clone(), Arc::new(AtomicBool::new(false)));
    let at_work = busy.clone();
    let graph = Topology::over(with(10))
        .starting_at(Start::Oldest)
        .stage("stuck")
        .batch_limit(64)
        .each(move |number, _| {
            if **number == 4 {
                at_work.store(true, Relaxed);
                while !held.load(Relaxed) {
                    thread::yield_now();
                }
            }
        })
        .start()
        .unwrap();
    Deadline::new().wait_until("the handler", || busy.load(Relaxed));
    let late = graph.drain(Duration::from_millis(20)).unwrap_err();
    let_go.store(true, Relaxed);
    let stage = late.report().stage("stuck").unwrap();
    assert_eq!((stage.processed, stage.end, &*stage.workers), (4, StageEnd::Stuck, &[4][..]), "{}", late.report());
}

/// Fails at every turn, and counts the events that it was given, over all that are made.
struct Hopeless {
    given: Arc<AtomicU64>,
}

impl Handler<Typed<u64>> for Hopeless {
    fn batch_start(&mut self, _batch: &BatchStart<'_>) -> Result<(), HandlerError> {
        Err("batch start".into())
    }

    fn event(&mut self, _event: &BatchEvent<'_, Typed<u64>>, _turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        self.given.fetch_add(1, Relaxed);
        Err("event".into())
    }

    fn batch_end(&mut self) -> Result<(), HandlerError> {
        Err("batch end".into())
    }
}

#[test]
fn an_event_counts_as_failed_once_and_none_is_passed_over_unseen() {
    for policy in [OnFailure::Skip, OnFailure::Restart] {
        for (events, limit) in [(1, 1), (6, 1), (6, 3), (6, 64)] {
            let given = Arc::new(AtomicU64::new(0));
            let count = given.clone();
            let graph = Topology::over(with(events))
                .starting_at(Start::Oldest)
                .stage("hopeless")
                .on_failure(policy)
                .batch_limit(limit)
                .made_by(move || Hopeless { given: count.clone() })
                .start()
                .unwrap();
            let report = graph.drain(LONG).unwrap();
            let stage = report.stage("hopeless").unwrap();
            println!("{policy:?}, {events} events in batches of {limit}:\n{report}");
            assert_eq!((stage.processed, stage.failed, given.load(Relaxed)), (events, events, events), "{policy:?}");
        }
    }
}

#[test]
fn a_handler_made_anew_after_a_failing_batch_start_is_given_the_same_batch() {
    let (starts, events) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    struct Once(Arc<AtomicU64>, Arc<AtomicU64>);
    impl Handler<Typed<u64>> for Once {
        fn batch_start(&mut self, batch: &BatchStart<'_>) -> Result<(), HandlerError> {
            assert_eq!(batch.size(), 5);
            if self.0.fetch_add(1, Relaxed) == 0 { Err("the first".into()) } else { Ok(()) }
        }
        fn event(&mut self, event: &BatchEvent<'_, Typed<u64>>, _turn: &mut Turn<'_>) -> Result<(), HandlerError> {
            assert_eq!(self.1.fetch_add(1, Relaxed), **event);
            Ok(())
        }
    }
    let (s, e) = (starts.clone(), events.clone());
    let graph = Topology::over(with(5))
        .starting_at(Start::Oldest)
        .stage("once")
        .on_failure(OnFailure::Restart)
        .batch_limit(64)
        .made_by(move || Once(s.clone(), e.clone()))
        .start()
        .unwrap();
    let report = graph.drain(LONG).unwrap();
    let once = report.stage("once").unwrap();
    assert_eq!((starts.load(Relaxed), events.load(Relaxed)), (2, 5));
    assert_eq!((once.processed, once.failed, once.restarts), (5, 1, 1));
}

#[test]
fn a_failure_is_not_counted_before_its_event_is_passed_over() {
    struct NoStart;
    impl Handler<Typed<u64>> for NoStart {
        fn batch_start(&mut self, _batch: &BatchStart<'_>) -> Result<(), HandlerError> {
            Err("no batch".into())
        }
        fn event(&mut self, _event: &BatchEvent<'_, Typed<u64>>, _turn: &mut Turn<'_>) -> Result<(), HandlerError> {
            Ok(())
        }
    }
    let made = AtomicU64::new(0);
    let graph = Topology::over(with(5))
        .starting_at(Start::Oldest)
        .stage("once")
        .on_failure(OnFailure::Restart)
        .made_by(move || {
            assert_eq!(made.fetch_add(1, Relaxed), 0, "cannot be made again");
            NoStart
        })
        .start()
        .unwrap();
    let error = graph.join().unwrap_err();
    let once = error.report().stage("once").unwrap();
    assert_eq!((once.processed, once.failed, once.restarts), (0, 0, 0), "{}", error.report());
}

/// Puts its events off to the batch's end, where it writes them; at the third it waits to be told to end.
struct PutsOff {
    put_off: u64,
    written: Arc<AtomicU64>,
    waits: Arc<AtomicBool>,
    /// Whether it breaks off the event at which it waits.
    breaks_off: bool,
    end_fails: bool,
}

impl Handler<Typed<u64>> for PutsOff {
    fn event(&mut self, event: &BatchEvent<'_, Typed<u64>>, turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        if **event == 2 {
            self.waits.store(true, Relaxed);
            while !turn.is_halting() {
                thread::yield_now();
            }
            if self.breaks_off {
                return Err(Halting.into());
            }
        }
        self.put_off += 1;
        Ok(())
    }

    fn batch_end(&mut self) -> Result<(), HandlerError> {
        if self.end_fails {
            return Err("cannot write".into());
        }
        self.written.fetch_add(std::mem::take(&mut self.put_off), Relaxed);
        Ok(())
    }
}

#[test]
fn a_batch_is_ended_when_its_stage_is_halted_or_removed_in_the_middle() {
    for breaks_off in [true, false] {
        for end_fails in [false, true] {
            for removes in [false, true] {
                let ring = with(10);
                let (written, waits) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
                let graph = Topology::over(ring)
                    .starting_at(Start::Oldest)
                    .stage("puts off")
                    .batch_limit(64)
                    .handler(PutsOff {
                        put_off: 0,
                        written: written.clone(),
                        waits: waits.clone(),
                        breaks_off,
                        end_fails,
                    })
                    .stage("after")
                    .after(["puts off"])
                    .polled()
                    .start()
                    .unwrap();
                let mut after = graph.polled("after").unwrap();
                Deadline::new().wait_until("the third event", || waits.load(Relaxed));
                let handled = if breaks_off { 2 } else { 3 };
                let expected = if end_fails { 0 } else { handled };
                let stage = if removes {
                    let removed = graph.remove("puts off");
                    // Those after it receive without it what it did not finish, unless it failed and ended them.
                    if !end_fails {
                        assert_eq!(removed.as_ref().unwrap().end, StageEnd::Removed);
                        assert_eq!((0..10).filter(|_| after.try_recv().is_ok()).count(), 10);
                    }
                    removed.unwrap()
                } else {
                    let outcome = graph.halt();
                    // What counts as finished was written.
                    assert_eq!(std::iter::from_fn(|| after.recv().ok().map(drop)).count() as u64, expected);
                    assert_eq!(outcome.is_err(), end_fails);
                    let report = match &outcome {
                        Ok(report) => report,
                        Err(GraphError::Failed { report, .. }) => report,
                        Err(other) => panic!("{other}"),
                    };
                    report.stage("puts off").unwrap().clone()
                };
                assert_eq!(written.load(Relaxed), expected, "what was put off is done at the batch's end");
                assert_eq!(stage.processed, handled, "breaks off: {breaks_off}, end fails: {end_fails}");
            }
        }
    }
}
