//! How the workers of one stage share its events: each goes to exactly one.
//!
//! All are Consumers at one place in the graph. A worker takes the next events by an exchange on a sequence that all share, and shows
//! its own position as any Consumer does: at the first event that it has taken and not finished, or, when it is idle, at the
//! shared sequence. So the slowest of them is how far the stage has finished.

use alloc::sync::Arc;

use super::{Consumer, Found, TryRecvError};
use crate::{
    RingRef,
    sync::{Acquire, AtomicU64, Relaxed, Release},
};

/// What the workers of a stage share.
#[derive(Debug)]
pub(crate) struct Share {
    /// # Invariant: every event below was taken by a worker.
    next: AtomicU64,
    /// Orders loads for loom, as an `AtomicStamp`'s does.
    #[cfg(loom)]
    shadow: AtomicU64,
}

/// One worker's part of what they share: the range that it took, which is its own until it has finished it.
#[derive(Debug)]
pub(crate) struct Portion {
    share: Arc<Share>,
    /// # Invariant: no fellow takes an event from the worker's position up to here.
    taken: u64,
}

impl Share {
    /// For workers that have all joined, of which the last did at `first`.
    pub(crate) fn from(first: u64) -> Self {
        Share {
            next: AtomicU64::new(first),
            #[cfg(loom)]
            shadow: AtomicU64::new(0),
        }
    }
}

impl Portion {
    /// Of a worker that has taken nothing yet.
    pub(crate) fn of(share: Arc<Share>) -> Self {
        Portion { share, taken: 0 }
    }

    /// Whether there is an event that `worker` took and has not finished.
    pub(crate) fn is_left<R: RingRef>(&self, worker: &Consumer<R>) -> bool {
        worker.next_sequence().get() < self.taken
    }

    /// What is left of the range that `worker` took last; when it has finished that, takes the next events before `end`, up to
    /// `most`. What was found at its position, and how many there are from there on; nothing, if it has come to `end`.
    pub(crate) fn take<R: RingRef>(
        &mut self,
        worker: &mut Consumer<R>,
        most: u64,
        end: u64,
    ) -> Result<Option<(Found, u64)>, TryRecvError> {
        if self.is_left(worker) {
            worker.look_afresh();
            let found = worker.find()?;
            return Ok(Some((found, worker.ready(found, self.taken - worker.next_sequence().get()))));
        }
        loop {
            #[cfg(loom)]
            self.share.shadow.fetch_add(0, Relaxed);
            // SHARED: Acquire, with SHARE: what others have taken, this worker has acquired.
            let next = self.share.next.load(Acquire);
            worker.leave_to_fellows(next);
            worker.look_afresh();
            let found = worker.find()?;
            let first = worker.next_sequence().get();
            if first >= end {
                return Ok(None);
            }
            let count = worker.ready(found, most.min(end - first));
            let taken = first + count;
            // SHARE: Release, with SHARED; it carries on the releases of workers that took before.
            if self.share.next.compare_exchange(next, taken, Release, Relaxed).is_ok() {
                self.taken = taken;
                return Ok(Some((found, count)));
            }
        }
    }
}
