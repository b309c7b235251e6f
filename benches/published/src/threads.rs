//! Threads, each on a core, with stacks that the old crate needs.

use common::pin;
use std::thread::{self, Scope, ScopedJoinHandle};

/// The old crate makes its rings and events on the stack, and may move them there several times.
const STACK: usize = 64 << 20;

/// How many cores this process may use.
pub(crate) fn cores() -> usize {
    pin::cores().max(1)
}

/// Starts the `index`th thread of a workload on a core of its own, or shared where there are too few.
pub(crate) fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    index: usize,
    work: impl FnOnce() -> T + Send + 'scope,
) -> ScopedJoinHandle<'scope, T> {
    let pinned = move || {
        pin::pin(index);
        work()
    };
    thread::Builder::new().stack_size(STACK).spawn_scoped(scope, pinned).expect("the system starts a thread")
}

/// What a thread came to. One that panicked has ended the process.
pub(crate) fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().expect("a panic ends the process")
}

/// Runs `work` alone, on the first core.
pub(crate) fn alone<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| join(spawn(scope, 0, work)))
}
