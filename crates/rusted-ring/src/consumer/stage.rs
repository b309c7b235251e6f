//! A Consumer as a stage: after others, before others, with fellow workers.

use super::Consumer;
use crate::{
    JoinError, Start,
    ring::{Checkpoint, Found, RingRef},
};

impl<R: RingRef> Consumer<R> {
    /// Joins as [`join`](Self::join) does, and comes after the Consumers of `upstream`: it receives an event once all of these have
    /// left it, and then sees what they did with it. It begins at `start`, but nowhere before any of them joined.
    ///
    /// A Consumer leaves an event when its loan or batch is dropped. When one of `upstream` is dropped, this Consumer comes
    /// after those that it came after; events that it had not left are received here without it.
    ///
    /// ```
    /// # use rusted_ring::{HeapRing, Start, Consumer, consumer::TryRecvError, Publisher};
    /// let ring = HeapRing::<64>::new(1024);
    /// let mut journal = Consumer::join(ring.clone(), Start::Newest)?;
    /// let mut apply = Consumer::join_after(ring.clone(), Start::Newest, &[journal.checkpoint()])?;
    /// Publisher::join(ring)?.publish(b"an order", 1)?;
    ///
    /// assert_eq!(apply.try_recv().unwrap_err(), TryRecvError::Empty);
    /// assert_eq!(&*journal.recv()?, b"an order");
    /// assert_eq!(&*apply.recv()?, b"an order");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`JoinError::AnotherRing`], if one of `upstream` is on another ring; [`JoinError::TooManyReaders`], if the ring's table is
    /// full.
    pub fn join_after(ring: R, start: Start, upstream: &[Checkpoint<R>]) -> Result<Self, JoinError> {
        if !upstream.iter().all(|checkpoint| checkpoint.is_on(&ring)) {
            return Err(JoinError::AnotherRing);
        }
        let floor = upstream.iter().map(Checkpoint::from).max().unwrap_or(0);
        let mut consumer = Self::join_from(ring, start, floor)?;
        consumer.position.come_after(upstream);
        Ok(consumer)
    }

    /// Returns a handle by which Consumers can come [after](Self::join_after) this one.
    ///
    /// From the first call on it shows what it has left at every loan or batch, by a store to a cache line that they read.
    pub fn checkpoint(&mut self) -> Checkpoint<R> {
        self.position.checkpoint()
    }

    /// Returns how many events there are without a gap from the one that was found, up to `most`.
    pub(crate) fn ready(&mut self, found: Found, most: u64) -> u64 {
        self.position.ready(found, most)
    }

    /// Returns whether there are `most` sequences without a gap from the one that was found, or as many as there will ever be.
    #[cfg(not(any(loom, shuttle)))]
    pub(crate) fn has_whole(&mut self, found: Found, most: u64) -> bool {
        self.position.has_whole(found, most)
    }

    /// Shows the publishers all that it has left.
    #[cfg(not(any(loom, shuttle)))]
    pub(crate) fn show_released(&mut self) {
        self.position.release();
    }

    /// Moves on to `sequence`, and counts what lies before it as fellow workers', or, before `first`, as before it joined. Has no effect
    /// if it has come so far.
    pub(crate) fn leave_to_fellows(&mut self, first: u64, sequence: u64) {
        self.position.leave_to_fellows(first, sequence);
    }

    /// Counts that a handler failed at `failed` events that were received, and was made anew so often.
    #[cfg(not(any(loom, shuttle)))]
    pub(crate) fn count_failures(&mut self, failed: u64, restarts: u64) {
        self.position.count_failures(failed, restarts);
    }

    /// Ends: those that come after this Consumer receive what it has left, and are then told `Closed`.
    ///
    /// A Consumer that is dropped instead makes way: they receive what it had not left, without it.
    pub fn end(self) {
        self.position.end();
    }

    /// Makes this Consumer come after others, too.
    #[cfg(test)]
    pub(crate) fn come_after(&mut self, upstream: &[Checkpoint<R>]) {
        self.position.come_after(upstream);
    }
}
