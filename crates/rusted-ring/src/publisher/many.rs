//! The publisher of a ring that many write.

#[cfg(feature = "std")]
use std::time::Duration;

use bytemuck::bytes_of;

#[cfg(feature = "std")]
use super::if_there_is_room_within;
use super::{
    Claim, ClaimBatch, Full, PublishError, TooLarge, check_size, check_sizes, full, never, once_there_is_room,
    short_events, slots_of_first,
};
use crate::{
    JoinError, Sequence, Tuning,
    foreign::FirstPanic,
    ring::{
        Bytes, BytesSlot, InlineRing, Many, Membership, NoRoom, Notes, PooledEvent, RingRef, RingView, Slot, TypedSlot,
        Value, ViewOf, slots_of,
    },
    wait::WaitStrategy,
};

/// A publisher of a ring of mode [`Many`]: cloned freely, shared freely.
#[derive(Clone, Debug)]
pub struct Publisher<R: RingRef<Mode = Many>> {
    membership: Membership<R>,
    strategy: WaitStrategy,
    fetch_ahead: bool,
}

/// Attempts once to publish `data`, whose size was checked. Lock-free for an event of one slot, and never waits.
#[inline(always)]
fn publish_once<S: Slot>(view: RingView<'_, S, Many>, data: &[u8], event_type: u32) -> Result<Sequence, NoRoom> {
    if S::HAS_LONG && data.len() > S::LEN {
        return publish_long_once(view, data, event_type);
    }
    loop {
        let mut claim = view.claim()?;
        claim.fill(data, event_type);
        // A revoked claim left a hole for the readers that waited. The event goes out under a new sequence.
        if let Ok(sequence) = claim.commit() {
            return Ok(sequence);
        }
    }
}

/// Attempts once to publish `data`, whose size was checked, without a publisher.
#[inline]
#[cfg(not(any(loom, shuttle)))]
pub(crate) fn publish_unjoined<R: RingRef<Mode = Many>>(
    ring: &R,
    data: &[u8],
    event_type: u32,
) -> Result<Sequence, Full> {
    sound(ring).and_then(|view| publish_once(view, data, event_type)).map_err(|refused| full(ring, refused))
}

/// The ring, on which a claim may be tried: where other processes may have written the cursor, it is looked at first.
#[inline(always)]
fn sound<R: RingRef<Mode = Many>>(ring: &R) -> Result<ViewOf<'_, R>, NoRoom> {
    let view = ring.view();
    match R::SHARED.then(|| view.cursor()) {
        Some(beyond) if beyond > Sequence::LAST.get() => Err(NoRoom::beyond_all(beyond)),
        _ => Ok(view),
    }
}

/// As [`publish_once`], for an event that takes several slots.
#[inline(never)]
fn publish_long_once<S: Slot>(view: RingView<'_, S, Many>, data: &[u8], event_type: u32) -> Result<Sequence, NoRoom> {
    let mut panics = FirstPanic::default();
    // Panics of wakers that were woken for what was claimed in vain, too. If nothing is out in the end, the caller is told that instead.
    let sequence = publish_long(view, data, event_type, &mut panics)?;
    Ok(panics.pass_on_or(sequence))
}

/// As [`publish_long_once`], where more is to be done before a waker's panic is passed on.
fn publish_long<S: Slot>(
    view: RingView<'_, S, Many>,
    data: &[u8],
    event_type: u32,
    panics: &mut FirstPanic,
) -> Result<Sequence, NoRoom> {
    let slots = slots_of::<S>(data.len());
    let mut in_vain = 0;
    loop {
        // Revoked in one of its slots, the event goes out again, whole; not for ever, because a reader may be quicker than every copy.
        if let Ok(sequence) = view.claim_long(slots, &mut in_vain, panics)?.commit_long(data, event_type, panics) {
            return Ok(sequence);
        }
        in_vain += slots;
    }
}

