//! The publisher of a ring that one writes.

#[cfg(feature = "std")]
use std::time::Duration;

use bytemuck::bytes_of;

#[cfg(feature = "std")]
use super::if_there_is_room_within;
use super::{
    Full, PublishError, SoleClaim, SoleClaimBatch, TooLarge, check_size, check_sizes, full, once_there_is_room,
    short_events, slots_of_first,
};
use crate::{
    JoinError, Sequence, Tuning,
    foreign::FirstPanic,
    ring::{BytesSlot, NoRoom, RingRef, Slot, Sole, SoleSequencer, TypedSlot, Value, slots_of},
    wait::WaitStrategy,
};

/// The one publisher of a ring of mode [`Sole`]; once it is dropped there may be another.
///
/// It claims without a read-modify-write, but for one in every eighth of a ring, and makes no holes but those of [long events](crate::Bytes#long-events),
/// and of what it [skips](Self::skip_to).
#[derive(Debug)]
pub struct SolePublisher<R: RingRef<Mode = Sole>> {
    sequencer: SoleSequencer<R>,
    strategy: WaitStrategy,
}

impl<R: RingRef<Mode = Sole>> SolePublisher<R> {
    /// Joins `ring` as its publisher.
    ///
    /// # Errors
    ///
    /// [`JoinError::Occupied`], while the ring has one; [`JoinError::Closed`], once it has closed.
    pub fn join(ring: R) -> Result<Self, JoinError> {
        Ok(SolePublisher { sequencer: SoleSequencer::join(ring)?, strategy: WaitStrategy::default() })
    }

    /// Returns this publisher, which waits by `strategy` when the ring is full.
    #[must_use = "the publisher that waits so is returned"]
    pub fn waiting(self, strategy: WaitStrategy) -> Self {
        SolePublisher { strategy, ..self }
    }

    /// Returns this publisher, which goes by `tuning` instead of [this machine's](Tuning::of_this_machine).
    #[must_use = "the publisher is returned"]
    pub fn tuned(mut self, tuning: Tuning) -> Self {
        self.sequencer.tune(tuning);
        self
    }

    /// Returns the ring.
    pub fn ring(&self) -> &R {
        self.sequencer.ring()
    }

