//! Wakers that panic, and that ask the graph whose threads call them: no stage is to blame, and nobody is kept waiting.

use std::{
    error::Error,
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc, Mutex, Weak,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Acquire, Release},
        },
    },
    task::{Context, Wake, Waker},
    thread::{self, ThreadId},
};

use rusted_ring::{
    ClosePolicy, HeapRing, Publisher, Sole, SolePublisher, Start, Subscriber,
    topology::{Graph, HandlerError, StageEnd, Topology, each, traced},
};

use super::{LONG, Numbers, block_on::block_on, deadline::Deadline, foreign::within_patience, numbers};

/// A waker that asks its graph, and then panics.
struct Bad {
    graph: Weak<Graph<Numbers>>,
    by: Mutex<Option<ThreadId>>,
    woken: AtomicU64,
}

impl Bad {
    fn of(graph: &Arc<Graph<Numbers>>) -> Arc<Self> {
        Arc::new(Bad { graph: Arc::downgrade(graph), by: Mutex::default(), woken: AtomicU64::new(0) })
    }
}

impl Wake for Bad {
    fn wake(self: Arc<Self>) {
        *self.by.lock().unwrap() = Some(thread::current().id());
        if let Some(graph) = self.graph.upgrade() {
            _ = graph.status();
        }
        self.woken.fetch_add(1, Release);
        panic!("a waker");
    }
}

#[test]
fn a_stage_is_not_blamed_for_the_waker_of_whoever_comes_after() {
    let ring = numbers(16);
    let graph = Arc::new(
        Topology::over(ring.clone())
            .stage("first")
            .each(|_, _| ())
            .stage("polled")
            .after(["first"])
            .polled()
            .start()
            .unwrap(),
    );
    let mut polled = graph.polled("polled").unwrap().into_async();
    let mut publisher = SolePublisher::join(ring).unwrap();
    for number in 0..20 {
        let bad = Bad::of(&graph);
        {
            let mut receiving = pin!(polled.recv());
            assert!(receiving.as_mut().poll(&mut Context::from_waker(&Waker::from(bad.clone()))).is_pending());
            publisher.send(&number);
            Deadline::new().wait_until("the waking", || bad.woken.load(Acquire) > 0);
        }
        assert_eq!(bad.woken.load(Acquire), 1);
        let received = block_on(async { *polled.recv().await.unwrap() });
        assert_eq!(received, number);
    }
    assert!(graph.is_running(), "the stage was not to blame");
    drop(polled);
    let report = alone(graph).drain(LONG).unwrap();
    assert_eq!(report.stage("first").map(|stage| (stage.processed, stage.end)), Some((20, StageEnd::Drained)));
}

/// The graph, once no waker holds it.
fn alone(graph: Arc<Graph<Numbers>>) -> Graph<Numbers> {
    Deadline::new().wait_until("the wakers", || Arc::strong_count(&graph) == 1);
    Arc::into_inner(graph).expect("nobody else holds it")
}

fn caught<T>(call: impl FnOnce() -> T) -> thread::Result<T> {
    catch_unwind(AssertUnwindSafe(call))
}

/// Ends a graph; returns whether that panicked.
type End = fn(Arc<Graph<Numbers>>, &mut SolePublisher<Numbers>) -> bool;

