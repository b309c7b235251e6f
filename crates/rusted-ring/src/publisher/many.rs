//! The publisher of a ring that many write.

#[cfg(feature = "std")]
use std::time::Duration;

use bytemuck::{AnyBitPattern, NoUninit, bytes_of};

use super::{
    Claim, ClaimBatch, ClaimError, JoinError, PublishError, TryClaimError, TryPublishError, check_size, check_sizes,
    short_events, slots_of_first, wait_for_room,
};
#[cfg(feature = "std")]
use super::{ClaimTimeoutError, PublishTimeoutError};
use crate::{
    Sequence,
    foreign::FirstPanic,
    ring::{
        Bytes, Closes, InlineRing, Many, Membership, NoClaim, Notes, Planes, PooledEvent, RingRef, Slot, Typed,
        slots_of,
    },
    wait::{WaitStrategy, Waiter},
};

/// A publisher of a ring of mode [`Many`]: cloned freely, shared freely.
#[derive(Clone, Debug)]
pub struct Publisher<R: RingRef<Mode = Many>> {
    membership: Membership<R>,
    strategy: WaitStrategy,
}

/// One attempt to publish `data`, which the ring takes, by anyone who may reach the planes. Lock-free for an event of one slot, and never
/// waits.
#[inline(always)]
pub(crate) fn publish_once<S: Slot>(
    planes: Planes<'_, S, Many>,
    data: &[u8],
    event_type: u32,
) -> Result<Sequence, NoClaim> {
    if S::HAS_LONG && data.len() > S::LEN {
        return publish_long_once(planes, data, event_type);
    }
    loop {
        let mut claim = planes.claim()?;
        claim.fill(data, event_type);
        // A revoked claim left a hole for those who waited; the event goes out under a new sequence.
        if let Ok(sequence) = claim.commit() {
            return Ok(sequence);
        }
    }
}

/// As [`publish_once`], for an event that takes several slots.
#[inline(never)]
fn publish_long_once<S: Slot>(planes: Planes<'_, S, Many>, data: &[u8], event_type: u32) -> Result<Sequence, NoClaim> {
    let mut panics = FirstPanic::default();
    let published = publish_long(planes, data, event_type, &mut panics);
    panics.pass_on();
    published
}

/// As [`publish_long_once`], where more is to be done before a waker's panic is passed on.
fn publish_long<S: Slot>(
    planes: Planes<'_, S, Many>,
    data: &[u8],
    event_type: u32,
    panics: &mut FirstPanic,
) -> Result<Sequence, NoClaim> {
    loop {
        // Revoked in one of its slots, the event goes out again, whole.
        if let Ok(sequence) =
            planes.claim_long(slots_of::<S>(data.len()), panics)?.commit_long(data, event_type, panics)
        {
            return Ok(sequence);
        }
    }
}

impl<R: RingRef<Mode = Many>> Publisher<R> {
    /// A publisher of `ring`. Refused once the ring has closed.
    pub fn join(ring: R) -> Result<Self, JoinError> {
        Ok(Publisher { membership: Membership::enter(ring)?, strategy: WaitStrategy::default() })
    }

    /// The same publisher, waiting by `strategy` when the ring is full.
    pub fn waiting(self, strategy: WaitStrategy) -> Self {
        Publisher { strategy, ..self }
    }

    /// The ring.
    pub fn ring(&self) -> &R {
        self.membership.ring()
    }