impl<R: RingRef<Mode = Many>> Publisher<R> {
    /// Joins `ring` as a publisher.
    ///
    /// # Errors
    ///
    /// [`JoinError::Closed`], once the ring has closed.
    pub fn join(ring: R) -> Result<Self, JoinError> {
        let (membership, strategy) = (Membership::enter(ring)?, WaitStrategy::default());
        Ok(Publisher { membership, strategy, fetch_ahead: Tuning::of_this_machine().fetch_ahead })
    }

    /// Returns this publisher, which waits by `strategy` when the ring is full.
    #[must_use = "the publisher that waits so is returned"]
    pub fn waiting(self, strategy: WaitStrategy) -> Self {
        Publisher { strategy, ..self }
    }

    /// Returns this publisher, which goes by `tuning` instead of [this machine's](Tuning::of_this_machine).
    #[must_use = "the publisher is returned"]
    pub fn tuned(self, tuning: Tuning) -> Self {
        Publisher { fetch_ahead: tuning.fetch_ahead, ..self }
    }

    /// Returns the ring.
    pub fn ring(&self) -> &R {
        self.membership.ring()
    }

    /// Claims the next sequence, to be written in place. While a Consumer has not left its slot, waits until it has.
    ///
    /// Lock-free without Consumers; blocking behind a gate. Waiting holds no sequence.
    ///
    /// ```
    /// # use rusted_ring::{HeapRing, Publisher, Start, Subscriber};
    /// use std::fmt::Write;
    ///
    /// let ring = HeapRing::<64>::new(1024);
    /// let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    /// let publisher = Publisher::join(ring)?;
    /// let mut claim = publisher.claim();
    /// write!(claim, "{} degrees", 21)?;
    /// claim.publish(7)?;
    /// assert_eq!(reader.try_recv()?.bytes(), b"21 degrees");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// After [`Sequence::LAST`], in 146 years at 10<sup>9</sup> events a second; on a ring between processes that is [`Corrupt`](crate::Corrupt).
    #[inline]
    pub fn claim(&self) -> Claim<'_, R> {
        once_there_is_room(self.ring(), 1, self.strategy, || self.claim_once())
    }

    /// Claims the next sequence, if there is room now. Lock-free.
    ///
    /// # Errors
    ///
    /// [`Full`], which names the Consumer that is in the way.
    ///
    /// # Panics
    ///
    /// As [`claim`](Self::claim).
    #[inline]
    pub fn try_claim(&self) -> Result<Claim<'_, R>, Full> {
        self.claim_once().map_err(|refused| self.full(refused))
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
    pub fn claim_timeout(&self, timeout: Duration) -> Result<Claim<'_, R>, Full> {
        if_there_is_room_within(self.ring(), 1, self.strategy, timeout, || self.claim_once())
    }

    /// Claims the next sequence and those that follow it, up to `most` and without a gap, in one go.
    ///
    /// There is at least one, unless `most` is 0, and fewer than `most` where another publisher or a Consumer is in the way.
    /// Waits as [`claim`](Self::claim) does.
    ///
    /// ```
    /// # use rusted_ring::{HeapTypedRing, Publisher, Start, Subscriber};
    /// let ring = HeapTypedRing::<u64>::new(1024);
    /// let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    /// let publisher = Publisher::join(ring)?;
    /// for (claim, square) in publisher.claim_batch(10).zip((0..10).map(|n| n * n)) {
    ///     claim.send(&square)?;
    /// }
    /// assert_eq!(reader.by_ref().sum::<u64>(), 285);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// As [`claim`](Self::claim).
    pub fn claim_batch(&self, most: usize) -> ClaimBatch<'_, R> {
        let attempt = || self.sound()?.claim_run(most as u64);
        ClaimBatch::new(once_there_is_room(self.ring(), 1, self.strategy, attempt))
    }

    /// As [`claim_batch`](Self::claim_batch), if there is room now. Lock-free.
    ///
    /// # Errors
    ///
    /// [`Full`], which names the Consumer that is in the way.
    ///
    /// # Panics
    ///
    /// As [`claim`](Self::claim).
    pub fn try_claim_batch(&self, most: usize) -> Result<ClaimBatch<'_, R>, Full> {
        match self.sound().and_then(|view| view.claim_run(most as u64)) {
            Ok(run) => Ok(ClaimBatch::new(run)),
            Err(refused) => Err(self.full(refused)),
        }
    }

    #[inline(always)]
    fn sound(&self) -> Result<ViewOf<'_, R>, NoRoom> {
        sound(self.ring())
    }

    #[inline]
    pub(crate) fn claim_once(&self) -> Result<Claim<'_, R>, NoRoom> {
        Ok(Claim::new(self.sound()?.claim()?))
    }

    /// Makes the error of a refusal, without a wait.
    #[inline]
    pub(super) fn full(&self, refused: NoRoom) -> Full {
        full(self.ring(), refused)
    }

    /// Attempts once to publish an event whose size was checked.
    #[inline(always)]
    pub(crate) fn attempt(&self, data: &[u8], event_type: u32) -> Result<Sequence, NoRoom> {
        let view = self.sound()?;
        let sequence = publish_once(view, data, event_type)?;
        if let Some(ahead) = const { ViewOf::<'_, R>::WRITTEN }
            && self.fetch_ahead
            && view.is_gated()
            && sequence.get() + ahead < view.granted()
        {
            view.fetch_to_write(view.place(sequence.get()));
        }
        Ok(sequence)
    }

    /// Attempts to publish an event whose size was checked, until there is room.
    #[inline(always)]
    pub(super) fn attempt_waiting(&self, data: &[u8], event_type: u32) -> Sequence {
        match self.attempt(data, event_type) {
            Ok(sequence) => sequence,
            Err(_) => self.attempt_later(data, event_type),
        }
    }

    /// As [`attempt_waiting`](Self::attempt_waiting), where there was no room.
    #[cold]
    fn attempt_later(&self, data: &[u8], event_type: u32) -> Sequence {
        let slots = slots_of::<R::Slot>(data.len());
        once_there_is_room(self.ring(), slots, self.strategy, || self.attempt(data, event_type))
    }

    /// Attempts to publish an event whose size was checked, until there is room or the time is over.
    #[cfg(feature = "std")]
    #[inline(always)]
    pub(super) fn attempt_within(&self, data: &[u8], event_type: u32, timeout: Duration) -> Result<Sequence, Full> {
        match self.attempt(data, event_type) {
            Ok(sequence) => Ok(sequence),
            Err(_) => self.attempt_later_within(data, event_type, timeout),
        }
    }

    #[cfg(feature = "std")]
    #[cold]
    fn attempt_later_within(&self, data: &[u8], event_type: u32, timeout: Duration) -> Result<Sequence, Full> {
        let slots = slots_of::<R::Slot>(data.len());
        if_there_is_room_within(self.ring(), slots, self.strategy, timeout, || self.attempt(data, event_type))
    }

    /// As [`attempt_within`](Self::attempt_within), where a waker's panic goes to `panics`.
    #[cfg(all(feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn attempt_by(
        &mut self,
        event: (&[u8], u32),
        timeout: Duration,
        panics: &mut FirstPanic,
    ) -> Result<(), Full> {
        let slots = slots_of::<R::Slot>(event.0.len());
        let attempt = || self.attempt_some([event].into_iter(), panics);
        if_there_is_room_within(self.ring(), slots, self.strategy, timeout, attempt).map(drop)
    }

    /// Attempts once to publish a run of events, at least one, whose sizes were checked. Returns how many went out.
    pub(crate) fn attempt_some<'e>(
        &self,
        events: impl ExactSizeIterator<Item = (&'e [u8], u32)> + Clone,
        panics: &mut FirstPanic,
    ) -> Result<usize, NoRoom> {
        let view = self.sound()?;
        let short = short_events::<R::Slot>(events.clone());
        if short == 0
            && let Some((data, event_type)) = events.clone().next()
        {
            return publish_long(view, data, event_type, panics).map(|_| 1);
        }
        loop {
            let published = view.claim_run(short as u64)?.commit_all(events.clone(), panics);
            // None if the very first was revoked: its sequence and the rest are holes now, so all go out again.
            if published > 0 {
                return Ok(published);
            }
        }
    }

    /// Publishes all events by `attempt`, which says how many went out, and waits whenever the ring has no room for the slots of the first.
    pub(super) fn attempt_all<E>(
        &self,
        mut events: &[E],
        slots_of_first: impl Fn(&[E]) -> u64,
        attempt: impl Fn(&Self, &[E], &mut FirstPanic) -> Result<usize, NoRoom>,
    ) {
        let mut panics = FirstPanic::default();
        while !events.is_empty() {
            let slots = slots_of_first(events);
            let attempt = || attempt(self, events, &mut panics);
            let published = once_there_is_room(self.ring(), slots, self.strategy, attempt);
            events = &events[published..];
        }
        panics.pass_on();
    }
}

