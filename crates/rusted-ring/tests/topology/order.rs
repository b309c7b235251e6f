//! A stage receives an event once those before it have finished it, and sees what they did with it.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use rusted_ring::{
    ClosePolicy, Consumer, HeapRing, HeapTypedRing, Publisher, RingRef, SolePublisher, Start, Typed,
    consumer::TryRecvError,
    ledger::Ledger,
    topology::{Handler, HandlerError, StageEnd, Topology, Turn, traced},
    wait::WaitStrategy,
};

use super::{Book, LONG, Numbers, deadline::Deadline, numbers};

const EVENTS: u64 = if cfg!(debug_assertions) { 20_000 } else { 300_000 };
const CAPACITY: usize = 64;

/// How many stages have finished the event of each slot.
#[derive(Clone)]
struct Column(Arc<[AtomicU64]>);

impl Column {
    fn new() -> Self {
        Column((0..CAPACITY).map(|_| AtomicU64::new(0)).collect())
    }

    /// Enters `stage` of event `sequence`, whose stages before it must be there; the first clears the slot.
    fn enter(&self, sequence: u64, before: u64, stage: u64) {
        let cell = &self.0[sequence as usize % CAPACITY];
        let found = cell.load(Relaxed);
        assert_eq!(found, sequence << 8 | before, "event {sequence} came to stage {stage} unfinished");
        cell.store(sequence << 8 | stage, Relaxed);
    }

    fn begin(&self, sequence: u64) {
        self.0[sequence as usize % CAPACITY].store(sequence << 8 | 1, Relaxed);
    }
}

/// A chain of three behind any ring; each must find the mark of the one before it.
fn chain<R: RingRef<Slot = Typed<u64>> + Send + Sync + 'static>(
    ring: R,
    strategy: WaitStrategy,
    publish: impl FnOnce(R),
) {
    let column = Column::new();
    let [first, second, third] = [0, 1, 2].map(|_| column.clone());
    let book = Book::default();
    let entries = book.clone();
    let graph = Topology::over(ring.clone())
        .stage("third")
        .after(["second"])
        .waiting(strategy)
        .each(move |number, turn| {
            third.enter(turn.sequence().get(), 2, 3);
            entries.enter_past_holes(turn.sequence().get(), **number);
        })
        .stage("first")
        .waiting(strategy)
        .each(move |_, turn| first.begin(turn.sequence().get()))
        .stage("second")
        .after(["first"])
        .waiting(strategy)
        .batch_limit(7)
        .each(move |_, turn| second.enter(turn.sequence().get(), 1, 2))
        .start()
        .unwrap();
    publish(ring);
    let report = graph.drain(LONG).unwrap();
    assert!(report.stages.iter().all(|stage| stage.processed == EVENTS && stage.failed == 0), "{report}");
    assert_eq!((book.count(), book.sum()), (EVENTS, EVENTS * (EVENTS - 1) / 2));
}

#[test]
fn a_chain_behind_one_publisher() {
    for strategy in [WaitStrategy::Park, WaitStrategy::Yield, WaitStrategy::Backoff] {
        chain(numbers(CAPACITY), strategy, |ring| {
            let mut publisher = SolePublisher::join(ring).unwrap();
            (0..EVENTS).for_each(|number| _ = publisher.send(&number));
        });
    }
}

#[test]
fn a_chain_behind_two_publishers() {
    chain(HeapTypedRing::<u64>::closing(CAPACITY, ClosePolicy::Never), WaitStrategy::Park, |ring| {
        let publishers = [0, 1].map(|parity| (Publisher::join(ring.clone()).unwrap(), parity));
        thread::scope(|scope| {
            for (publisher, parity) in publishers {
                scope.spawn(move || (0..EVENTS / 2).for_each(|half| _ = publisher.send(&(2 * half + parity))));
            }
        });
    });
}

#[test]
fn branches_are_joined_and_one_stays_out_of_band() {
    let ring = numbers(CAPACITY);
    let (left, right) = (Column::new(), Column::new());
    let (from_left, from_right) = (left.clone(), right.clone());
    let (joined, aside) = (Book::default(), Book::default());
    let (join, beside) = (joined.clone(), aside.clone());
    let graph = Topology::over(ring.clone())
        .stage("left")
        .each(move |_, turn| left.begin(turn.sequence().get()))
        .stage("right")
        .each(move |_, turn| right.begin(turn.sequence().get()))
        .stage("join")
        .after(["left", "right"])
        .each(move |number, turn| {
            from_left.enter(turn.sequence().get(), 1, 2);
            from_right.enter(turn.sequence().get(), 1, 2);
            join.enter(turn.sequence().get(), **number);
        })
        .stage("aside")
        .each(move |number, turn| beside.enter(turn.sequence().get(), **number))
        .start()
        .unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..EVENTS).for_each(|number| _ = publisher.send(&number));
    graph.drain(LONG).unwrap();
    assert_eq!((joined.count(), aside.count()), (EVENTS, EVENTS));
    assert_eq!((joined.sum(), aside.sum()), (EVENTS * (EVENTS - 1) / 2, EVENTS * (EVENTS - 1) / 2));
}

