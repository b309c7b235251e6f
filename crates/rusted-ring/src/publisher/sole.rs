//! The publisher of a ring that one writes.

#[cfg(feature = "std")]
use std::time::Duration;

use bytemuck::{AnyBitPattern, NoUninit, bytes_of};

use super::{
    ClaimError, JoinError, PublishError, SoleClaim, SoleClaimBatch, TryClaimError, TryPublishError, check_size,
    check_sizes, short_events, slots_of_first, wait_for_room,
};
#[cfg(feature = "std")]
use super::{ClaimTimeoutError, PublishTimeoutError};
use crate::{
    Sequence,
    foreign::FirstPanic,
    ring::{Bytes, NoClaim, Notes, RingRef, Slot, Sole, SoleSeat, Typed, slots_of},
    wait::{WaitStrategy, Waiter},
};

/// The one publisher of a ring of mode [`Sole`]; once it is dropped there may be another.
///
/// It claims without a read-modify-write, but for one in every eighth of a ring, and makes no holes.
#[derive(Debug)]
pub struct SolePublisher<R: RingRef<Mode = Sole>> {
    seat: SoleSeat<R>,
    strategy: WaitStrategy,
}

impl<R: RingRef<Mode = Sole>> SolePublisher<R> {
    /// The publisher of `ring`. Refused while the ring has one, and once it has closed.
    pub fn join(ring: R) -> Result<Self, JoinError> {
        Ok(SolePublisher { seat: SoleSeat::take(ring)?, strategy: WaitStrategy::default() })
    }

    /// The same publisher, waiting by `strategy` when the ring is full.
    pub fn waiting(self, strategy: WaitStrategy) -> Self {
        SolePublisher { strategy, ..self }
    }

    /// The ring.
    pub fn ring(&self) -> &R {
        self.seat.ring()
    }

    /// Claims the next sequence, to be written in place; behind a Consumer that has not left its slot, waits until it has.
    ///
    /// Wait-free without Consumers; blocking behind a gate.
    #[inline]
    pub fn claim(&mut self) -> Result<SoleClaim<'_, R>, ClaimError> {
        Ok(self.claim_by(Waiter::new(self.strategy))?)
    }

    /// Claims the next sequence, or says at once why not. Wait-free.
    #[inline]
    pub fn try_claim(&mut self) -> Result<SoleClaim<'_, R>, TryClaimError> {
        Ok(self.claim_once()?)
    }

    /// Claims the next sequence, giving up once the ring has been full for `timeout`.
    #[cfg(feature = "std")]
    pub fn claim_timeout(&mut self, timeout: Duration) -> Result<SoleClaim<'_, R>, ClaimTimeoutError> {
        Ok(self.claim_by(Waiter::for_at_most(self.strategy, timeout))?)
    }

    /// Claims the next `most` sequences, or as many of them as there is room for, at most a quarter of the ring, behind
    /// one fence.
    ///
    /// There is at least one, unless `most` is 0. Waits as [`claim`](Self::claim) does.
    pub fn claim_batch(&mut self, most: usize) -> Result<SoleClaimBatch<'_, R>, ClaimError> {
        self.wait_for_room(most.min(1) as u64, Waiter::new(self.strategy))?;
        Ok(SoleClaimBatch::new(self.seat.claim_run(most as u64)?))
    }

    /// As [`claim_batch`](Self::claim_batch), or says at once why not. Wait-free.
    pub fn try_claim_batch(&mut self, most: usize) -> Result<SoleClaimBatch<'_, R>, TryClaimError> {
        Ok(SoleClaimBatch::new(self.seat.claim_run(most as u64)?))
    }

    #[inline]
    fn claim_by(&mut self, waiter: Waiter) -> Result<SoleClaim<'_, R>, NoClaim> {
        self.wait_for_room(1, waiter)?;
        self.claim_once()
    }

    #[inline]
    pub(crate) fn claim_once(&mut self) -> Result<SoleClaim<'_, R>, NoClaim> {
        Ok(SoleClaim::new(self.seat.claim()?))
    }

    /// Sees that there is room for the next event, of so many `slots`.
    #[inline]
    pub(crate) fn reserve(&mut self, slots: u64) -> Result<(), NoClaim> {
        if slots > 1 { self.seat.reserve_long(slots).map(drop) } else { self.seat.reserve(slots).map(drop) }
    }

    /// Waits until there is room for the next event, of so many `slots`.
    fn wait_for_room(&mut self, slots: u64, waiter: Waiter) -> Result<(), NoClaim> {
        let ring = self.ring().clone();
        wait_for_room(ring.planes(), slots, waiter, || self.reserve(slots))
    }

    /// One attempt at one event, which the ring takes.
    #[inline(always)]
    pub(crate) fn attempt(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, NoClaim> {
        if R::Slot::HAS_LONG && data.len() > R::Slot::LEN {
            return self.seat.publish_long(data, event_type);
        }
        self.seat.publish(data, event_type)
    }

    /// Attempts at one event, which the ring takes, until it is not refused for a full ring, or the wait is over.
    #[inline(always)]
    pub(super) fn attempt_waiting(
        &mut self,
        data: &[u8],
        event_type: u32,
        waiter: impl FnOnce(WaitStrategy) -> Waiter,
    ) -> Result<Sequence, NoClaim> {
        match self.attempt(data, event_type) {
            Err(NoClaim::Full) => self.attempt_later(data, event_type, waiter(self.strategy)),
            outcome => outcome,
        }
    }

    /// One attempt at one event, once there is room for it.
    #[cold]
    fn attempt_later(&mut self, data: &[u8], event_type: u32, waiter: Waiter) -> Result<Sequence, NoClaim> {
        self.wait_for_room(slots_of::<R::Slot>(data.len()), waiter)?;
        self.attempt(data, event_type)
    }

    /// One attempt at a stretch of events, of which there is at least one, and the ring takes each; how many went out.
    #[inline]
    pub(crate) fn attempt_some<'e>(
        &mut self,
        mut events: impl ExactSizeIterator<Item = (&'e [u8], u32)> + Clone,
        panics: &mut FirstPanic,
    ) -> Result<usize, NoClaim> {
        if R::Slot::HAS_LONG {
            let short = short_events::<R::Slot>(events.clone());
            if short > 0 {
                return self.seat.publish_some(events.take(short), |event| *event, panics);
            }
            if let Some((data, event_type)) = events.next() {
                return self.seat.publish_long(data, event_type).map(|_| 1);
            }
        }
        self.seat.publish_some(events, |event| *event, panics)
    }

    /// Has `attempt` publish all events, waiting whenever the ring has no room for the slots of the first; it says how many went out.
    pub(super) fn attempt_all<E>(
        &mut self,
        mut events: &[E],
        slots_of_first: impl Fn(&[E]) -> u64,
        attempt: impl Fn(&mut Self, &[E], &mut FirstPanic) -> Result<usize, NoClaim>,
    ) -> Result<(), NoClaim> {
        let mut panics = FirstPanic::default();
        while !events.is_empty() {
            let published = match attempt(self, events, &mut panics) {
                Err(NoClaim::Full) => {
                    self.wait_for_room(slots_of_first(events), Waiter::new(self.strategy))?;
                    continue;
                }
                outcome => outcome?,
            };
            events = &events[published..];
        }
        panics.pass_on();
        Ok(())
    }
}