impl<T: Value, S: TypedSlot<Value = T>, R: RingRef<Mode = Many, Slot = S>> Publisher<R> {
    /// Attempts once to publish a run of values, at least one. Returns how many went out.
    #[inline]
    pub(crate) fn attempt_values(&self, values: &[T], panics: &mut FirstPanic) -> Result<usize, NoRoom> {
        self.attempt_some(values.iter().map(|value| (bytes_of(value), 0)), panics)
    }
}

impl<S: BytesSlot, R: RingRef<Mode = Many, Slot = S>> Publisher<R> {
    /// Publishes a copy of `data`. While a Consumer has not left the next slot, waits until it has.
    ///
    /// Lock-free without Consumers; blocking behind a gate. Waiting holds no sequence, so it leaves no hole.
    ///
    /// An event that takes [several slots](crate::Bytes#long-events) needs them in a row: where others come between, it leaves what it claimed as
    /// holes, backs off and claims anew. Nothing is reserved for it meanwhile: short events that find room go first.
    ///
    /// ```
    /// # use rusted_ring::{HeapRing, Publisher, Start, Subscriber};
    /// let ring = HeapRing::<64>::new(1024);
    /// let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    /// let sequence = Publisher::join(ring)?.publish(b"a stroke", 1)?;
    /// assert_eq!((sequence.get(), reader.try_recv()?.bytes()), (0, &b"a stroke"[..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TooLarge`], if `data` exceeds the ring's longest event; nothing was claimed then.
    ///
    /// # Panics
    ///
    /// After [`Sequence::LAST`], in 146 years at 10<sup>9</sup> events a second; on a ring between processes that is [`Corrupt`](crate::Corrupt).
    #[inline(always)]
    pub fn publish(&self, data: &[u8], event_type: u32) -> Result<Sequence, TooLarge> {
        check_size::<R::Slot>(data)?;
        Ok(self.attempt_waiting(data, event_type))
    }

