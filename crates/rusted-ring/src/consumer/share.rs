//! How the workers of one stage share its events: each goes to exactly one.
//!
//! All are Consumers at one place in the graph. A worker takes the next events by an exchange on a sequence that all share, and shows
//! its own position as any Consumer does: at the first event that it has taken and not finished, or, when it is idle, at the
//! shared sequence. So the slowest of them is how far the stage has finished.

use super::{Consumer, TryRecvError};
use crate::{
    RingRef,
    ring::Found,
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

impl Share {
    /// For workers that have all joined, of which the last did at `first`.
    pub(crate) fn from(first: u64) -> Self {
        Share {
            next: AtomicU64::new(first),
            #[cfg(loom)]
            shadow: AtomicU64::new(0),
        }
    }

    /// Takes the next events before `end` for `worker`, up to `most`; what was found at its position, and how many there are from
    /// there on: none, if it has come to `end`.
    pub(crate) fn take<R: RingRef>(
        &self,
        worker: &mut Consumer<R>,
        most: u64,
        end: u64,
    ) -> Result<(Found, u64), TryRecvError> {
        loop {
            #[cfg(loom)]
            self.shadow.fetch_add(0, Relaxed);
            // SHARED: Acquire, with SHARE: what others have taken, this worker has acquired.
            let next = self.next.load(Acquire);
            worker.leave_to_fellows(next);
            worker.look_afresh();
            let found = worker.find()?;
            let first = worker.next_sequence().get();
            if first >= end {
                return Ok((found, 0));
            }
            let count = worker.ready(found, most.min(end - first));
            let taken = first + count;
            // SHARE: Release, with SHARED; it carries on the releases of those who took before.
            if self.next.compare_exchange(next, taken, Release, Relaxed).is_ok() {
                return Ok((found, count));
            }
        }
    }
}
