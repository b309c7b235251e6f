//! Foreign code that panics where nobody expects it: destructors of errors, of panics' payloads, of handlers. A graph goes on,
//! or ends, as its policies say, and the thread that waits for it is told.

use std::{
    error::Error,
    fmt,
    panic::{self, AssertUnwindSafe, panic_any},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use rusted_ring::{
    Consumer, SolePublisher, Start, Typed,
    consumer::BatchEvent,
    topology::{Cause, Graph, GraphError, Handler, HandlerError, OnFailure, StageEnd, Topology, Turn},
};

use super::{LONG, Numbers, deadline::PATIENCE, numbers};

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
pub(crate) fn within_patience<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
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
                .made_by(move || rusted_ring::topology::each(move |_, _| fail(by)))
                .start()
                .unwrap();
            let mut publisher = SolePublisher::join(ring).unwrap();
            (0..100).for_each(|number| _ = publisher.send_timeout(&number, LONG).unwrap());
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
            .each(|_, _| -> Result<(), HandlerError> {
                thread::sleep(Duration::from_millis(20));
                Err("fails".into())
            })
            .stage("second")
            .each(move |_, _| {
                thread::sleep(Duration::from_millis(100));
                fail(by)
            })
            .start()
            .unwrap();
        SolePublisher::join(ring).unwrap().send(&1);
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
    SolePublisher::join(ring).unwrap().send(&1);
    let error = within_patience(move || graph.join()).unwrap_err();
    assert_eq!(error.to_string(), "stage \"fails\" failed at event 0: at its event");

    // What `made_by` and `workers` were given is dropped with the stage.
    let bomb = Bomb(0);
    let ring = numbers(16);
    let graph = Topology::over(ring.clone())
        .stage("fails")
        .made_by(move || {
            let _held = &bomb;
            rusted_ring::topology::each(|_, _| Err("at its event".into()))
        })
        .start()
        .unwrap();
    SolePublisher::join(ring).unwrap().send(&1);
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
    let graph = Arc::new(Topology::over(ring.clone()).stage("stays").each(|_, _| ()).start().unwrap());
    let full: Vec<_> = std::iter::from_fn(|| Consumer::join(ring.clone(), Start::Newest).ok()).collect();
    let handler = Asks(graph.clone());
    let adding = graph.clone();
    let panicked = within_patience(move || {
        panic::catch_unwind(AssertUnwindSafe(|| _ = adding.stage("refused").handler(handler))).is_err()
    });
    assert!(panicked, "the first panic is passed on");
    drop(full);
    assert!(graph.is_running());
    graph.stage("refused").each(|_, _| ()).expect("its name is free");
}