    /// Publishes a copy of `data`, if there is room now. Never waits; lock-free for an event of one slot.
    ///
    /// # Errors
    ///
    /// - [`PublishError::Full`] while a Consumer holds the next slot, which is named; and, on a ring whose every slot is held by a
    ///   publisher stopped in the middle of a publish, until one of them resumes. An event that takes [several slots](crate::Bytes#long-events) is refused
    ///   while a Consumer holds one of them, and once more than two laps were claimed in vain because others came between.
    /// - [`PublishError::TooLarge`], if `data` exceeds the ring's longest event.
    ///
    /// # Panics
    ///
    /// As [`publish`](Self::publish).
    #[inline(always)]
    pub fn try_publish(&self, data: &[u8], event_type: u32) -> Result<Sequence, PublishError> {
        check_size::<R::Slot>(data)?;
        self.attempt(data, event_type).map_err(|refused| self.full(refused).into())
    }

    /// Publishes a copy of `data`, giving up once the ring has been full for `timeout`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use rusted_ring::{Consumer, HeapRing, Publisher, Start, publisher::PublishError};
    /// let ring = HeapRing::<64>::new(1);
    /// let _archive = Consumer::join(ring.clone(), Start::Newest)?.named("archive");
    /// let publisher = Publisher::join(ring)?;
    /// publisher.publish(b"a stroke", 1)?;
    /// match publisher.publish_timeout(b"another", 1, Duration::from_millis(10)) {
    ///     Err(PublishError::Full(full)) => assert!(full.to_string().contains("consumer `archive`")),
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_publish`](Self::try_publish); [`PublishError::Full`], when the time is over.
    ///
    /// # Panics
    ///
    /// As [`publish`](Self::publish).
    #[cfg(feature = "std")]
    pub fn publish_timeout(&self, data: &[u8], event_type: u32, timeout: Duration) -> Result<Sequence, PublishError> {
        check_size::<R::Slot>(data)?;
        Ok(self.attempt_within(data, event_type, timeout)?)
    }

    /// Publishes copies of `events` (data and type of each), in order; waits where [`publish`](Self::publish) would.
    ///
    /// Each run that fits is claimed in one go. Other publishers' events may come in between, and an event whose publisher
    /// was given up follows, with those after it, under later sequences.
    ///
    /// ```
    /// # use rusted_ring::{HeapRing, Publisher, Start, Subscriber};
    /// let ring = HeapRing::<64>::new(1024);
    /// let reader = Subscriber::join(ring.clone(), Start::Newest);
    /// Publisher::join(ring)?.publish_batch(&[(b"first", 1), (b"second", 1)])?;
    /// assert_eq!(reader.count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TooLarge`], if one of them exceeds the ring's longest event; nothing is published then.
    ///
    /// # Panics
    ///
    /// As [`publish`](Self::publish); what went out before stays published.
    pub fn publish_batch(&self, events: &[(&[u8], u32)]) -> Result<(), TooLarge> {
        check_sizes::<R::Slot>(events)?;
        self.attempt_all(events, slots_of_first::<R::Slot>, |publisher, events, panics| {
            publisher.attempt_some(events.iter().copied(), panics)
        });
        Ok(())
    }

