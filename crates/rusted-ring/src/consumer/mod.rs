//! The lossless endpoint: the publishers wait for it, and it reads in place.

mod copy;
mod error;
#[cfg(feature = "std")]
mod share;
#[cfg(feature = "std")]
mod stage;

use core::time::Duration;

#[doc(no_inline)]
pub use crate::JoinError;
pub use error::{Closed, CopyError, TryRecvError};

#[cfg(all(feature = "std", any(test, not(any(loom, shuttle)))))]
pub(crate) use share::{WorkSequence, WorkerRange};

#[cfg(feature = "std")]
pub use crate::ring::Checkpoint;
pub(crate) use crate::ring::Found;
pub use crate::ring::{Batch, BatchEvent, BatchIter, Loan};
#[cfg(feature = "std")]
use crate::wait::{Endpoint, Member, Notifier, Waitable};
use crate::{
    Corrupt, Sequence, Start, Tuning,
    reader::{Reader, Step},
    ring::{Bytes, Closes, GatingPosition, Incident, InlineRing, Many, Name, Nothing, RingRef, Slot},
    wait::{Grace, Outcome, WaitStrategy, Waiter},
};

/// Receives every event from where it joined; publishers never overwrite what it has not left.
///
/// Events are lent in place. Its position is shown to the publishers an eighth of the ring at a time, and whenever
/// nothing is ready. Dropped, it frees the gate; forgotten, it holds the gate for ever.
#[derive(Debug)]
pub struct Consumer<R: RingRef> {
    position: GatingPosition<R>,
    strategy: WaitStrategy,
    grace: Grace,
}

impl<R: RingRef> Consumer<R> {
    /// Joins `ring` at `start`, or at the oldest event that the publishers have no grant to overwrite.
    ///
    /// It holds no publisher until it has joined. Lock-free.
    ///
    /// # Errors
    ///
    /// [`JoinError::TooManyReaders`], if the ring's table is full.
    pub fn join(ring: R, start: Start) -> Result<Self, JoinError> {
        Self::join_from(ring, start, 0)
    }

    /// Joins at `start`, or at `floor`, whichever is the younger.
    fn join_from(ring: R, start: Start, floor: u64) -> Result<Self, JoinError> {
        let wanted = |ring: &R| start.resolve(ring.view()).max(floor);
        let position = GatingPosition::join(ring, wanted).ok_or(JoinError::TooManyReaders)?;
        Ok(Consumer { position, strategy: WaitStrategy::default(), grace: Grace::default() })
    }

    /// Sleeps until there may be something to receive, or `stopped` is true when this Consumer is notified.
    pub(crate) fn park_unless(&self, stopped: impl Fn() -> bool, timeout: Duration) {
        self.position.sleep(self.grace_left(), timeout, stopped);
    }

    /// Returns this Consumer, called `name` in the ledger. What exceeds 24 bytes is cut off.
    #[must_use = "the Consumer is returned"]
    pub fn named(self, name: &str) -> Self {
        self.position.rename(Name::new(name));
        self
    }

