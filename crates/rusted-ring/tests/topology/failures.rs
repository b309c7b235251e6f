//! Handlers that fail, at every turn of their lives and in both ways, under each policy.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    Sequence, SolePublisher, Typed,
    consumer::BatchEvent,
    ledger::Ledger,
    topology::{BatchStart, Cause, GraphError, Handler, HandlerError, OnFailure, Report, StageEnd, Topology, Turn},
};

use super::{Book, LONG, numbers};

const EVENTS: u64 = 100;
/// The event at which a handler fails, where it fails at one.
const BAD: u64 = 42;
const CAPACITY: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Start,
    BatchStart,
    Event,
    BatchEnd,
    Timeout,
    Shutdown,
}

/// Fails once at its place, in one of two ways.
struct Failing {
    at: At,
    by_panic: bool,
    failures: Arc<AtomicU64>,
    book: Book,
    /// The last event of the batch.
    last: u64,
}

impl Failing {
    fn fail_at(&self, at: At) -> Result<(), HandlerError> {
        if at != self.at || self.failures.fetch_add(1, Relaxed) > 0 {
            return Ok(());
        }
        if self.by_panic { panic!("by panic at {at:?}") } else { Err(format!("by error at {at:?}").into()) }
    }
}

impl Handler<Typed<u64>> for Failing {
    fn start(&mut self) -> Result<(), HandlerError> {
        self.fail_at(At::Start)
    }

    fn batch_start(&mut self, batch: &BatchStart<'_>) -> Result<(), HandlerError> {
        assert!(batch.size() > 0 && batch.depth() >= batch.size() as u64);
        if self.book.next() < BAD { Ok(()) } else { self.fail_at(At::BatchStart) }
    }

    fn event(&mut self, event: &BatchEvent<'_, Typed<u64>>, _turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        self.book.enter(event.sequence().get(), **event);
        self.last = **event;
        if **event == BAD { self.fail_at(At::Event) } else { Ok(()) }
    }

    fn batch_end(&mut self) -> Result<(), HandlerError> {
        if self.last >= BAD { self.fail_at(At::BatchEnd) } else { Ok(()) }
    }

    fn timeout(&mut self) -> Result<(), HandlerError> {
        self.fail_at(At::Timeout)
    }

    fn shutdown(&mut self) -> Result<(), HandlerError> {
        self.fail_at(At::Shutdown)
    }
}

/// What was left of a graph of three stages, of which the second fails.
struct Left {
    outcome: Result<Report, GraphError>,
    /// Counts of the first stage, the failing one, and the one after it.
    books: [Book; 3],
    /// The failing stage's counts, by the ring's ledger, while it ran.
    in_ledger: Option<(u64, u64)>,
    took: Duration,
}

fn run(at: At, by_panic: bool, policy: OnFailure) -> Left {
    let ring = numbers(CAPACITY);
    let books = [Book::default(), Book::default(), Book::default()];
    let [before, failing, after] = books.clone();
    let failures = Arc::new(AtomicU64::new(0));
    let make = {
        let failures = failures.clone();
        move || Failing { at, by_panic, failures: failures.clone(), book: failing.clone(), last: 0 }
    };
    let begun = Instant::now();
    let graph = Topology::over(ring.clone())
        .stage("before")
        .each(move |number, turn| before.enter(turn.sequence().get(), **number))
        .stage("failing")
        .after(["before"])
        .on_failure(policy)
        .batch_limit(10)
        .timeout(Duration::from_millis(5))
        .made_by(make)
        .stage("after")
        .after(["failing"])
        .each(move |number, turn| after.enter(turn.sequence().get(), **number))
        .start()
        .unwrap();
    // A graph that halted gates nobody, and a graph that goes on lets the publisher on: it never hangs.
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    (0..EVENTS).for_each(|number| _ = publisher.send_timeout(&number, LONG).unwrap());
    let mut in_ledger = None;
    while graph.is_running() && graph.status().stages[1].finished.get() < EVENTS {
        thread::yield_now();
    }
    if at == At::Timeout {
        let begun = Instant::now();
        while failures.load(Relaxed) == 0 {
            assert!(begun.elapsed() < LONG, "no timeout");
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(20));
    }
    if let Some(status) = Ledger::of(&ring).readers().find(|reader| reader.name.as_str() == "failing") {
        in_ledger = Some((status.failed, status.restarts));
        assert!(status.failed <= status.received);
    }
    let outcome = graph.drain(LONG);
    Left { outcome, books, in_ledger, took: begun.elapsed() }
}

