//! Batches are told as they begin, and a graph that is asked for them handles its events in the same ones again.

use std::{
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    Bytes, ClosePolicy, HeapRing, HeapTypedRing, Publisher, RingRef, Sequence, SharedRing, Sole, SolePublisher, Typed,
    consumer::BatchEvent,
    ledger::Ledger,
    topology::{
        BatchStart, BuildError, Graph, GraphError, Handler, HandlerError, OnFailure, StageBatch, Topology, Turn,
    },
};

use super::{LONG, Numbers, numbers};

/// What happened, in the order in which it happened to one handler.
type Log<T> = Arc<Mutex<Vec<T>>>;

fn take<T>(log: &Log<T>) -> Vec<T> {
    std::mem::take(&mut *log.lock().unwrap())
}

fn batch(stage: &str, worker: usize, from: u64, to: u64) -> StageBatch {
    StageBatch::new(stage, worker, Sequence::new(from), Sequence::new(to))
}

/// What a handler was called with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    Made,
    Start(usize),
    Event(u64, bool),
    End,
}

/// Logs its calls, and fails at some events.
struct Logging {
    log: Log<Call>,
    fails: fn(u64) -> bool,
    pause: fn(u64) -> Duration,
}

impl Handler<Typed<u64>> for Logging {
    fn start(&mut self) -> Result<(), HandlerError> {
        self.log.lock().unwrap().push(Call::Made);
        Ok(())
    }

    fn batch_start(&mut self, batch: &BatchStart<'_>) -> Result<(), HandlerError> {
        self.log.lock().unwrap().push(Call::Start(batch.size()));
        Ok(())
    }

    fn event(&mut self, event: &BatchEvent<'_, Typed<u64>>, turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        self.log.lock().unwrap().push(Call::Event(**event, turn.is_last()));
        thread::sleep((self.pause)(**event));
        if (self.fails)(**event) { Err("so it should".into()) } else { Ok(()) }
    }

    fn batch_end(&mut self) -> Result<(), HandlerError> {
        self.log.lock().unwrap().push(Call::End);
        Ok(())
    }
}

/// The calls of one run: of a first stage, of the three workers after it, and of a last stage that is made anew at times.
#[derive(Default)]
struct Run {
    logs: [Log<Call>; 5],
    batches: Log<StageBatch>,
}

const WORKERS: usize = 3;

impl Run {
    fn of(&self, ring: &Numbers, asked: &[StageBatch], pause: fn(u64) -> Duration) -> Graph<Numbers> {
        let told = Arc::clone(&self.batches);
        let logging = |log: &Log<Call>, fails| Logging { log: Arc::clone(log), fails, pause };
        let [first, workers @ .., last] = self.logs.clone();
        Topology::over(ring.clone())
            .on_batch(move |batch| told.lock().unwrap().push(batch))
            .in_batches(asked.iter().copied())
            .stage("first")
            .handler(logging(&first, |_| false))
            .stage("workers")
            .after(["first"])
            .batch_limit(3)
            .workers(WORKERS, move |number| Logging { log: Arc::clone(&workers[number]), fails: |_| false, pause })
            .stage("last")
            .after(["workers"])
            .on_failure(OnFailure::Restart)
            .made_by(move || Logging { log: Arc::clone(&last), fails: |number| number % 17 == 5, pause })
            .start()
            .unwrap()
    }
}

#[test]
fn a_graph_that_is_asked_for_the_batches_of_an_earlier_run_calls_its_handlers_as_that_run_did() {
    const EVENTS: u64 = 400;
    let publish = |ring: Numbers, pause: fn(u64) -> Duration| {
        let mut publisher = SolePublisher::join(ring).unwrap();
        for number in 0..EVENTS {
            publisher.send(&number);
            thread::sleep(pause(number));
        }
    };
    // In the first run now the publisher is slow, and now the handlers are.
    let first = Run::default();
    let ring = Numbers::sole(16);
    let graph = first.of(&ring, &[], |number| Duration::from_micros(if number % 5 == 0 { 300 } else { 0 }));
    publish(ring, |number| Duration::from_micros(if number % 40 < 20 { 200 } else { 0 }));
    graph.join().unwrap();
    let (told, calls) = (take(&first.batches), first.logs.each_ref().map(take));
    assert!(told.iter().any(|batch| batch.to().get() - batch.from().get() > 1), "batches of several are part of this");

    for pause in [|_| Duration::ZERO, |number| Duration::from_micros(number % 7 * 50)] {
        let again = Run::default();
        let ring = Numbers::sole(16);
        let graph = again.of(&ring, &told, |_| Duration::ZERO);
        publish(ring, pause);
        graph.join().unwrap();
        assert_eq!(StageBatch::differences(told.iter().copied(), take(&again.batches)), []);
        assert_eq!(again.logs.each_ref().map(take), calls);
    }
}

