//! Graphs of stages: their order, their failures, their changes and their ends, with books kept by the test itself.

#![cfg(all(feature = "std", not(any(loom, shuttle))))]

#[cfg(feature = "async")]
#[path = "../common/block_on.rs"]
mod block_on;
#[path = "../common/deadline.rs"]
mod deadline;
#[cfg(target_os = "linux")]
#[path = "../common/own_process.rs"]
mod own_process;

mod batches;
mod build;
mod changes;
mod circles;
mod counts;
mod ends;
mod failures;
mod foreign;
mod joins;
mod life;
#[cfg(target_os = "linux")]
mod limits;
mod order;
mod ranges;
mod release;
mod removal;
mod texts;
#[cfg(feature = "async")]
mod wakers;
mod workers;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use rusted_ring::{ClosePolicy, HeapTypedRing, Sole};

/// A ring of numbers, which one writes.
type Numbers = HeapTypedRing<u64, Sole>;

/// One that its publisher does not close.
fn numbers(capacity: usize) -> Numbers {
    Numbers::closing(capacity, ClosePolicy::Never)
}

/// What no drain of these tests should take.
const LONG: Duration = Duration::from_secs(60);

/// What a stage received, kept outside of it: it must be sequence after sequence.
#[derive(Clone, Default)]
struct Book(Arc<Entries>);

#[derive(Default)]
struct Entries {
    /// The sequence after the last.
    next: AtomicU64,
    count: AtomicU64,
    sum: AtomicU64,
}

impl Book {
    /// Enters an event of a ring without holes; the first may be of any sequence, and every other follows the one before.
    fn enter(&self, sequence: u64, value: u64) {
        assert!(self.count() == 0 || sequence == self.next(), "lost or repeated: {sequence} after {}", self.next());
        self.enter_past_holes(sequence, value);
    }

    /// Enters an event of a ring that many write: a publisher that was stopped leaves a hole, and its event follows.
    fn enter_past_holes(&self, sequence: u64, value: u64) {
        let Entries { next, count, sum } = &*self.0;
        assert!(sequence >= next.load(Relaxed), "repeated");
        count.fetch_add(1, Relaxed);
        next.store(sequence + 1, Relaxed);
        sum.fetch_add(value, Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.count.load(Relaxed)
    }

    fn sum(&self) -> u64 {
        self.0.sum.load(Relaxed)
    }

    /// The sequence after the last.
    fn next(&self) -> u64 {
        self.0.next.load(Relaxed)
    }
}