    /// Shows in the ledger that what this Consumer keeps is durable below `durable`: [`ReaderStatus::durable`](crate::ledger::ReaderStatus::durable). Nothing follows
    /// from it: who keeps events, a journal say, says how far they outlast the machine. Wait-free; no publisher reads it.
    ///
    /// ```
    /// use rusted_ring::{Consumer, HeapTypedRing, Publisher, Sequence, Start, ledger::Ledger};
    ///
    /// let ring = HeapTypedRing::<u64>::new(8);
    /// let mut store = Consumer::join(ring.clone(), Start::Oldest)?;
    /// let durable = || Ledger::of(&ring).readers().next().unwrap().durable;
    /// assert_eq!(durable(), None);
    /// Publisher::join(ring.clone())?.send(&7);
    /// drop(store.recv()?);                              // and written to a disk, and synced
    /// store.show_durable(store.next_sequence());
    /// assert_eq!(durable(), Some(Sequence::new(1)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn show_durable(&mut self, durable: Sequence) {
        self.position.show_durable(durable);
    }

    /// Returns this Consumer, which waits by `strategy` when there is nothing to receive.
    #[must_use = "the Consumer is returned"]
    pub fn waiting(self, strategy: WaitStrategy) -> Self {
        Consumer { strategy, ..self }
    }

    /// Returns this Consumer, which goes by `tuning` instead of [this machine's](Tuning::of_this_machine).
    #[must_use = "the Consumer is returned"]
    pub fn tuned(mut self, tuning: Tuning) -> Self {
        self.position.tune(tuning);
        self
    }

    /// Returns the ring.
    pub fn ring(&self) -> &R {
        self.position.ring()
    }

    /// Returns the next sequence this Consumer wants, or that it is lent.
    pub fn next_sequence(&self) -> Sequence {
        Sequence::new(self.position.place().sequence)
    }

    /// Returns how many sequences were claimed that this Consumer has not left. May grow at once.
    pub fn lag(&self) -> u64 {
        let position = self.position.place().sequence;
        self.ring().view().claimed(position) - position
    }

    /// Returns how many sequences since it joined carried no event.
    pub fn holes(&self) -> u64 {
        self.position.counters().holes
    }

    /// Returns how many events it received since it joined.
    pub fn received(&self) -> u64 {
        self.position.counters().received(self.position.place().sequence)
    }

    /// Returns the next event, lent in place, or at once why there is none.
    ///
    /// Wait-free, except that a run of holes is skipped in a loop.
    ///
    /// ```
    /// # use rusted_ring::{Consumer, HeapRing, Publisher, Start, consumer::TryRecvError};
    /// let ring = HeapRing::<64>::new(1024);
    /// let mut store = Consumer::join(ring.clone(), Start::Newest)?;
    /// let publisher = Publisher::join(ring)?;
    /// assert_eq!(store.try_recv().unwrap_err(), TryRecvError::Empty);
    /// publisher.publish(b"a stroke", 7)?;
    /// let loan = store.try_recv()?;
    /// assert_eq!((&*loan, loan.event_type()), (&b"a stroke"[..], 7));
    /// drop(loan); // the publishers may use its slot again
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`TryRecvError::Empty`], if nothing is ready.
    /// - [`TryRecvError::Closed`], when nothing will come any more, and everything was received.
    // A call, and a loan handed over in memory, would cost more than all the rest.
    #[inline(always)]
    pub fn try_recv(&mut self) -> Result<Loan<'_, R>, TryRecvError> {
        let found = self.find()?;
        Ok(self.position.lend(found))
    }

    /// Returns the next event, lent in place, once there is one. Blocks until then.
    ///
    /// # Errors
    ///
    /// [`Closed`], when nothing will come any more, and everything was received.
    pub fn recv(&mut self) -> Result<Loan<'_, R>, Closed> {
        match self.find_waiting(Waiter::new) {
            Ok(found) => Ok(self.position.lend(found)),
            Err(error) => Err(error.ends_a_wait()),
        }
    }

    /// Returns the next event, lent in place, if there is one within `timeout`.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv); [`TryRecvError::Empty`], when the time is over.
    #[cfg(feature = "std")]
    pub fn recv_timeout(&mut self, timeout: Duration) -> Result<Loan<'_, R>, TryRecvError> {
        let found = self.find_waiting(|strategy| Waiter::for_at_most(strategy, timeout))?;
        Ok(self.position.lend(found))
    }

    /// Returns all the events that are ready, lent in place, or at once why there are none.
    ///
    /// A batch ends before the first sequence that carries no event, and before and behind a [long event](crate::Bytes#long-events): there may be
    /// more behind it. Wait-free: at most a ring of events.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_batch(&mut self) -> Result<Batch<'_, R>, TryRecvError> {
        self.look_afresh();
        let found = self.find()?;
        Ok(self.position.lend_all(found, u64::MAX))
    }

    /// Calls `handle` with each event that is ready, its sequence, and whether it is the last. Returns how many there were, or at once
    /// why there are none.
    ///
    /// All of them are released when the last was handled, or when `handle` panics. Wait-free, as far as `handle` is.
    ///
    /// ```
    /// # use rusted_ring::{HeapTypedRing, Start, Consumer, Publisher};
    /// let ring = HeapTypedRing::<u64>::new(64);
    /// let mut sums = Consumer::join(ring.clone(), Start::Newest)?;
    /// Publisher::join(ring)?.send_batch(&[1, 2, 3]);
    /// let mut sum = 0;
    /// assert_eq!(sums.poll(|number, _sequence, _end_of_batch| sum += **number), Ok(3));
    /// assert_eq!(sum, 6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn poll(
        &mut self,
        mut handle: impl FnMut(&BatchEvent<'_, R::Slot>, Sequence, bool),
    ) -> Result<usize, TryRecvError> {
        let batch = self.try_batch()?;
        let mut done = 0;
        while done < batch.len() {
            for event in batch.piece(done) {
                done += 1;
                handle(&event, event.sequence(), done == batch.len());
            }
        }
        Ok(done)
    }

    /// Returns all the events that are ready, lent in place, once there is one. Blocks until then.
    ///
    /// ```
    /// # use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start};
    /// let ring = HeapTypedRing::<u64>::new(64);
    /// let mut sums = Consumer::join(ring.clone(), Start::Newest)?;
    /// Publisher::join(ring)?.send_batch(&[1, 2, 3]);
    /// let batch = sums.batch()?;
    /// let mut sum = 0;
    /// for event in &batch {
    ///     sum += *event;
    /// }
    /// assert_eq!((batch.len(), sum), (3, 6));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn batch(&mut self) -> Result<Batch<'_, R>, Closed> {
        self.look_afresh();
        match self.find_waiting(Waiter::new) {
            Ok(found) => Ok(self.position.lend_all(found, u64::MAX)),
            Err(error) => Err(error.ends_a_wait()),
        }
    }

    /// Makes the next batch one of all that is ready, instead of what an earlier look has seen.
    #[inline]
    pub(crate) fn look_afresh(&mut self) {
        self.position.look_afresh();
    }

    /// Returns up to `most` of the events that are ready, lent in place, once there is one; at the latest when `timeout` is over.
    ///
    /// The events beyond `most` are lent by a later call. With a `timeout` of zero it is wait-free; a `most` of 0 counts as 1.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start};
    /// let ring = HeapTypedRing::<u64>::new(64);
    /// let mut sums = Consumer::join(ring.clone(), Start::Newest)?;
    /// Publisher::join(ring)?.send_batch(&[1, 2, 3]);
    /// assert_eq!(sums.batch_timeout(2, Duration::ZERO)?.len(), 2);
    /// assert_eq!(sums.batch_timeout(2, Duration::ZERO)?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv); [`TryRecvError::Empty`], when the time is over.
    #[cfg(feature = "std")]
    pub fn batch_timeout(&mut self, most: usize, timeout: Duration) -> Result<Batch<'_, R>, TryRecvError> {
        self.look_afresh();
        let found = match self.find() {
            Err(TryRecvError::Empty) if !timeout.is_zero() => {
                self.find_again(Waiter::for_at_most(self.strategy, timeout))
            }
            outcome => outcome,
        }?;
        Ok(self.position.lend_all(found, most as u64))
    }

    /// Releases the events of a loan or a batch that was forgotten ([`mem::forget`](core::mem::forget)). Without effect if there is none.
    ///
    /// So events can be lent for longer than a borrow lasts, as across an FFI boundary: their bytes stay as they are until this call, the next one
    /// that receives, or the drop of this Consumer.
    ///
    /// ```
    /// # use rusted_ring::{Consumer, HeapRing, Publisher, Start};
    /// let ring = HeapRing::<64>::new(1);
    /// let mut store = Consumer::join(ring.clone(), Start::Newest)?;
    /// let publisher = Publisher::join(ring)?;
    /// publisher.publish(b"a stroke", 1)?;
    /// std::mem::forget(store.try_batch()?);
    /// assert!(publisher.try_publish(b"another", 1).is_err());
    /// store.release();
    /// assert!(publisher.try_publish(b"another", 1).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn release(&mut self) {
        self.position.pass_forgotten();
    }

    /// Goes on to an event.
    #[inline(always)]
    pub(crate) fn find(&mut self) -> Result<Found, TryRecvError> {
        self.position.pass_forgotten();
        match self.position.look() {
            Ok(found) => Ok(found),
            // A Consumer that waits for the stage before it looks again at once. The shorter this way round, the sooner it sees the event.
            Err(Nothing::Barred) => {
                self.position.release();
                Err(TryRecvError::Empty)
            }
            Err(nothing) => self.find_beyond(nothing),
        }
    }

    /// Goes on to an event, from a position where a look found `nothing`.
    #[cold]
    fn find_beyond(&mut self, mut nothing: Nothing) -> Result<Found, TryRecvError> {
        // A ring has no more holes than slots; what others wrote there may say otherwise.
        for _ in 0..=self.ring().view().lap() {
            self.step_over(nothing)?;
            match self.position.look() {
                Ok(found) => return Ok(found),
                Err(other) => nothing = other,
            }
        }
        Err(TryRecvError::Empty)
    }

    /// Deals with a position that has no event.
    fn step_over(&mut self, nothing: Nothing) -> Result<(), TryRecvError> {
        match self.step(nothing) {
            Step::Again => Ok(()),
            Step::Empty => {
                self.position.release();
                Err(TryRecvError::Empty)
            }
            Step::Closed => Err(TryRecvError::Closed),
            Step::Lapped(q) if R::SHARED => {
                self.ring().note(Incident::Corrupt);
                Err(TryRecvError::Corrupt(Corrupt::new(Corrupt::OVERRUN, q)))
            }
            Step::Lapped(_) => unreachable!("the gate holds the publishers behind a Consumer"),
        }
    }

    /// The event that was found.
    #[cfg(feature = "async")]
    pub(crate) fn lend(&mut self, found: Found) -> Loan<'_, R> {
        self.position.lend(found)
    }

    /// The event that was found, and those that follow it without a gap, up to `most`.
    #[cfg(feature = "std")]
    pub(crate) fn lend_all(&mut self, found: Found, most: u64) -> Batch<'_, R> {
        self.position.lend_all(found, most)
    }

    #[inline]
    fn find_waiting(&mut self, waiter: impl FnOnce(WaitStrategy) -> Waiter) -> Result<Found, TryRecvError> {
        match self.find() {
            Err(TryRecvError::Empty) => self.find_again(waiter(self.strategy)),
            outcome => outcome,
        }
    }

    fn find_again(&mut self, waiter: Waiter) -> Result<Found, TryRecvError> {
        waiter.until(self, Self::find, |consumer, timeout| consumer.park(timeout))
    }

    fn park(&self, timeout: Duration) {
        self.park_unless(|| false, timeout);
    }

    fn grace_left(&self) -> Option<Duration> {
        self.grace.left(self.position.place().sequence, R::Slot::COPYING)
    }
}