    /// Publishes copies of as many of `events` as there is room for now, in order. Returns how many: at least one, if there are any.
    ///
    /// As [`publish_batch`](Self::publish_batch) otherwise. Never waits; lock-free for events of one slot.
    ///
    /// # Errors
    ///
    /// As [`try_publish`](Self::try_publish); nothing is published then.
    ///
    /// # Panics
    ///
    /// As [`publish`](Self::publish).
    pub fn try_publish_batch(&self, events: &[(&[u8], u32)]) -> Result<usize, PublishError> {
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

impl<const N: usize, const SLOT: usize, A: Notes, R: RingRef<Mode = Many, Slot = Bytes<N, SLOT, A>>> Publisher<R> {
    /// Publishes the event's first `len` bytes; never waits.
    ///
    /// False, and nothing published: a Consumer gates the ring and it is full, or `len` exceeds `N`.
    ///
    /// # Panics
    ///
    /// As [`publish`](Self::publish).
    #[inline]
    pub fn add(&self, event: PooledEvent<N>) -> bool {
        match event.data.get(..event.len as usize) {
            Some(bytes) => match self.attempt(bytes, event.event_type) {
                Ok(_) => true,
                Err(refused) => {
                    let _corrupt = never::<R>(refused);
                    false
                }
            },
            None => false,
        }
    }
}

impl<const N: usize, const SLOT: usize, const CAP: usize> Publisher<&'static InlineRing<Bytes<N, SLOT>, CAP>> {
    /// Joins a static ring as a publisher. The ring never closes, and takes any number of publishers at any time.
    ///
    /// Other rings are [joined](Self::join).
    pub fn new(ring: &'static InlineRing<Bytes<N, SLOT>, CAP>) -> Self {
        match Self::join(ring) {
            Ok(publisher) => publisher,
            Err(_) => unreachable!("a ring that never closes takes any publisher"),
        }
    }
}
