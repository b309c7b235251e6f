//! Foreign code that panics where nobody expects it: destructors of errors, of panics' payloads, of handlers; wakers. A graph goes on,
//! or ends, as its policies say, and whoever waits for it is told.

use std::{
    error::Error,
    fmt,
    panic::{self, AssertUnwindSafe, panic_any},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use rusted_ring::{
    Start, Typed,
    consumer::{BatchEvent, Consumer},
    topology::{Cause, Graph, GraphError, Handler, HandlerError, OnFailure, StageEnd, Topology, Turn},
    writer::SoleWriter,
};

use super::{LONG, Numbers, deadline::Deadline, deadline::PATIENCE, numbers};

/// Panics when it is dropped, with something that does so too.
#[derive(Debug)]
struct Bomb(u32);

impl Drop for Bomb {
    fn drop(&mut self) {
        if !thread::panicking() {
            match self.0 {
                0 => panic!("in drop"),
                fuse => panic_any(Bomb(fuse - 1)),
            }
        }
    }
}

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bomb")
    }
}

impl Error for Bomb {}

/// The outcome of `call` on a thread of its own; a call that does not return is a failure, and not a test that hangs.
fn within_patience<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, outcome) = mpsc::channel();
    thread::spawn(move || done.send(call()));
    outcome.recv_timeout(PATIENCE).expect("it returns")
}

/// How a handler fails.
#[derive(Clone, Copy, Debug)]
enum By {
    Error,
    Panic,
}

fn fail(by: By) -> Result<(), HandlerError> {
    match by {
        By::Error => Err(Box::new(Bomb(2))),
        By::Panic => panic_any(Bomb(2)),
    }
}

#[test]
fn a_failure_that_cannot_be_dropped_is_passed_over_as_any_other() {
    for by in [By::Error, By::Panic] {
        for policy in [OnFailure::Skip, OnFailure::Restart] {
            let ring = numbers(16);
            let graph = Topology::over(ring.clone())
                .stage("fails")
                .on_failure(policy)
                .made_by(move || rusted_ring::topology::each(move |_, _, _| fail(by)))
                .start()
                .unwrap();
            let mut writer = SoleWriter::join(ring).unwrap();
            (0..100).for_each(|number| _ = writer.send_timeout(&number, LONG).unwrap());
            let report = graph.drain(LONG).unwrap_or_else(|error| panic!("{by:?}, {policy:?}: {error}"));
            let stage = report.stage("fails").unwrap();
            assert_eq!((stage.processed, stage.failed, stage.end), (100, 100, StageEnd::Drained));
        }
    }
}

#[test]
fn a_second_failure_that_cannot_be_dropped_leaves_nobody_waiting() {
    for by in [By::Error, By::Panic] {
        let ring = numbers(16);
        let graph = Topology::over(ring.clone())
            .stage("first")
            .each(|_, _, _| -> Result<(), HandlerError> {
                thread::sleep(Duration::from_millis(20));
                Err("fails".into())
            })
            .stage("second")
            .each(move |_, _, _| {
                thread::sleep(Duration::from_millis(100));
                fail(by)
            })
            .start()
            .unwrap();
        SoleWriter::join(ring).unwrap().send(&1).unwrap();
        let error = within_patience(move || graph.join()).unwrap_err();
        let ends: Vec<_> = error.report().stages.iter().map(|stage| stage.end).collect();
        assert_eq!(ends, [StageEnd::Failed, StageEnd::Failed], "{}", error.report());
        assert!(error.report().stages.iter().all(|stage| stage.failure.is_some()), "both are told");
        assert_eq!(error.to_string(), "stage \"first\" failed at event 0: fails");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("fails"));
    }
}

/// Fails at its end, and again when it is dropped.
struct FailsToTheLast;

impl Handler<Typed<u64>> for FailsToTheLast {
    fn event(&mut self, _event: &BatchEvent<'_, Typed<u64>>, _turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        Err("at its event".into())
    }

    fn shutdown(&mut self) -> Result<(), HandlerError> {
        Err(Box::new(Bomb(1)))
    }
}