    /// Claims the next sequence, to be written in place; behind a Consumer that has not left its slot, waits until it has.
    ///
    /// Lock-free without Consumers; blocking behind a gate. Waiting holds no sequence.
    #[inline]
    pub fn claim(&self) -> Result<Claim<'_, R>, ClaimError> {
        Ok(self.claim_by(Waiter::new)?)
    }

    /// Claims the next sequence, or says at once why not. Lock-free.
    #[inline]
    pub fn try_claim(&self) -> Result<Claim<'_, R>, TryClaimError> {
        Ok(self.claim_once()?)
    }

    /// Claims the next sequence, giving up once the ring has been full for `timeout`.
    #[cfg(feature = "std")]
    pub fn claim_timeout(&self, timeout: Duration) -> Result<Claim<'_, R>, ClaimTimeoutError> {
        Ok(self.claim_by(|strategy| Waiter::for_at_most(strategy, timeout))?)
    }

    /// Claims the next sequence and those that follow it, up to `most` and without a gap, in one go.
    ///
    /// There is at least one, unless `most` is 0, and fewer than `most` where another publisher or a Consumer is in the way.
    /// Waits as [`claim`](Self::claim) does.
    pub fn claim_batch(&self, most: usize) -> Result<ClaimBatch<'_, R>, ClaimError> {
        let attempt = || self.ring().planes().claim_run(most as u64);
        Ok(ClaimBatch::new(wait_for_room(self.ring().planes(), 1, Waiter::new(self.strategy), attempt)?))
    }

    /// As [`claim_batch`](Self::claim_batch), or says at once why not. Lock-free.
    pub fn try_claim_batch(&self, most: usize) -> Result<ClaimBatch<'_, R>, TryClaimError> {
        Ok(ClaimBatch::new(self.ring().planes().claim_run(most as u64)?))
    }

    #[inline]
    pub(crate) fn claim_once(&self) -> Result<Claim<'_, R>, NoClaim> {
        Ok(Claim::new(self.ring().planes().claim()?))
    }

    #[inline]
    fn claim_by(&self, waiter: impl FnOnce(WaitStrategy) -> Waiter) -> Result<Claim<'_, R>, NoClaim> {
        wait_for_room(self.ring().planes(), 1, waiter(self.strategy), || self.claim_once())
    }

    /// One attempt at one event, which the ring takes.
    #[inline(always)]
    pub(crate) fn attempt(&self, data: &[u8], event_type: u32) -> Result<Sequence, NoClaim> {
        publish_once(self.ring().planes(), data, event_type)
    }

    /// Attempts at one event, which the ring takes, until it is not refused for a full ring, or the wait is over.
    #[inline(always)]
    pub(super) fn attempt_waiting(
        &self,
        data: &[u8],
        event_type: u32,
        waiter: impl FnOnce(WaitStrategy) -> Waiter,
    ) -> Result<Sequence, NoClaim> {
        match self.attempt(data, event_type) {
            Err(NoClaim::Full) => self.attempt_later(data, event_type, waiter(self.strategy)),
            outcome => outcome,
        }
    }

    /// Attempts at one event, each once there may be room for it.
    #[cold]
    fn attempt_later(&self, data: &[u8], event_type: u32, waiter: Waiter) -> Result<Sequence, NoClaim> {
        let slots = slots_of::<R::Slot>(data.len());
        wait_for_room(self.ring().planes(), slots, waiter, || self.attempt(data, event_type))
    }

    /// One attempt at a stretch of events, of which there is at least one, and the ring takes each; how many went out.
    pub(crate) fn attempt_some<'e>(
        &self,
        events: impl ExactSizeIterator<Item = (&'e [u8], u32)> + Clone,
        panics: &mut FirstPanic,
    ) -> Result<usize, NoClaim> {
        let planes = self.ring().planes();
        let short = short_events::<R::Slot>(events.clone());
        if short == 0
            && let Some((data, event_type)) = events.clone().next()
        {
            return publish_long(planes, data, event_type, panics).map(|_| 1);
        }
        loop {
            let published = planes.claim_run(short as u64)?.commit_all(events.clone(), panics);
            // None if the very first was revoked: its sequence and the rest are holes now, so all go out again.
            if published > 0 {
                return Ok(published);
            }
        }
    }

    /// Has `attempt` publish all events, waiting whenever the ring has no room for the slots of the first; it says how many went out.
    pub(super) fn attempt_all<E>(
        &self,
        mut events: &[E],
        slots_of_first: impl Fn(&[E]) -> u64,
        attempt: impl Fn(&Self, &[E], &mut FirstPanic) -> Result<usize, NoClaim>,
    ) -> Result<(), NoClaim> {
        let mut panics = FirstPanic::default();
        while !events.is_empty() {
            let waiter = Waiter::new(self.strategy);
            let published = wait_for_room(self.ring().planes(), slots_of_first(events), waiter, || {
                attempt(self, events, &mut panics)
            })?;
            events = &events[published..];
        }
        panics.pass_on();
        Ok(())
    }
}

impl<T, N, R> Publisher<R>
where
    T: AnyBitPattern + NoUninit + Send + Sync,
    N: Notes,
    R: RingRef<Mode = Many, Slot = Typed<T, N>>,
{
    /// One attempt at a stretch of values, of which there is at least one; how many went out.
    #[inline]
    pub(crate) fn attempt_values(&self, values: &[T], panics: &mut FirstPanic) -> Result<usize, NoClaim> {
        self.attempt_some(values.iter().map(|value| (bytes_of(value), 0)), panics)
    }
}

