//! Threads, each on a core, with stacks that the old crate needs.

use std::sync::OnceLock;
use std::thread::{self, Scope, ScopedJoinHandle};

/// The old crate makes its rings and events on the stack, and may move them there several times.
const STACK: usize = 64 << 20;

fn ids() -> &'static [core_affinity::CoreId] {
    static IDS: OnceLock<Vec<core_affinity::CoreId>> = OnceLock::new();
    IDS.get_or_init(|| core_affinity::get_core_ids().unwrap_or_default())
}

/// How many cores this process may use.
pub(crate) fn cores() -> usize {
    ids().len().max(1)
}

/// Starts the `index`th thread of a workload on a core of its own, or shared where there are too few.
pub(crate) fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    index: usize,
    work: impl FnOnce() -> T + Send + 'scope,
) -> ScopedJoinHandle<'scope, T> {
    let pinned = move || {
        if let Some(id) = ids().get(index % cores()) {
            core_affinity::set_for_current(*id);
        }
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