    /// Claims the next sequence, to be written in place. While a Consumer has not left its slot, waits until it has.
    ///
    /// Wait-free without Consumers; blocking behind a gate.
    ///
    /// ```
    /// # use rusted_ring::{HeapRing, Sole, SolePublisher, Start, Subscriber};
    /// let ring = HeapRing::<64, Sole>::sole(1024);
    /// let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    /// let mut publisher = SolePublisher::join(ring)?;
    /// let mut claim = publisher.claim();
    /// claim.append(b"a stroke ")?;
    /// claim.append(b"in two pieces")?;
    /// claim.publish(1);
    /// assert_eq!(reader.try_recv()?.bytes(), b"a stroke in two pieces");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// After [`Sequence::LAST`], in 146 years at 10<sup>9</sup> events a second; on a ring between processes that is [`Corrupt`](crate::Corrupt).
    #[inline]
    pub fn claim(&mut self) -> SoleClaim<'_, R> {
        self.await_room(1);
        self.claim_reserved()
    }

    /// Claims the next sequence, if there is room now. Wait-free.
    ///
    /// # Errors
    ///
    /// [`Full`], which names the Consumer that is in the way.
    ///
    /// # Panics
    ///
    /// As [`claim`](Self::claim).
    #[inline]
    pub fn try_claim(&mut self) -> Result<SoleClaim<'_, R>, Full> {
        self.reserve(1).map_err(|refused| self.full(refused))?;
        Ok(self.claim_reserved())
    }

    /// Claims the next sequence, giving up once the ring has been full for `timeout`.
    ///
    /// # Errors
    ///
    /// [`Full`], when the time is over.
    ///
    /// # Panics
    ///
    /// As [`claim`](Self::claim).
    #[cfg(feature = "std")]
    pub fn claim_timeout(&mut self, timeout: Duration) -> Result<SoleClaim<'_, R>, Full> {
        self.await_room_within(timeout)?;
        Ok(self.claim_reserved())
    }

    /// Claims the next `most` sequences, or as many of them as there is room for, at most a quarter of the ring, behind
    /// one fence.
    ///
    /// There is at least one, unless `most` is 0. Waits as [`claim`](Self::claim) does.
    ///
    /// ```
    /// # use rusted_ring::{HeapTypedRing, Sole, SolePublisher, Start, Subscriber};
    /// let ring = HeapTypedRing::<u64, Sole>::sole(1024);
    /// let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    /// let mut publisher = SolePublisher::join(ring)?;
    /// let mut claims = publisher.claim_batch(10);
    /// let mut squares = (0..).map(|n| n * n);
    /// while let Some(claim) = claims.next_claim() {
    ///     claim.send(&squares.next().unwrap());
    /// }
    /// assert_eq!(reader.by_ref().sum::<u64>(), 285);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// As [`claim`](Self::claim).
    pub fn claim_batch(&mut self, most: usize) -> SoleClaimBatch<'_, R> {
        self.await_room(most.min(1) as u64);
        self.claim_batch_reserved(most)
    }

    /// As [`claim_batch`](Self::claim_batch), if there is room now. Wait-free.
    ///
    /// # Errors
    ///
    /// [`Full`], which names the Consumer that is in the way.
    ///
    /// # Panics
    ///
    /// As [`claim`](Self::claim).
    pub fn try_claim_batch(&mut self, most: usize) -> Result<SoleClaimBatch<'_, R>, Full> {
        self.reserve(most.min(1) as u64).map_err(|refused| self.full(refused))?;
        Ok(self.claim_batch_reserved(most))
    }

    /// Claims the next sequence, for which there is room.
    #[inline]
    pub(crate) fn claim_reserved(&mut self) -> SoleClaim<'_, R> {
        match self.sequencer.claim() {
            Ok(claim) => SoleClaim::new(claim),
            Err(_) => unreachable!("room that a sole publisher has found stays until it is used"),
        }
    }

    /// Claims up to `most` sequences, for the first of which there is room.
    fn claim_batch_reserved(&mut self, most: usize) -> SoleClaimBatch<'_, R> {
        match self.sequencer.claim_run(most as u64) {
            Ok(run) => SoleClaimBatch::new(run),
            Err(_) => unreachable!("room that a sole publisher has found stays until it is used"),
        }
    }

    /// Reserves room for the next event, of so many `slots`.
    #[inline]
    pub(crate) fn reserve(&mut self, slots: u64) -> Result<(), NoRoom> {
        if slots > 1 { self.sequencer.reserve_long(slots).map(drop) } else { self.sequencer.reserve(slots).map(drop) }
    }

    /// Waits until there is room for the next event, of so many `slots`.
    #[inline]
    fn await_room(&mut self, slots: u64) {
        if self.reserve(slots).is_err() {
            self.await_room_later(slots);
        }
    }

    #[cold]
    fn await_room_later(&mut self, slots: u64) {
        let ring = self.ring().clone();
        once_there_is_room(&ring, slots, self.strategy, || self.reserve(slots));
    }

    /// Waits until there is room for the next event, or the time is over.
    #[cfg(feature = "std")]
    fn await_room_within(&mut self, timeout: Duration) -> Result<(), Full> {
        let ring = self.ring().clone();
        if_there_is_room_within(&ring, 1, self.strategy, timeout, || self.reserve(1))
    }

    /// Makes the error of a refusal, without a wait.
    #[inline]
    pub(super) fn full(&self, refused: NoRoom) -> Full {
        full(self.ring(), refused)
    }

    /// Attempts once to publish an event whose size was checked.
    #[inline(always)]
    pub(crate) fn attempt(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, NoRoom> {
        if R::Slot::HAS_LONG && data.len() > R::Slot::LEN {
            let mut panics = FirstPanic::default();
            let sequence = self.sequencer.publish_long(data, event_type, &mut panics)?;
            return Ok(panics.pass_on_or(sequence));
        }
        self.sequencer.publish(data, event_type)
    }

    /// Attempts once to publish an event of `len` bytes, which fit a slot, that `write` makes there.
    #[cfg(not(any(loom, shuttle)))]
    #[inline(always)]
    pub(super) fn attempt_with(
        &mut self,
        len: usize,
        event_type: u32,
        write: impl FnOnce(&mut [u8]),
    ) -> Result<Sequence, NoRoom> {
        self.sequencer.publish_with(len, event_type, write)
    }

    /// As [`attempt_with`](Self::attempt_with), once there is room.
    #[cfg(not(any(loom, shuttle)))]
    #[inline(always)]
    pub(super) fn make_reserved(&mut self, len: usize, event_type: u32, write: impl FnOnce(&mut [u8])) -> Sequence {
        self.await_room(1);
        match self.attempt_with(len, event_type, write) {
            Ok(sequence) => sequence,
            Err(_) => unreachable!("room that a sole publisher has found stays until it is used"),
        }
    }

    /// Attempts once to publish up to `most` values, at least one, that `write` makes in their slots. Returns how many went out.
    #[cfg(not(any(loom, shuttle)))]
    #[inline]
    pub(super) fn attempt_some_with(
        &mut self,
        most: usize,
        write: impl FnMut(&mut [u8]),
        panics: &mut FirstPanic,
    ) -> Result<usize, NoRoom> {
        self.sequencer.publish_some_with(most, write, panics)
    }

    /// Attempts once to skip to `sequence`.
    fn attempt_skip(&mut self, sequence: Sequence) -> Result<(), NoRoom> {
        let mut panics = FirstPanic::default();
        let outcome = self.sequencer.skip_to(sequence.get(), &mut panics);
        panics.pass_on_or(outcome)
    }

    /// Attempts to publish an event whose size was checked, until there is room.
    #[inline(always)]
    pub(super) fn attempt_waiting(&mut self, data: &[u8], event_type: u32) -> Sequence {
        match self.attempt(data, event_type) {
            Ok(sequence) => sequence,
            Err(_) => self.attempt_later(data, event_type),
        }
    }

    /// As [`attempt_waiting`](Self::attempt_waiting), where there was no room.
    #[cold]
    fn attempt_later(&mut self, data: &[u8], event_type: u32) -> Sequence {
        let (ring, slots) = (self.ring().clone(), slots_of::<R::Slot>(data.len()));
        once_there_is_room(&ring, slots, self.strategy, || self.attempt(data, event_type))
    }

    /// Attempts to publish an event whose size was checked, until there is room or the time is over.
    #[cfg(feature = "std")]
    #[inline(always)]
    pub(super) fn attempt_within(&mut self, data: &[u8], event_type: u32, timeout: Duration) -> Result<Sequence, Full> {
        match self.attempt(data, event_type) {
            Ok(sequence) => Ok(sequence),
            Err(_) => self.attempt_later_within(data, event_type, timeout),
        }
    }

    #[cfg(feature = "std")]
    #[cold]
    fn attempt_later_within(&mut self, data: &[u8], event_type: u32, timeout: Duration) -> Result<Sequence, Full> {
        let (ring, slots) = (self.ring().clone(), slots_of::<R::Slot>(data.len()));
        if_there_is_room_within(&ring, slots, self.strategy, timeout, || self.attempt(data, event_type))
    }

    /// As [`attempt_within`](Self::attempt_within), where a waker's panic goes to `panics`.
    #[cfg(all(feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn attempt_by(
        &mut self,
        event: (&[u8], u32),
        timeout: Duration,
        panics: &mut FirstPanic,
    ) -> Result<(), Full> {
        let (ring, strategy) = (self.ring().clone(), self.strategy);
        let slots = slots_of::<R::Slot>(event.0.len());
        let attempt = || self.attempt_some([event].into_iter(), panics);
        if_there_is_room_within(&ring, slots, strategy, timeout, attempt).map(drop)
    }

    /// Attempts once to publish a run of events, at least one, whose sizes were checked. Returns how many went out.
    #[inline]
    pub(crate) fn attempt_some<'e>(
        &mut self,
        mut events: impl ExactSizeIterator<Item = (&'e [u8], u32)> + Clone,
        panics: &mut FirstPanic,
    ) -> Result<usize, NoRoom> {
        if R::Slot::HAS_LONG {
            let short = short_events::<R::Slot>(events.clone());
            if short > 0 {
                return self.sequencer.publish_some(events.take(short), |event| *event, panics);
            }
            if let Some((data, event_type)) = events.next() {
                return self.sequencer.publish_long(data, event_type, panics).map(|_| 1);
            }
        }
        self.sequencer.publish_some(events, |event| *event, panics)
    }

    /// Publishes all events by `attempt`, which says how many went out, and waits whenever the ring has no room for the slots of the first.
    pub(super) fn attempt_all<E>(
        &mut self,
        mut events: &[E],
        slots_of_first: impl Fn(&[E]) -> u64,
        attempt: impl Fn(&mut Self, &[E], &mut FirstPanic) -> Result<usize, NoRoom>,
    ) {
        let mut panics = FirstPanic::default();
        while !events.is_empty() {
            match attempt(self, events, &mut panics) {
                Ok(published) => events = &events[published..],
                Err(_) => self.await_room_later(slots_of_first(events)),
            }
        }
        panics.pass_on();
    }
}