/// Runs a graph of one stage in batches that are asked for, while `publish` publishes, and returns the batches that it was given.
fn given<R>(ring: R, asked: &[(u64, u64)], publish: impl FnOnce(R)) -> Vec<(u64, u64)>
where
    R: RingRef + Clone + Send + Sync + 'static,
{
    let told = Log::default();
    let log = Arc::clone(&told);
    let graph = Topology::over(ring.clone())
        .on_batch(move |batch| log.lock().unwrap().push((batch.from().get(), batch.to().get())))
        .in_batches(asked.iter().map(|&(from, to)| batch("stage", 0, from, to)))
        .stage("stage")
        .each(|_, _| ())
        .start()
        .unwrap();
    publish(ring);
    graph.drain(LONG).unwrap();
    take(&told)
}

fn send(ring: Numbers, count: u64) {
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..count).for_each(|number| _ = publisher.send(&number));
}

#[test]
fn a_batch_may_be_as_long_as_the_ring_and_begin_anywhere() {
    let asked = [(3, 67), (67, 131), (140, 204)];
    let given = given(numbers(64), &asked, |ring| send(ring, 204));
    assert!(given.iter().zip(&given[1..]).all(|(one, next)| one.1 == next.0), "{given:?}");
    // Without a batch known for it, an event is in one that ends where the next begins, if not before.
    let (known, between): (Vec<_>, Vec<_>) = given.into_iter().partition(|batch| asked.contains(batch));
    assert_eq!(known, asked);
    assert!(between.iter().all(|&(from, to)| to <= 3 || 131 <= from && to <= 140), "{between:?}");
}

#[test]
fn where_no_batch_is_known_a_stage_waits_for_nothing_that_the_ring_cannot_hold() {
    let ring = numbers(8);
    let done = std::sync::mpsc::channel();
    let graph = Topology::over(ring.clone())
        .in_batches([batch("stage", 0, 20, 22)])
        .stage("stage")
        .each(|_, _| ())
        .start()
        .unwrap();
    thread::spawn(move || {
        send(ring, 22);
        done.0.send(())
    });
    assert_eq!(done.1.recv_timeout(LONG), Ok(()), "the publisher waits for a stage that waits for it");
    assert_eq!(graph.drain(LONG).unwrap().stage("stage").unwrap().processed, 22);
}

#[test]
fn a_stage_of_whose_batches_some_are_not_known_holds_up_none_before_it() {
    let ring = numbers(8);
    let done = std::sync::mpsc::channel();
    let known = |(stage, from, to)| batch(stage, 0, from, to);
    // "after" is at 6 when "before" waits for all up to 16, of which the ring has those below 14.
    let graph = Topology::over(ring.clone())
        .in_batches([("before", 0, 8), ("before", 8, 16), ("after", 0, 6), ("after", 12, 16)].map(known))
        .stage("before")
        .each(|_, _| ())
        .stage("after")
        .after(["before"])
        .each(|_, _| ())
        .start()
        .unwrap();
    thread::spawn(move || {
        send(ring, 16);
        done.0.send(())
    });
    assert_eq!(done.1.recv_timeout(LONG), Ok(()), "the publisher waits for a stage that waits for it");
    assert_eq!(graph.drain(LONG).unwrap().stage("after").unwrap().processed, 16);
}

#[test]
fn a_stage_that_waits_for_a_batch_as_long_as_the_ring_lets_its_publisher_go_on() {
    let ring = numbers(64);
    let seen = ring.clone();
    let graph = Topology::over(ring.clone())
        .in_batches([batch("stage", 0, 0, 3), batch("stage", 0, 3, 67)])
        .stage("stage")
        .each(move |number, _| {
            // The publisher stands behind the full ring when the first batch is finished.
            while **number == 2 && Ledger::of(&seen).claimed() < Sequence::new(64) {
                thread::yield_now();
            }
        })
        .start()
        .unwrap();
    send(ring, 67);
    assert_eq!(graph.drain(LONG).unwrap().stage("stage").unwrap().processed, 67);
}

#[test]
fn a_batch_ends_where_the_ring_or_the_drain_does() {
    assert_eq!(given(Numbers::sole(8), &[(0, 2), (2, 8)], |ring| send(ring, 5)), [(0, 2), (2, 5)], "it is closed");
    assert_eq!(given(numbers(8), &[(0, 2), (2, 8)], |ring| send(ring, 5)), [(0, 2), (2, 5)], "it stays open");
}