#[test]
fn a_graph_ends_behind_a_waker_that_panics_and_asks() {
    // Ended by a failure on a stage's thread, by its user's removal, halted and drained.
    let ends: [End; 4] = [
        |graph, publisher| {
            publisher.send(&9);
            let error = alone(graph).join().unwrap_err();
            assert_eq!(error.to_string(), "stage \"first\" failed at event 0: nine");
            false
        },
        |graph, _| {
            let removed = caught(|| graph.remove("first"));
            assert!(graph.status().stages.iter().all(|stage| stage.name != "first"), "it is removed all the same");
            removed.is_err()
        },
        |graph, _| caught(|| alone(graph).halt()).is_err(),
        |graph, _| caught(|| alone(graph).drain(LONG)).is_err(),
    ];
    for end in ends {
        within_patience(move || {
            let ring = numbers(16);
            let graph = Topology::over(ring.clone())
                .stage("first")
                .each(|number, _| if **number == 9 { Err("nine".into()) } else { Ok(()) })
                .stage("polled")
                .after(["first"])
                .polled()
                .start()
                .unwrap();
            let graph = Arc::new(graph);
            let mut polled = graph.polled("polled").unwrap().into_async();
            let mut receiving = Box::pin(polled.recv());
            let bad = Bad::of(&graph);
            assert!(receiving.as_mut().poll(&mut Context::from_waker(&Waker::from(bad.clone()))).is_pending());
            let panicked = end(graph, &mut SolePublisher::join(ring.clone()).unwrap());
            Deadline::new().wait_until("the waking", || bad.woken.load(Acquire) > 0);
            // By this thread, or by a stage's, which has nobody to tell.
            let by_this = *bad.by.lock().unwrap() == Some(thread::current().id());
            assert_eq!(panicked, by_this, "a panic is passed on to whoever has called");
            drop(receiving);
            drop(polled);
            // All threads have ended, and hold up nobody.
            let mut publisher = SolePublisher::join(ring).unwrap();
            (0..100).for_each(|number| _ = publisher.try_send(&number).unwrap());
        });
    }
}

#[test]
fn a_stage_is_not_blamed_for_the_waker_of_whoever_reads_what_it_publishes() {
    let (ring, other) = (numbers(16), HeapRing::<64, Sole>::closing(16, ClosePolicy::Never));
    let mut reader = Subscriber::join(other.clone(), Start::Newest).into_async();
    let graph = Topology::over(ring.clone())
        .stage("transforms")
        .transform(SolePublisher::join(other).unwrap(), |_, _| Ok(Some(1)))
        .start()
        .unwrap();
    let graph = Arc::new(graph);
    let mut publisher = SolePublisher::join(ring).unwrap();
    for number in 0..20 {
        let bad = Bad::of(&graph);
        {
            let mut receiving = pin!(reader.recv());
            assert!(receiving.as_mut().poll(&mut Context::from_waker(&Waker::from(bad.clone()))).is_pending());
            publisher.send(&number);
            Deadline::new().wait_until("the waking", || bad.woken.load(Acquire) > 0);
        }
        let event = block_on(reader.recv()).unwrap();
        assert_eq!(traced(event.bytes()).map(|(source, _)| source.get()), Some(number));
    }
    let report = alone(graph).drain(LONG).unwrap();
    let stage = report.stage("transforms").unwrap();
    assert_eq!((stage.processed, stage.end), (20, StageEnd::Drained));
}

#[test]
fn a_stage_is_not_blamed_for_a_waker_when_it_goes_past_a_hole() {
    let ring = HeapRing::<64>::closing(16, ClosePolicy::Never);
    let graph = Topology::over(ring.clone())
        .stage("first")
        .each(|_, _| ())
        .stage("polled")
        .after(["first"])
        .polled()
        .start()
        .unwrap();
    let mut polled = graph.polled("polled").unwrap().into_async();
    let publisher = Publisher::join(ring).unwrap();
    for number in 0..20u8 {
        let bad = Arc::new(Bad { graph: Weak::new(), by: Mutex::default(), woken: AtomicU64::new(0) });
        {
            let mut receiving = pin!(polled.recv());
            assert!(receiving.as_mut().poll(&mut Context::from_waker(&Waker::from(bad.clone()))).is_pending());
            drop(publisher.claim());
            Deadline::new().wait_until("the waking", || bad.woken.load(Acquire) > 0);
        }
        publisher.publish(&[number], 0).unwrap();
        assert_eq!(&*block_on(polled.recv()).unwrap(), &[number]);
    }
    drop(polled);
    let report = graph.drain(LONG).unwrap();
    let first = report.stage("first").unwrap();
    assert_eq!((first.processed, first.end), (20, StageEnd::Drained));
}