impl<T: Value, S: TypedSlot<Value = T>, R: RingRef<Mode = Sole, Slot = S>> SolePublisher<R> {
    /// Attempts once to publish a run of values, at least one. Returns how many went out.
    #[inline]
    pub(crate) fn attempt_values(&mut self, values: &[T], panics: &mut FirstPanic) -> Result<usize, NoRoom> {
        self.sequencer.publish_values(values, panics)
    }

    /// Attempts once to publish a run of values, at least one. Returns how many were taken, and went out.
    #[inline]
    pub(super) fn attempt_each(
        &mut self,
        values: impl ExactSizeIterator<Item = T>,
        panics: &mut FirstPanic,
    ) -> Result<usize, NoRoom> {
        self.sequencer.publish_some(values, |value| (bytes_of(value), 0), panics)
    }
}

impl<S: BytesSlot, R: RingRef<Mode = Sole, Slot = S>> SolePublisher<R> {
    /// Makes `sequence` the next one: those between carry no event, and are holes to every reader. Without effect, if the next one is there
    /// already. While a Consumer has not left a slot that is needed, waits until it has.
    ///
    /// For who goes on with another ring's sequences, and lacks some of them. A reader that is more than the ring behind has lost what it had not
    /// come to, be it an event or a hole, as always. However many are skipped, this takes a step for each slot of the ring at most; where there are Consumers,
    /// who count every hole, a step for each sequence.
    ///
    /// ```
    /// # use rusted_ring::{HeapRing, Sequence, Sole, SolePublisher, Start, Subscriber};
    /// let ring = HeapRing::<64, Sole>::sole(1024);
    /// let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    /// let mut publisher = SolePublisher::join(ring)?;
    /// publisher.publish(b"the first", 1)?;
    /// publisher.skip_to(Sequence::new(7));
    /// assert_eq!(publisher.publish(b"the eighth", 1)?.get(), 7);
    ///
    /// assert_eq!(reader.try_recv()?.bytes(), b"the first");
    /// assert_eq!(reader.try_recv()?.bytes(), b"the eighth");
    /// assert_eq!((reader.received(), reader.holes()), (2, 6));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Beyond [`Sequence::LAST`]; on a ring between processes that is [`Corrupt`](crate::Corrupt).
    pub fn skip_to(&mut self, sequence: Sequence) {
        let ring = self.ring().clone();
        once_there_is_room(&ring, 1, self.strategy, || self.attempt_skip(sequence));
    }