#[test]
fn every_failure_meets_its_policy_and_nothing_hangs() {
    for by_panic in [false, true] {
        for at in [At::Start, At::BatchStart, At::Event, At::BatchEnd, At::Timeout, At::Shutdown] {
            for policy in [OnFailure::Halt, OnFailure::Skip, OnFailure::Restart] {
                let Left { outcome, books: [before, failing, after], in_ledger, took } = run(at, by_panic, policy);
                println!("{at:?}, by {}, {policy:?}, in {took:?}:", if by_panic { "panic" } else { "error" });
                let text = outcome
                    .as_ref()
                    .map_or_else(|error| format!("{error}\n{}", error.report()), |report| report.to_string());
                println!("{text}\n");
                let halts = policy == OnFailure::Halt || matches!(at, At::Start | At::Shutdown);
                if !halts {
                    let report = outcome.unwrap();
                    let stage = report.stage("failing").unwrap();
                    let at_an_event = u64::from(at != At::Timeout);
                    let restarts = u64::from(policy == OnFailure::Restart);
                    assert_eq!((stage.processed, stage.failed, stage.restarts), (EVENTS, at_an_event, restarts));
                    assert_eq!(in_ledger, Some((at_an_event, restarts)), "what happened is in the ledger");
                    assert_eq!((before.count(), after.count()), (EVENTS, EVENTS));
                    assert_eq!(failing.count(), EVENTS, "each event was given to a handler");
                    continue;
                }
                let Err(GraphError::Failed { failure, report }) = outcome else { panic!("it should have failed") };
                assert_eq!(failure.stage, "failing");
                match failure.cause {
                    Cause::Panic(ref message) => assert!(by_panic && message == &format!("by panic at {at:?}")),
                    Cause::Error(ref error) => assert!(!by_panic && error.to_string() == format!("by error at {at:?}")),
                    _ => panic!("{failure}"),
                }
                assert_eq!(report.stage("failing").unwrap().end, StageEnd::Failed);
                let sequence = failure.sequence.map(Sequence::get);
                match at {
                    At::Event => assert_eq!(sequence, Some(BAD)),
                    At::BatchStart | At::BatchEnd => assert!(sequence.is_some_and(|at| (BAD..BAD + 10).contains(&at))),
                    _ => assert_eq!(sequence, None),
                }
                // What was not finished goes no further.
                assert!(after.next() <= failing.next());
                if at == At::Event {
                    assert!(after.next() <= BAD, "the failing batch was not finished");
                }
            }
        }
    }
}

#[test]
fn a_handler_that_fails_at_every_event_is_made_anew_at_every_event() {
    let ring = numbers(CAPACITY);
    let made = Arc::new(AtomicU64::new(0));
    let count = made.clone();
    let graph = Topology::over(ring.clone())
        .stage("hopeless")
        .on_failure(OnFailure::Restart)
        .made_by(move || {
            count.fetch_add(1, Relaxed);
            rusted_ring::topology::each(|_, _| Err("no".into()))
        })
        .start()
        .unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..EVENTS).for_each(|number| _ = publisher.send_timeout(&number, LONG).unwrap());
    let report = graph.drain(LONG).unwrap();
    let stage = report.stage("hopeless").unwrap();
    assert_eq!((stage.processed, stage.failed, stage.restarts), (EVENTS, EVENTS, EVENTS));
    assert_eq!(made.load(Relaxed), EVENTS + 1);
}

#[test]
fn a_handler_that_always_fails_and_is_passed_over_halts_at_once_all_the_same() {
    let ring = numbers(1024);
    let graph = Topology::over(ring.clone())
        .stage("hopeless")
        .on_failure(OnFailure::Skip)
        .each(|_, _| {
            thread::sleep(Duration::from_millis(5));
            Err("no".into())
        })
        .start()
        .unwrap();
    SolePublisher::join(ring).unwrap().send_batch(&[0; 250]);
    thread::sleep(Duration::from_millis(50));
    let report = graph.halt().unwrap();
    assert!(report.stage("hopeless").unwrap().processed < 200, "{report}");
}

#[test]
fn what_a_stage_was_passed_over_for_is_told_at_its_end() {
    for policy in [OnFailure::Skip, OnFailure::Restart] {
        let ring = numbers(CAPACITY);
        let fail = |number: &BatchEvent<'_, Typed<u64>>| match **number {
            1 => Err(format!("bad number {}", **number).into()),
            2 => panic!("no {}", **number),
            _ => Ok(()),
        };
        let graph = Topology::over(ring.clone())
            .stage("strict")
            .on_failure(policy)
            .made_by(move || rusted_ring::topology::each(move |number, _| fail(number)))
            .start()
            .unwrap();
        SolePublisher::join(ring).unwrap().send_batch(&[0, 1, 2, 3]);
        let report = graph.drain(LONG).unwrap();
        let stage = report.stage("strict").unwrap();
        assert_eq!((stage.end, stage.processed, stage.failed), (StageEnd::Drained, 4, 2));
        assert_eq!(stage.failure.as_deref(), Some("at event 2: panicked: no 2"), "{policy:?}");
        assert!(report.to_string().ends_with("Drained, and failed last at event 2: panicked: no 2"), "{report}");
    }
}

#[test]
fn a_failure_reaches_a_stage_that_its_user_polls() {
    let ring = numbers(CAPACITY);
    let graph = Topology::over(ring.clone())
        .stage("failing")
        .each(|number, _| if **number == 3 { Err("three".into()) } else { Ok(()) })
        .stage("gui")
        .after(["failing"])
        .polled()
        .start()
        .unwrap();
    let mut gui = graph.polled("gui").unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..2).for_each(|number| _ = publisher.send(&number));
    for number in 0..2 {
        assert_eq!(*gui.recv().unwrap(), number);
    }
    publisher.send(&3);
    assert!(gui.recv().is_err(), "the failing event was not finished, and nothing after it will be");
    let error = graph.join().unwrap_err();
    assert_eq!(error.to_string(), "stage \"failing\" failed at event 2: three");
}