impl<const N: usize, const SLOT: usize, A: Notes, R: RingRef<Mode = Many, Slot = Bytes<N, SLOT, A>>> Publisher<R> {
    /// Publishes a copy of `data`; behind a Consumer that has not left the next slot, waits until it has.
    ///
    /// Lock-free without Consumers; blocking behind a gate. Waiting holds no sequence, so it leaves no hole.
    ///
    /// An event that takes [several slots](Bytes#long-events) needs them in a row: where others come between, it leaves what it claimed as
    /// holes, backs off and claims anew.
    ///
    /// # Errors
    ///
    /// `TooLarge` beyond the ring's longest event; nothing was claimed then.
    #[inline(always)]
    pub fn publish(&self, data: &[u8], event_type: u32) -> Result<Sequence, PublishError> {
        check_size::<R::Slot>(data)?;
        Ok(self.attempt_waiting(data, event_type, Waiter::new)?)
    }

    /// Publishes a copy of `data`, or says at once why not. Lock-free.
    ///
    /// `Full` is said while a Consumer holds the next slot, and, on a ring whose every slot is held by a publisher stopped in
    /// the middle of a publish, until one of them resumes. Of an event that takes [several slots](Bytes#long-events) it is said while a
    /// Consumer holds one of them, and when others came between so often that what was claimed in vain came to two laps.
    #[inline(always)]
    pub fn try_publish(&self, data: &[u8], event_type: u32) -> Result<Sequence, TryPublishError> {
        check_size::<R::Slot>(data)?;
        Ok(self.attempt(data, event_type)?)
    }

    /// Publishes a copy of `data`, giving up once the ring has been full for `timeout`.
    #[cfg(feature = "std")]
    pub fn publish_timeout(
        &self,
        data: &[u8],
        event_type: u32,
        timeout: Duration,
    ) -> Result<Sequence, PublishTimeoutError> {
        check_size::<R::Slot>(data)?;
        Ok(self.attempt_waiting(data, event_type, |strategy| Waiter::for_at_most(strategy, timeout))?)
    }

    /// Publishes copies of `events` (data and type of each), in order; waits where [`publish`](Self::publish) would.
    ///
    /// Each stretch that fits is claimed in one go. Other publishers' events may come in between, and an event whose publisher
    /// was given up follows, with those after it, under later sequences. An event that exceeds what the ring takes is refused
    /// before anything is published.
    pub fn publish_batch(&self, events: &[(&[u8], u32)]) -> Result<(), PublishError> {
        check_sizes::<R::Slot>(events)?;
        Ok(self.attempt_all(events, slots_of_first::<R::Slot>, |publisher, events, panics| {
            publisher.attempt_some(events.iter().copied(), panics)
        })?)
    }

    /// Publishes copies of as many of `events` as there is room for now, in order; how many, at least one if there are any.
    ///
    /// As [`publish_batch`](Self::publish_batch) otherwise. Lock-free.
    pub fn try_publish_batch(&self, events: &[(&[u8], u32)]) -> Result<usize, TryPublishError> {
        check_sizes::<R::Slot>(events)?;
        if events.is_empty() {
            return Ok(0);
        }
        let mut panics = FirstPanic::default();
        let published = self.attempt_some(events.iter().copied(), &mut panics)?;
        Ok(panics.pass_on_or(published))
    }

    /// Publishes the event's first `len` bytes; never waits.
    ///
    /// False, and nothing published: a Consumer gates the ring and it is full, its sequences are exhausted, or `len`
    /// exceeds `N`.
    #[inline]
    pub fn add(&self, event: PooledEvent<N>) -> bool {
        match event.data.get(..event.len as usize) {
            Some(bytes) => self.attempt(bytes, event.event_type).is_ok(),
            None => false,
        }
    }
}

impl<const N: usize, const SLOT: usize, const CAP: usize, C: Closes>
    Publisher<&'static InlineRing<Bytes<N, SLOT>, CAP, Many, C>>
{
    /// A publisher of a static ring.
    ///
    /// # Panics
    ///
    /// If the ring was made to close with its last publisher, and has closed. `RingBuffer::new()` makes one that never does.
    pub fn new(ring: &'static InlineRing<Bytes<N, SLOT>, CAP, Many, C>) -> Self {
        match Self::join(ring) {
            Ok(publisher) => publisher,
            Err(error) => panic!("{error}"),
        }
    }
}