impl<R: RingRef> Reader for Consumer<R> {
    fn is_over(&mut self) -> bool {
        self.position.is_over()
    }

    fn look(&mut self) -> Result<(), Nothing> {
        self.position.look().map(drop)
    }

    fn gives_up(&mut self) -> bool {
        let ring = self.position.ring();
        let is_hole = ring.view().gives_up(self.position.place(), &mut self.grace);
        if is_hole {
            ring.note(Incident::GivenUp);
        }
        is_hole
    }

    fn skip_hole(&mut self) {
        self.position.skip_hole();
    }
}

/// A Consumer that waits attempts until there is an event or the end.
impl<T> Outcome for Result<T, TryRecvError> {
    fn is_final(&self) -> bool {
        !matches!(self, Err(TryRecvError::Empty))
    }
}

/// Ready once there is an event, or the end of the ring: [`try_recv`](Consumer::try_recv) then brings one of these.
#[cfg(feature = "std")]
impl<R: RingRef + Send> Waitable for Consumer<R> {
    fn member(&mut self) -> Member<'_> {
        Member::of(self)
    }
}

#[cfg(feature = "std")]
impl<R: RingRef> Endpoint for Consumer<R> {
    fn is_ready(&mut self) -> bool {
        !matches!(self.find(), Err(TryRecvError::Empty))
    }

    fn is_idle(&mut self) -> bool {
        self.position.is_quiet(self.grace_left().is_some())
    }

    fn notifier(&self) -> &Notifier {
        self.position.notifier()
    }

    fn grace_left(&self) -> Option<Duration> {
        self.grace_left()
    }

    fn is_shared(&self) -> bool {
        R::SHARED
    }
}

impl<const N: usize, const SLOT: usize, const CAP: usize, C: Closes>
    Consumer<&'static InlineRing<Bytes<N, SLOT>, CAP, Many, C>>
{
    /// Joins a static ring as a Consumer, from the oldest event it can still hold.
    ///
    /// # Errors
    ///
    /// [`JoinError::TooManyReaders`], if the ring's table is full.
    pub fn new(ring: &'static InlineRing<Bytes<N, SLOT>, CAP, Many, C>) -> Result<Self, JoinError> {
        Self::join(ring, Start::Oldest)
    }
}
