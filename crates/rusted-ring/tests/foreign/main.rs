//! Foreign code that panics: wakers as they are woken, cloned and dropped, and what users hand in to be called.
//!
//! The caller of a waker has finished its own state by then, wakes all others, and passes the first panic on if it has done what it was
//! called for: nothing is published twice, nothing is lost, and the ring goes on.
#![cfg(feature = "async")]

mod answers;
mod gate;
mod publishers;
mod tasks;
mod wait_set;

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Wake, Waker},
};

/// What the first waker of all panics with.
const FIRST: &str = "the first waker";

/// A waker that is counted.
#[derive(Default)]
struct Good(AtomicUsize);

impl Wake for Good {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A waker that panics as it is woken.
struct Bad;

impl Wake for Bad {
    fn wake(self: Arc<Self>) {
        panic_any(FIRST)
    }
}

/// A waker that panics as it is woken, with something that panics as it is dropped.
struct Worse;

impl Wake for Worse {
    fn wake(self: Arc<Self>) {
        panic_any(Bomb)
    }
}

/// Panics as it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("as it was dropped")
    }
}

/// Futures that sleep, with wakers that panic and wakers that count between each other.
struct Asleep<'a> {
    futures: Vec<Pin<Box<dyn Future<Output = ()> + 'a>>>,
    good: Arc<Good>,
    /// How many of them.
    counted: usize,
}

impl<'a> Asleep<'a> {
    fn new() -> Self {
        Asleep { futures: Vec::new(), good: Arc::default(), counted: 0 }
    }

    /// Puts `futures` to sleep: in turn, one panics and one is counted.
    fn and(mut self, futures: impl Iterator<Item = Pin<Box<dyn Future<Output = ()> + 'a>>>) -> Self {
        let good = Waker::from(Arc::clone(&self.good));
        for (index, mut future) in futures.enumerate() {
            let waker = match index % 4 {
                0 => Waker::from(Arc::new(Bad)),
                2 => Waker::from(Arc::new(Worse)),
                _ => good.clone(),
            };
            assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            self.counted += index % 2;
            self.futures.push(future);
        }
        self
    }

    /// Checks that all counted ones were woken, once.
    fn are_all_woken(self, by: &str) {
        assert_eq!(self.good.0.load(Relaxed), self.counted, "{by}: every other sleeper is woken");
    }
}

/// What `act` panics with, which must be `expected`.
fn panics_with(expected: &str, by: &str, act: impl FnOnce()) {
    let panic = catch_unwind(AssertUnwindSafe(act)).expect_err(by);
    assert_eq!(message(&*panic), Some(expected), "{by}: the first panic is passed on");
}

fn message(panic: &(dyn Any + Send)) -> Option<&'static str> {
    panic.downcast_ref().copied()
}

/// A future of an endpoint's, whatever it answers.
fn sleeping<'a, F: Future + 'a>(future: F) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
    Box::pin(async {
        future.await;
    })
}
