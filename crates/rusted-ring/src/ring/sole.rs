//! The sole writer's claim: two stores and a fence, no read-modify-write but the gate's.

use super::{
    claim::NoClaim,
    held::{Draft, Held},
    home::{HeadOf, PlanesOf, RingRef, Sole},
    lifecycle::{Membership, Refused},
    planes::{Place, Planes, Tag},
    slot::Slot,
};
use crate::{
    Sequence,
    stamp::Stamp,
    sync::{Relaxed, Release, fence},
};

/// The one right to write a ring of mode [`Sole`].
#[derive(Debug)]
pub(crate) struct SoleSeat<R: RingRef<Mode = Sole>> {
    membership: Membership<R>,
    /// # Invariant: the next sequence to be claimed; no slot at or beyond it is published.
    next: Place,
    /// A limit of the gate once granted; grants are never taken back.
    limit: u64,
}

impl<R: RingRef<Mode = Sole>> SoleSeat<R> {
    pub(crate) fn take(ring: R) -> Result<Self, Refused> {
        // The count admits one writer at a time, and entering acquires what the one before it left.
        let membership = Membership::enter(ring)?;
        let planes = membership.ring().planes();
        let next = planes.place(planes.header().cursor.0.load(Relaxed));
        Ok(SoleSeat { membership, next, limit: 0 })
    }

    #[inline]
    pub(crate) fn ring(&self) -> &R {
        self.membership.ring()
    }

    /// Publishes one event; `data` must fit the slot. Wait-free.
    #[inline]
    pub(crate) fn publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, NoClaim> {
        self.reserve(1)?;
        let place = self.next;
        let planes = self.membership.ring().planes();
        // SAFETY: the next sequence, which `reserve` saw below the limit.
        let mut held = unsafe { begin(planes, place) };
        held.fill(data, event_type);
        end(planes, place, held.tag());
        self.next = planes.after(place);
        Ok(Sequence::new(place.sequence))
    }

    /// Claims the next sequence. Wait-free.
    ///
    /// As [`claim_run`](Self::claim_run) of one, with its loop gone.
    #[inline]
    pub(crate) fn claim(&mut self) -> Result<SoleClaim<'_, R>, NoClaim> {
        self.reserve(1)?;
        // SAFETY: as in `publish`.
        unsafe { begin(self.planes(), self.next) };
        Ok(SoleClaim { seat: self })
    }

    /// Claims as many of the next `most` sequences as there is room for, at most a quarter of the ring. Wait-free.
    #[inline]
    pub(crate) fn claim_run(&mut self, most: u64) -> Result<SoleRun<'_, R>, NoClaim> {
        let left = self.reserve(most.min(self.planes().longest_run()))?;
        for place in self.next_places(left) {
            self.planes().tag(place).stamp.store(Stamp::writing(place.sequence), Relaxed);
        }
        // CLAIM-FENCE: with COPY-VALIDATE: whoever loads a word of ours sees the slot claimed.
        fence(Release);
        Ok(SoleRun { seat: self, left })
    }

    /// Publishes as many of `events` as there is room for, behind one fence and one move of the cursor; how many. There is
    /// at least one event, and each fits the slot. Wait-free.
    #[inline]
    pub(crate) fn publish_some<'e>(
        &mut self,
        events: impl ExactSizeIterator<Item = (&'e [u8], u32)>,
    ) -> Result<usize, NoClaim> {
        let SoleRun { seat, left } = self.claim_run(events.len() as u64)?;
        for (place, (data, event_type)) in seat.next_places(left).zip(events) {
            // SAFETY: one of the sequences just claimed.
            unsafe { seat.held(place) }.fill(data, event_type);
        }
        let (planes, first) = (seat.planes(), seat.next);
        planes.header().cursor.0.store(first.sequence + left, Relaxed);
        for place in seat.next_places(left) {
            // PUBLISH: Release, with PUBLISH-SEEN: whoever sees the event done sees its head, its payload and the cursor.
            planes.tag(place).stamp.store(Stamp::done(place.sequence), Release);
        }
        planes.header().settled().notify();
        seat.next = planes.beyond(first, left);
        Ok(left as usize)
    }

    /// Sees that the next sequence is below the limit; how many are, of the next `wanted`.
    #[inline]
    pub(crate) fn reserve(&mut self, wanted: u64) -> Result<u64, NoClaim> {
        let s = self.next.sequence;
        if wanted > 0 && s + wanted > self.limit {
            self.grant(wanted)?;
        }
        Ok(wanted.min(self.limit.saturating_sub(s)))
    }

    /// Raises the limit for `wanted` events, or for fewer, but at least one.
    #[cold]
    fn grant(&mut self, wanted: u64) -> Result<(), NoClaim> {
        let s = self.next.sequence;
        if s > Sequence::LAST.get() {
            return Err(NoClaim::Exhausted);
        }
        self.limit = self.planes().refresh_limit(s + wanted - 1);
        if s < self.limit { Ok(()) } else { Err(NoClaim::Full) }
    }

    #[inline]
    fn planes(&self) -> PlanesOf<'_, R> {
        self.membership.ring().planes()
    }

    #[inline]
    fn next_places(&self, count: u64) -> impl Iterator<Item = Place> {
        let (planes, first) = (self.planes(), self.next);
        (0..count).map(move |by| planes.beyond(first, by))
    }

    /// The slot at `place`, to be filled.
    ///
    /// # Safety
    ///
    /// It is claimed: its sequence is this seat's to publish next, or after others of the same run, and below the limit,
    /// and the fence is behind its stamp.
    #[inline]
    unsafe fn held(&self, place: Place) -> Held<'_, HeadOf<R>> {
        let planes = self.planes();
        // SAFETY: invariant O, for this seat is the ring's only writer; invariant G, by the caller's promise.
        unsafe { Held::new(planes.tag(place), planes.payload(place)) }
    }
}