    /// Skips to `sequence`, as [`skip_to`](Self::skip_to), if there is room now. Wait-free.
    ///
    /// # Errors
    ///
    /// [`Full`], which names the Consumer that is in the way; as much as there was room for is skipped then. Until the rest is, a Consumer that joins may
    /// begin as late as a ring's length before `sequence`.
    ///
    /// # Panics
    ///
    /// As [`skip_to`](Self::skip_to).
    pub fn try_skip_to(&mut self, sequence: Sequence) -> Result<(), Full> {
        self.attempt_skip(sequence).map_err(|refused| self.full(refused))
    }

    /// Skips to `sequence`, as [`skip_to`](Self::skip_to), giving up once the ring has been full for `timeout`.
    ///
    /// # Errors
    ///
    /// As [`try_skip_to`](Self::try_skip_to), when the time is over.
    ///
    /// # Panics
    ///
    /// As [`skip_to`](Self::skip_to).
    #[cfg(feature = "std")]
    pub fn skip_to_timeout(&mut self, sequence: Sequence, timeout: Duration) -> Result<(), Full> {
        let ring = self.ring().clone();
        if_there_is_room_within(&ring, 1, self.strategy, timeout, || self.attempt_skip(sequence))
    }

    /// Publishes a copy of `data`. While a Consumer has not left the next slot, waits until it has.
    ///
    /// Wait-free without Consumers; blocking behind a gate.
    ///
    /// ```
    /// # use rusted_ring::{HeapRing, Sole, SolePublisher, Start, Subscriber};
    /// let ring = HeapRing::<64, Sole>::sole(1024);
    /// let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    /// SolePublisher::join(ring)?.publish(b"a stroke", 1)?;
    /// assert_eq!(reader.try_recv()?.bytes(), b"a stroke");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TooLarge`], if `data` exceeds the ring's longest event, which may take [several slots](crate::Bytes#long-events); nothing was
    /// published then.
    ///
    /// # Panics
    ///
    /// After [`Sequence::LAST`], in 146 years at 10<sup>9</sup> events a second; on a ring between processes that is [`Corrupt`](crate::Corrupt).
    #[inline(always)]
    pub fn publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, TooLarge> {
        check_size::<R::Slot>(data)?;
        Ok(self.attempt_waiting(data, event_type))
    }