impl<T, N, R> SolePublisher<R>
where
    T: AnyBitPattern + NoUninit + Send + Sync,
    N: Notes,
    R: RingRef<Mode = Sole, Slot = Typed<T, N>>,
{
    /// One attempt at a stretch of values, of which there is at least one; how many went out.
    #[inline]
    pub(crate) fn attempt_values(&mut self, values: &[T], panics: &mut FirstPanic) -> Result<usize, NoClaim> {
        self.seat.publish_values(values, panics)
    }

    /// One attempt at a stretch of values, of which there is at least one; how many were taken, and went out.
    #[inline]
    pub(super) fn attempt_each(&mut self, values: impl ExactSizeIterator<Item = T>) -> Result<usize, NoClaim> {
        let mut panics = FirstPanic::default();
        let published = self.seat.publish_some(values, |value| (bytes_of(value), 0), &mut panics)?;
        Ok(panics.pass_on_or(published))
    }
}

impl<const N: usize, const SLOT: usize, A: Notes, R: RingRef<Mode = Sole, Slot = Bytes<N, SLOT, A>>> SolePublisher<R> {
    /// Publishes a copy of `data`; behind a Consumer that has not left the next slot, waits until it has.
    ///
    /// Wait-free without Consumers; blocking behind a gate.
    ///
    /// # Errors
    ///
    /// `TooLarge` beyond the ring's longest event, which may take [several slots](Bytes#long-events); nothing was published then.
    #[inline(always)]
    pub fn publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, PublishError> {
        check_size::<R::Slot>(data)?;
        Ok(self.attempt_waiting(data, event_type, Waiter::new)?)
    }

    /// Publishes a copy of `data`, or says at once why not. Wait-free.
    #[inline(always)]
    pub fn try_publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, TryPublishError> {
        check_size::<R::Slot>(data)?;
        Ok(self.attempt(data, event_type)?)
    }

    /// Publishes a copy of `data`, giving up once the ring has been full for `timeout`.
    #[cfg(feature = "std")]
    pub fn publish_timeout(
        &mut self,
        data: &[u8],
        event_type: u32,
        timeout: Duration,
    ) -> Result<Sequence, PublishTimeoutError> {
        check_size::<R::Slot>(data)?;
        Ok(self.attempt_waiting(data, event_type, |strategy| Waiter::for_at_most(strategy, timeout))?)
    }

    /// Publishes copies of `events` (data and type of each), in order; waits where [`publish`](Self::publish) would.
    ///
    /// Each stretch that fits, at most a quarter of the ring, is claimed behind one fence, and shown by one move of the
    /// cursor. An event that exceeds what the ring takes is refused before anything is published.
    pub fn publish_batch(&mut self, events: &[(&[u8], u32)]) -> Result<(), PublishError> {
        check_sizes::<R::Slot>(events)?;
        Ok(self.attempt_all(events, slots_of_first::<R::Slot>, |publisher, events, panics| {
            publisher.attempt_some(events.iter().copied(), panics)
        })?)
    }

    /// Publishes copies of as many of `events` as there is room for now, in order; how many, at least one if there are any.
    ///
    /// As [`publish_batch`](Self::publish_batch) otherwise. Wait-free.
    pub fn try_publish_batch(&mut self, events: &[(&[u8], u32)]) -> Result<usize, TryPublishError> {
        check_sizes::<R::Slot>(events)?;
        if events.is_empty() {
            return Ok(0);
        }
        let mut panics = FirstPanic::default();
        let published = self.attempt_some(events.iter().copied(), &mut panics)?;
        Ok(panics.pass_on_or(published))
    }
}