/// A claimed slot. Dropped or forgotten, it never was: the next claim takes the same sequence.
pub(crate) struct SoleClaim<'a, R: RingRef<Mode = Sole>> {
    /// # Invariant: its next sequence is below the limit, stamped `WRITING`, and the fence is behind that.
    seat: &'a mut SoleSeat<R>,
}

impl<R: RingRef<Mode = Sole>> SoleClaim<'_, R> {
    #[inline]
    pub(crate) fn sequence(&self) -> Sequence {
        Sequence::new(self.seat.next.sequence)
    }

    /// Writes the whole event; `data` must fit the slot.
    #[inline]
    pub(crate) fn fill(&mut self, data: &[u8], event_type: u32) {
        self.held().fill(data, event_type);
    }

    /// Writes `bytes` behind those of `draft`, which is kept of this claim; both must fit the slot.
    pub(crate) fn append(&mut self, draft: &mut Draft, bytes: &[u8]) {
        self.held().append(draft, bytes);
    }

    /// Completes the event of `draft`.
    pub(crate) fn finish(&mut self, draft: &Draft, event_type: u32) {
        self.held().finish(draft, event_type);
    }

    /// Publishes the event.
    #[inline]
    pub(crate) fn commit(self) -> Sequence {
        let (planes, place) = (self.seat.planes(), self.seat.next);
        end(planes, place, planes.tag(place));
        self.seat.next = planes.after(place);
        Sequence::new(place.sequence)
    }

    #[inline]
    fn held(&mut self) -> Held<'_, HeadOf<R>> {
        // SAFETY: the field's invariant.
        unsafe { self.seat.held(self.seat.next) }
    }
}

/// Claimed slots, one after the other. Those that are not published never were.
pub(crate) struct SoleRun<'a, R: RingRef<Mode = Sole>> {
    /// # Invariant: of its next sequences `left` are claimed, each as a [`SoleClaim`]'s is.
    seat: &'a mut SoleSeat<R>,
    left: u64,
}

impl<R: RingRef<Mode = Sole>> SoleRun<'_, R> {
    /// Claims not taken out.
    pub(crate) fn left(&self) -> usize {
        self.left as usize
    }

    /// The next of them: the same again, if the one before was not published.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<SoleClaim<'_, R>> {
        self.left = self.left.checked_sub(1)?;
        Some(SoleClaim { seat: self.seat })
    }
}

/// Stamps the slot of `place` as being written, and hands it to its owner.
///
/// # Safety
///
/// The sequence is the sole writer's to publish next, and below the limit.
#[inline]
unsafe fn begin<S: Slot>(planes: Planes<'_, S, Sole>, place: Place) -> Held<'_, S::Head> {
    let tag = planes.tag(place);
    tag.stamp.store(Stamp::writing(place.sequence), Relaxed);
    // CLAIM-FENCE: with COPY-VALIDATE: whoever loads a word of ours sees the slot claimed.
    fence(Release);
    // SAFETY: invariants O, for there is one writer, and G, by the caller's promise.
    unsafe { Held::new(tag, planes.payload(place)) }
}

/// Publishes the event written at `place`.
#[inline]
fn end<S: Slot>(planes: Planes<'_, S, Sole>, place: Place, tag: &Tag<S::Head>) {
    planes.header().cursor.0.store(place.sequence + 1, Relaxed);
    // PUBLISH: Release, with PUBLISH-SEEN: whoever sees the event done sees its head, its payload and the cursor.
    tag.stamp.store(Stamp::done(place.sequence), Release);
    planes.header().settled().notify();
}