#[test]
fn a_transformed_event_is_out_though_a_waker_panics_before_it_is() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a waker");
        }
    }
    let ring = numbers(16);
    let target = HeapRing::<64>::closing(4, ClosePolicy::Never);
    let publisher = Publisher::join(target.clone()).unwrap();
    // The event after 3 passes an owner that stopped at 0, which wakes the sleepers there.
    std::mem::forget(publisher.try_claim().unwrap());
    (0..3).for_each(|_| _ = publisher.publish(b"before", 0).unwrap());
    let mut reader = Subscriber::join(target.clone(), Start::Newest);
    let mut sleeper = Subscriber::join(target, Start::Newest).into_async();
    let mut asleep = pin!(sleeper.recv());
    assert!(asleep.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::new(Panics)))).is_pending());

    let graph = Topology::over(ring.clone())
        .stage("transform")
        .transform(publisher, |number, out| {
            out.extend_from_slice(&number.to_le_bytes());
            Ok(Some(7))
        })
        .start()
        .unwrap();
    SolePublisher::join(ring).unwrap().send(&77);
    let report = graph.drain(LONG).unwrap();
    assert_eq!(report.stage("transform").map(|stage| (stage.processed, stage.failed)), Some((1, 0)));
    let event = reader.try_recv().unwrap();
    assert_eq!(traced(event.bytes()).map(|(_, made)| made), Some(&77u64.to_le_bytes()[..]));
}

/// An error that panics whenever it is dropped.
#[derive(Debug)]
struct Undroppable;

impl Drop for Undroppable {
    fn drop(&mut self) {
        panic!("an error's drop");
    }
}

impl fmt::Display for Undroppable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot be dropped")
    }
}

impl Error for Undroppable {}

#[test]
fn a_graph_that_is_dropped_with_all_that_nobody_took_passes_on_the_first_panic_alone() {
    let ring = numbers(2);
    let graph = Topology::over(ring.clone())
        .stage("fails")
        .each(|_, _| Err(HandlerError::from(Undroppable)))
        .stage("never taken")
        .polled()
        .start()
        .unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap().into_async();
    (0..2).for_each(|number| _ = publisher.try_send(&number).unwrap());
    Deadline::new().wait_until("the failure", || !graph.is_running());
    // Behind the stage that nobody took, which wakes it when it is dropped; the failure, which nobody was told of, is dropped next.
    let bad = Arc::new(Bad { graph: Weak::new(), by: Mutex::default(), woken: AtomicU64::new(0) });
    let mut sending = pin!(publisher.send(&2));
    assert!(sending.as_mut().poll(&mut Context::from_waker(&Waker::from(bad.clone()))).is_pending());
    let panic = caught(|| drop(graph)).unwrap_err();
    assert_eq!((panic.downcast_ref::<&str>(), bad.woken.load(Acquire)), (Some(&"a waker"), 1));
    block_on(sending); // nobody holds the publisher
}

/// A waker that is seen to be woken.
#[derive(Default)]
struct Seen(AtomicBool);

impl Wake for Seen {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Release);
    }
}

#[test]
fn a_drain_handles_nothing_beyond_its_end_though_a_hole_lies_before_it() {
    for workers in [1, 2] {
        let ring = HeapRing::<64>::closing(16, ClosePolicy::Never);
        let graph = Topology::over(ring.clone()).stage("work").workers(workers, |_| each(|_, _| ())).start().unwrap();
        let publisher = Publisher::join(ring.clone()).unwrap();
        publisher.publish(b"first", 0).unwrap();
        let stopped = publisher.claim();
        Deadline::new().wait_until("the first", || graph.status().stages[0].finished.get() == 1);
        // Asleep behind what is claimed, it is woken by the drain, whose end is set by then.
        let mut reader = Subscriber::join(ring, Start::Newest).into_async();
        let seen = Arc::<Seen>::default();
        let mut receiving = pin!(reader.recv());
        assert!(receiving.as_mut().poll(&mut Context::from_waker(&Waker::from(seen.clone()))).is_pending());
        let draining = thread::spawn(move || graph.drain(LONG));
        Deadline::new().wait_until("the drain", || seen.0.load(Acquire));
        // The stage gives up on the stopped owner, because others have gone on.
        publisher.publish(b"beyond", 0).unwrap();
        let report = draining.join().unwrap().unwrap();
        let work = report.stage("work").unwrap();
        assert_eq!((work.processed, work.end), (1, StageEnd::Drained), "by {workers}");
        assert!(stopped.publish(0).is_err(), "it was given up");
    }
}
