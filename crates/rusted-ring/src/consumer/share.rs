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

/// The sequence that the workers of a stage share.
#[derive(Debug)]
pub(crate) struct WorkSequence {
    /// Where the workers begin.
    first: u64,
    /// # Invariant: every event from `first` to here was taken by a worker.
    next: AtomicU64,
    /// Orders loads for loom, as an `AtomicStamp`'s does.
    #[cfg(loom)]
    shadow: AtomicU64,
}

/// The range of events that one worker has taken, and that is its own until it has finished it.
#[derive(Debug)]
pub(crate) struct WorkerRange {
    share: Arc<WorkSequence>,
    /// # Invariant: no fellow takes an event from the worker's position up to here.
    taken: u64,
}

impl WorkSequence {
    /// For workers that have all joined, the last of them at `first`.
    pub(crate) fn from(first: u64) -> Self {
        WorkSequence {
            first,
            next: AtomicU64::new(first),
            #[cfg(loom)]
            shadow: AtomicU64::new(0),
        }
    }
}

impl WorkerRange {
    /// Of a worker that has taken nothing yet.
    pub(crate) fn of(share: Arc<WorkSequence>) -> Self {
        WorkerRange { share, taken: 0 }
    }

    /// Returns whether there is an event that `worker` took and has not finished.
    pub(crate) fn is_left<R: RingRef>(&self, worker: &Consumer<R>) -> bool {
        worker.next_sequence().get() < self.taken
    }

    /// Returns what is left of the range that `worker` took last. When it has finished that, takes the next events before `end`, up to
    /// what `most` answers, which is told what was found and how many sequences are left. The answer is the event at its position and how many there are from there
    /// on, or none at `end`.
    pub(crate) fn take<R: RingRef>(
        &mut self,
        worker: &mut Consumer<R>,
        end: u64,
        mut most: impl FnMut(&mut Consumer<R>, Found, u64) -> Result<u64, TryRecvError>,
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
            worker.leave_to_fellows(self.share.first, next);
            worker.look_afresh();
            let found = worker.find()?;
            let first = worker.next_sequence().get();
            if first >= end {
                return Ok(None);
            }
            let most = most(worker, found, end - first)?;
            let count = worker.ready(found, most);
            let taken = first + count;
            // SHARE: Release, with SHARED; it carries on the releases of workers that took before.
            if self.share.next.compare_exchange(next, taken, Release, Relaxed).is_ok() {
                self.taken = taken;
                return Ok(Some((found, count)));
            }
        }
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::{HeapTypedRing, Publisher, Start, ledger::Ledger};

    #[test]
    fn what_was_published_while_workers_joined_is_no_fellows() {
        let ring = HeapTypedRing::<u64>::new(16);
        let publisher = Publisher::join(ring.clone()).unwrap();
        let joined = [3, 4].map(|events| {
            let worker = Consumer::join(ring.clone(), Start::Newest).unwrap();
            (0..events).for_each(|event| _ = publisher.send(&event));
            worker
        });
        let share = Arc::new(WorkSequence::from(joined[1].next_sequence().get()));
        let mut workers = joined.map(|worker| (worker, WorkerRange::of(Arc::clone(&share))));
        // The first takes one of the four events that are for both, the second the rest.
        for ((worker, range), most) in workers.iter_mut().zip([1, 3]) {
            let (found, count) = range.take(worker, u64::MAX, |_, _, _| Ok(most)).unwrap().expect("an event");
            assert_eq!(worker.lend_all(found, count).len() as u64, most);
        }
        let (worker, range) = &mut workers[0];
        assert!(range.take(worker, 7, |_, _, left| Ok(left.min(1))).is_err(), "nothing is left");
        let books = Ledger::of(&ring).readers().map(|status| (status.joined.get(), status.received, status.shared));
        assert_eq!(books.collect::<Vec<_>>(), [(3, 1, 3), (3, 3, 1)]);
    }
}