    /// Publishes a copy of `data`, if there is room now. Wait-free.
    ///
    /// # Errors
    ///
    /// - [`PublishError::Full`] while a Consumer holds the next slot, which is named.
    /// - [`PublishError::TooLarge`], if `data` exceeds the ring's longest event.
    ///
    /// # Panics
    ///
    /// As [`publish`](Self::publish).
    #[inline(always)]
    pub fn try_publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, PublishError> {
        check_size::<R::Slot>(data)?;
        self.attempt(data, event_type).map_err(|refused| self.full(refused).into())
    }

    /// Publishes a copy of `data`, giving up once the ring has been full for `timeout`.
    ///
    /// # Errors
    ///
    /// As [`try_publish`](Self::try_publish); [`PublishError::Full`], when the time is over.
    ///
    /// # Panics
    ///
    /// As [`publish`](Self::publish).
    #[cfg(feature = "std")]
    pub fn publish_timeout(
        &mut self,
        data: &[u8],
        event_type: u32,
        timeout: Duration,
    ) -> Result<Sequence, PublishError> {
        check_size::<R::Slot>(data)?;
        Ok(self.attempt_within(data, event_type, timeout)?)
    }

    /// Publishes copies of `events` (data and type of each), in order; waits where [`publish`](Self::publish) would.
    ///
    /// Each run that fits, at most a quarter of the ring, is claimed behind one fence and published by one move of the cursor.
    ///
    /// # Errors
    ///
    /// [`TooLarge`], if one of them exceeds the ring's longest event; nothing is published then.
    ///
    /// # Panics
    ///
    /// As [`publish`](Self::publish); what went out before stays published.
    pub fn publish_batch(&mut self, events: &[(&[u8], u32)]) -> Result<(), TooLarge> {
        check_sizes::<R::Slot>(events)?;
        self.attempt_all(events, slots_of_first::<R::Slot>, |publisher, events, panics| {
            publisher.attempt_some(events.iter().copied(), panics)
        });
        Ok(())
    }

    /// Publishes copies of as many of `events` as there is room for now, in order. Returns how many: at least one, if there are any.
    ///
    /// As [`publish_batch`](Self::publish_batch) otherwise. Wait-free.
    ///
    /// # Errors
    ///
    /// As [`try_publish`](Self::try_publish); nothing is published then.
    ///
    /// # Panics
    ///
    /// As [`publish`](Self::publish).
    pub fn try_publish_batch(&mut self, events: &[(&[u8], u32)]) -> Result<usize, PublishError> {
        check_sizes::<R::Slot>(events)?;
        if events.is_empty() {
            return Ok(0);
        }
        let mut panics = FirstPanic::default();
        match self.attempt_some(events.iter().copied(), &mut panics) {
            Ok(published) => Ok(panics.pass_on_or(published)),
            Err(refused) => Err(self.full(refused).into()),
        }
    }
}