#[test]
fn polled_stages_and_threads_follow_each_other() {
    let ring = Numbers::sole(CAPACITY);
    let column = Column::new();
    let [first, second, third] = [0, 1, 2].map(|_| column.clone());
    let graph = Topology::over(ring.clone())
        .stage("first")
        .each(move |_, turn| first.begin(turn.sequence().get()))
        .stage("second")
        .after(["first"])
        .polled()
        .stage("third")
        .after(["second"])
        .each(move |_, turn| third.enter(turn.sequence().get(), 2, 3))
        .start()
        .unwrap();
    let mut polled = graph.polled("second").unwrap();
    let polling = thread::spawn(move || {
        // Now one at a time, now in batches.
        loop {
            let Ok(event) = polled.recv() else { break };
            second.enter(event.sequence().get(), 1, 2);
            drop(event);
            let Ok(batch) = polled.try_batch() else { continue };
            batch.iter().for_each(|event| second.enter(event.sequence().get(), 1, 2));
        }
        polled.received()
    });
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..EVENTS).for_each(|number| _ = publisher.send(&number));
    drop(publisher);
    let report = graph.join().unwrap();
    assert_eq!(report.stage("third").unwrap().processed, EVENTS);
    assert_eq!(polling.join().unwrap(), EVENTS);
}

/// Releases its first event early, and then waits to be let on.
struct Holding {
    released: Arc<AtomicBool>,
    go_on: Arc<Barrier>,
}

impl Handler<Typed<u64>> for Holding {
    fn event(
        &mut self,
        event: &rusted_ring::consumer::BatchEvent<'_, Typed<u64>>,
        turn: &mut Turn<'_>,
    ) -> Result<(), HandlerError> {
        match **event {
            0 => turn.release(),
            1 => {
                assert!(!turn.is_last());
                self.released.store(true, Relaxed);
                self.go_on.wait();
            }
            _ => assert!(turn.is_last()),
        }
        Ok(())
    }
}

#[test]
fn what_is_released_early_goes_on_before_the_batch_ends() {
    let ring = numbers(CAPACITY);
    let (released, go_on) = (Arc::new(AtomicBool::new(false)), Arc::new(Barrier::new(2)));
    let holding = Holding { released: released.clone(), go_on: go_on.clone() };
    // Published before the stage begins, so that it takes all three as one batch.
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    publisher.send_batch(&[0, 1, 2]);
    let graph = Topology::over(ring)
        .starting_at(Start::Oldest)
        .stage("holding")
        .handler(holding)
        .stage("after")
        .after(["holding"])
        .polled()
        .start()
        .unwrap();
    let mut after = graph.polled("after").unwrap();
    Deadline::new().wait_until("the early release", || released.load(Relaxed));
    assert_eq!(*after.recv().unwrap(), 0);
    assert_eq!(after.try_recv().unwrap_err(), TryRecvError::Empty);
    go_on.wait();
    assert_eq!(*after.recv().unwrap(), 1);
    assert_eq!(*after.recv().unwrap(), 2);
    graph.drain(LONG).unwrap();
}

#[test]
fn a_stage_publishes_into_another_ring_and_keeps_the_source() {
    let (raw, enriched) = (HeapRing::<256>::new(32), HeapRing::<1024>::new(16));
    let mut sink = Consumer::join(enriched.clone(), Start::Newest).unwrap();
    let out = Publisher::join(enriched).unwrap();
    let graph = Topology::over(raw.clone())
        .stage("enrich")
        .transform(out, |event, out| {
            out.extend_from_slice(event);
            out.extend_from_slice(event);
            // Every third event makes nothing.
            Ok((event.sequence().get() % 3 != 0).then_some(event.event_type() + 1))
        })
        .start()
        .unwrap();
    let receiving = thread::spawn(move || {
        let mut sources = Vec::new();
        while let Ok(event) = sink.recv() {
            let (source, made) = traced(&event).unwrap();
            assert_eq!((made, event.event_type()), (&[source.get() as u8; 200][..], 8));
            sources.push(source.get());
        }
        sources
    });
    let publisher = Publisher::join(raw).unwrap();
    (0..3000u64).for_each(|number| _ = publisher.publish(&[number as u8; 100], 7).unwrap());
    drop(publisher);
    // The stage ends with its ring, and its own publisher, which closes the second ring, with the stage.
    let report = graph.join().unwrap();
    assert_eq!(report.stage("enrich").unwrap().processed, 3000);
    assert_eq!(receiving.join().unwrap(), (0..3000).filter(|number| number % 3 != 0).collect::<Vec<u64>>());
    assert_eq!(traced(b"short"), None);
}

#[test]
fn a_stage_waits_for_room_in_the_other_ring_and_is_halted_while_it_waits() {
    let (from, into) =
        (HeapRing::<64>::closing(16, ClosePolicy::Never), HeapRing::<64>::closing(1, ClosePolicy::Never));
    let mut sink = Consumer::join(into.clone(), Start::Newest).unwrap();
    let out = Publisher::join(into.clone()).unwrap();
    let graph = Topology::over(from.clone()).stage("feed").transform(out, |_, _| Ok(Some(1))).start().unwrap();
    let publisher = Publisher::join(from).unwrap();
    (0..5).for_each(|_| _ = publisher.publish(b"event", 7).unwrap());
    // Several times as long as it waits before it looks whether it is to end. A publisher that is held up leaves holes, too.
    Deadline::new().wait_until("the first", || Ledger::of(&into).claimed().get() >= 1);
    thread::sleep(Duration::from_millis(60));
    assert!(graph.is_running());
    for source in 0..2 {
        let event = sink.recv_timeout(LONG).unwrap();
        assert_eq!(traced(&event).map(|(source, _)| source.get()), Some(source));
    }
    Deadline::new().wait_until("the third", || Ledger::of(&into).claimed().get() >= 3);
    thread::sleep(Duration::from_millis(100));
    let report = graph.halt().unwrap();
    let feed = report.stage("feed").unwrap();
    assert_eq!((feed.end, feed.processed), (StageEnd::Halted, 3), "the fourth found no room");
}