impl Drop for FailsToTheLast {
    fn drop(&mut self) {
        panic!("a handler's drop");
    }
}

#[test]
fn of_several_failures_of_a_handler_the_first_is_told() {
    let ring = numbers(16);
    let graph = Topology::over(ring.clone()).stage("fails").handler(FailsToTheLast).start().unwrap();
    SoleWriter::join(ring).unwrap().send(&1).unwrap();
    let error = within_patience(move || graph.join()).unwrap_err();
    assert_eq!(error.to_string(), "stage \"fails\" failed at event 0: at its event");

    // What `made_by` and `workers` were given is dropped with the stage.
    let bomb = Bomb(0);
    let ring = numbers(16);
    let graph = Topology::over(ring.clone())
        .stage("fails")
        .made_by(move || {
            let _held = &bomb;
            rusted_ring::topology::each(|_, _, _| Err::<(), HandlerError>("at its event".into()))
        })
        .start()
        .unwrap();
    SoleWriter::join(ring).unwrap().send(&1).unwrap();
    let error = within_patience(move || graph.join()).unwrap_err();
    assert_eq!(error.to_string(), "stage \"fails\" failed at event 0: at its event");
    let GraphError::Failed { failure, .. } = error else { panic!("it failed") };
    assert!(matches!(failure.cause, Cause::Error(_)));
}

/// Asks the graph that it belongs to when it is dropped.
struct Asks(Arc<Graph<Numbers>>);

impl Handler<Typed<u64>> for Asks {
    fn event(&mut self, _event: &BatchEvent<'_, Typed<u64>>, _turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl Drop for Asks {
    fn drop(&mut self) {
        assert_eq!(self.0.status().stages.len(), 1);
        panic!("a refused handler's drop");
    }
}

#[test]
fn a_handler_that_is_refused_is_dropped_while_nothing_is_locked() {
    let ring = numbers(16);
    let graph = Arc::new(Topology::over(ring.clone()).stage("stays").each(|_, _, _| ()).start().unwrap());
    let full: Vec<_> = std::iter::from_fn(|| Consumer::join(ring.clone(), Start::Newest).ok()).collect();
    let handler = Asks(graph.clone());
    let adding = graph.clone();
    let panicked = within_patience(move || {
        panic::catch_unwind(AssertUnwindSafe(|| _ = adding.stage("refused").handler(handler))).is_err()
    });
    assert!(panicked, "the first panic is passed on");
    drop(full);
    assert!(graph.is_running());
    graph.stage("refused").each(|_, _, _| ()).expect("its name is free");
}

#[cfg(feature = "async")]
mod wakers {
    use std::{
        future::Future,
        pin::pin,
        sync::{
            Mutex, Weak,
            atomic::{
                AtomicU64,
                Ordering::{Acquire, Release},
            },
        },
        task::{Context, Wake, Waker},
        thread::ThreadId,
    };

    use rusted_ring::{ClosePolicy, HeapRing, Sole, reader::Reader, topology::traced, writer::Writer};