#[test]
fn a_batch_ends_before_a_sequence_without_an_event() {
    let given = given(HeapRing::<8>::new(8), &[(0, 5), (5, 8)], |ring| {
        let publisher = Publisher::join(ring).unwrap();
        publisher.publish(b"0", 0).unwrap();
        drop(publisher.claim());
        (2..6).for_each(|_| _ = publisher.publish(b"2 to 5", 0).unwrap());
    });
    assert_eq!(given, [(0, 1), (2, 5), (5, 6)]);
}

#[test]
fn a_long_event_is_a_batch_of_its_own_and_ends_the_one_before() {
    type Long = SharedRing<Bytes<64, 8>, Sole>;
    let publish = |ring: Long| {
        let mut publisher = SolePublisher::join(ring).unwrap();
        publisher.publish(b"a", 0).unwrap();
        publisher.publish(&[7; 20], 0).unwrap();
        publisher.publish(b"b", 0).unwrap();
    };
    assert_eq!(given(Long::sole(32), &[(0, 1), (1, 4), (4, 5)], publish), [(0, 1), (1, 4), (4, 5)]);
    assert_eq!(given(Long::sole(32), &[(0, 5)], publish), [(0, 1), (1, 4), (4, 5)]);
}

#[test]
fn a_batch_of_a_worker_that_there_is_no_more_is_taken_by_any() {
    let told = Log::default();
    let (log, ring) = (Arc::clone(&told), numbers(8));
    let graph = Topology::over(ring.clone())
        .on_batch(move |batch| log.lock().unwrap().push(batch))
        .in_batches([batch("workers", 1, 0, 3), batch("workers", 7, 3, 5), batch("workers", 0, 5, 6)])
        .stage("workers")
        .workers(2, |_| rusted_ring::topology::each(|_: &BatchEvent<'_, Typed<u64>>, _: &mut Turn<'_>| ()))
        .start()
        .unwrap();
    send(ring, 6);
    graph.drain(LONG).unwrap();
    let mut told = take(&told);
    told.sort_by_key(StageBatch::from);
    let sequences: Vec<_> = told.iter().map(|batch| (batch.from().get(), batch.to().get())).collect();
    assert_eq!(sequences, [(0, 3), (3, 5), (5, 6)]);
    assert_eq!((told[0].worker(), told[2].worker()), (1, 0));
}

#[test]
fn a_stage_that_waits_for_the_rest_of_a_batch_is_halted_at_once() {
    let ring = numbers(8);
    let graph = Topology::over(ring.clone())
        .in_batches([batch("stage", 0, 0, 8)])
        .stage("stage")
        .each(|_, _| -> () { unreachable!("the batch is not whole") })
        .start()
        .unwrap();
    send(ring, 7);
    thread::sleep(Duration::from_millis(20));
    let begun = Instant::now();
    graph.halt().unwrap();
    assert!(begun.elapsed() < LONG);
}

#[test]
fn a_batch_that_is_longer_than_the_ring_is_refused_by_name_also_while_the_graph_runs() {
    let of = |topology: Topology<Numbers>| topology.in_batches([batch("late", 0, 10, 19)]);
    let refused = of(Topology::over(numbers(8))).stage("late").each(|_, _| ()).start();
    assert!(matches!(refused, Err(BuildError::Batch { ref stage, longest: 9, capacity: 8 }) if stage == "late"));
    let graph = of(Topology::over(numbers(8))).stage("other").each(|_, _| ()).start().unwrap();
    let refused = graph.stage("late").each(|_, _| ()).unwrap_err().to_string();
    assert!(refused.contains("\"late\"") && refused.contains("9 events") && refused.contains("holds 8"), "{refused}");
    graph.halt().unwrap();
}

#[test]
fn a_watcher_that_panics_fails_the_stage_before_its_handler_sees_the_batch() {
    let ring = HeapTypedRing::<u64, Sole>::closing(8, ClosePolicy::Never);
    let graph = Topology::over(ring.clone())
        .on_batch(|batch| assert!(batch.from().get() < 1, "not that one"))
        .stage("stage")
        .batch_limit(1)
        .each(|number, _| assert_eq!(**number, 0))
        .start()
        .unwrap();
    send(ring, 2);
    let GraphError::Failed { failure, report } = graph.join().unwrap_err() else { panic!("it has failed") };
    assert_eq!((&*failure.stage, failure.sequence), ("stage", Some(Sequence::new(1))));
    assert!(failure.cause.to_string().contains("not that one"), "{failure}");
    assert_eq!(report.stage("stage").unwrap().processed, 1);
}