    use super::*;

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
                .each(|_, _, _| ())
                .stage("polled")
                .after(["first"])
                .polled()
                .start()
                .unwrap(),
        );
        let mut polled = graph.polled("polled").unwrap().into_async();
        let mut writer = SoleWriter::join(ring).unwrap();
        for number in 0..20 {
            let bad = Bad::of(&graph);
            {
                let mut receiving = pin!(polled.recv());
                assert!(receiving.as_mut().poll(&mut Context::from_waker(&Waker::from(bad.clone()))).is_pending());
                writer.send(&number).unwrap();
                Deadline::new().wait_until("the waking", || bad.woken.load(Acquire) > 0);
            }
            assert_eq!(bad.woken.load(Acquire), 1);
            let received = within_patience_of(&mut polled);
            assert_eq!(received, number);
        }
        assert!(graph.is_running(), "the stage was not to blame");
        drop(polled);
        let report = alone(graph).drain(LONG).unwrap();
        assert_eq!(report.stage("first").map(|stage| (stage.processed, stage.end)), Some((20, StageEnd::Drained)));
    }

    fn within_patience_of(polled: &mut rusted_ring::future::Async<Consumer<Numbers>>) -> u64 {
        let late = async {
            smol::Timer::after(PATIENCE).await;
            panic!("a waking was lost");
        };
        smol::block_on(smol::future::or(async { *polled.recv().await.unwrap() }, late))
    }

    /// The graph, once no waker holds it.
    fn alone(graph: Arc<Graph<Numbers>>) -> Graph<Numbers> {
        Deadline::new().wait_until("the wakers", || Arc::strong_count(&graph) == 1);
        Arc::into_inner(graph).expect("nobody else holds it")
    }

    fn caught<T>(call: impl FnOnce() -> T) -> thread::Result<T> {
        panic::catch_unwind(AssertUnwindSafe(call))
    }

    /// Ends a graph; whether that panicked.
    type End = fn(Arc<Graph<Numbers>>, &mut SoleWriter<Numbers>) -> bool;

    #[test]
    fn a_graph_ends_behind_a_waker_that_panics_and_asks() {
        // Ended by a failure on a stage's thread, by its user's removal, halted and drained.
        let ends: [End; 4] = [
            |graph, writer| {
                writer.send(&9).unwrap();
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
                    .each(|number, _, _| if **number == 9 { Err::<(), HandlerError>("nine".into()) } else { Ok(()) })
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
                let panicked = end(graph, &mut SoleWriter::join(ring.clone()).unwrap());
                Deadline::new().wait_until("the waking", || bad.woken.load(Acquire) > 0);
                // By this thread, or by a stage's, which has nobody to tell.
                let by_this = *bad.by.lock().unwrap() == Some(thread::current().id());
                assert_eq!(panicked, by_this, "a panic is passed on to whoever has called");
                drop(receiving);
                drop(polled);
                // All threads have ended, and hold up nobody.
                let mut writer = SoleWriter::join(ring).unwrap();
                (0..100).for_each(|number| _ = writer.try_send(&number).unwrap());
            });
        }
    }

    #[test]
    fn a_stage_is_not_blamed_for_the_waker_of_whoever_reads_what_it_publishes() {
        let (ring, other) = (numbers(16), HeapRing::<64, Sole>::closing(16, ClosePolicy::Never));
        let mut reader = Reader::join(other.clone(), Start::Newest).into_async();
        let graph = Topology::over(ring.clone())
            .stage("transforms")
            .transform(SoleWriter::join(other).unwrap(), |_, _| Ok(Some(1)))
            .start()
            .unwrap();
        let graph = Arc::new(graph);
        let mut writer = SoleWriter::join(ring).unwrap();
        for number in 0..20 {
            let bad = Bad::of(&graph);
            {
                let mut receiving = pin!(reader.recv());
                assert!(receiving.as_mut().poll(&mut Context::from_waker(&Waker::from(bad.clone()))).is_pending());
                writer.send(&number).unwrap();
                Deadline::new().wait_until("the waking", || bad.woken.load(Acquire) > 0);
            }
            let event = smol::block_on(reader.recv()).unwrap();
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
            .each(|_, _, _| ())
            .stage("polled")
            .after(["first"])
            .polled()
            .start()
            .unwrap();
        let mut polled = graph.polled("polled").unwrap().into_async();
        let writer = Writer::join(ring).unwrap();
        for number in 0..20u8 {
            let bad = Arc::new(Bad { graph: Weak::new(), by: Mutex::default(), woken: AtomicU64::new(0) });
            {
                let mut receiving = pin!(polled.recv());
                assert!(receiving.as_mut().poll(&mut Context::from_waker(&Waker::from(bad.clone()))).is_pending());
                drop(writer.claim().unwrap());
                Deadline::new().wait_until("the waking", || bad.woken.load(Acquire) > 0);
            }
            writer.publish(&[number], 0).unwrap();
            assert_eq!(&*smol::block_on(polled.recv()).unwrap(), &[number]);
        }
        drop(polled);
        let report = graph.drain(LONG).unwrap();
        let first = report.stage("first").unwrap();
        assert_eq!((first.processed, first.end), (20, StageEnd::Drained));
    }
}
