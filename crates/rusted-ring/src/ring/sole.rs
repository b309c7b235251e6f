//! The sole writer's claim: two stores and a fence, no read-modify-write but the gate's.

use super::{
    claim::ClaimError,
    event::{Head, HeadCell},
    home::{RingRef, Sole},
    lifecycle::{Membership, Refused},
    planes::Place,
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
    ///
    /// As [`publish_some`](Self::publish_some) of one, with its loops gone.
    #[inline]
    pub(crate) fn publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, ClaimError> {
        let place = self.next;
        let s = place.sequence;
        if s >= self.limit {
            self.grant(1)?;
        }
        let planes = self.membership.ring().planes();
        let tag = planes.tag(place);
        tag.stamp.store(Stamp::writing(s), Relaxed);
        // CLAIM-FENCE: with COPY-VALIDATE: whoever loads a word of ours sees the slot claimed.
        fence(Release);
        // SAFETY: the next sequence, and below the limit, as just checked.
        unsafe { self.write(place, data, event_type) };
        planes.header().cursor.0.store(s + 1, Relaxed);
        // PUBLISH: Release, with PUBLISH-SEEN: whoever sees the event done sees its head, its payload and the cursor.
        tag.stamp.store(Stamp::done(s), Release);
        planes.header().settled().notify();
        self.next = planes.after(place);
        Ok(Sequence::new(s))
    }

    /// Raises the limit for `wanted` events, or for fewer, but at least one.
    #[cold]
    fn grant(&mut self, wanted: u64) -> Result<(), ClaimError> {
        let s = self.next.sequence;
        if s > Sequence::LAST.get() {
            return Err(ClaimError::Exhausted);
        }
        self.limit = self.membership.ring().planes().refresh_limit(s + wanted - 1);
        if s < self.limit { Ok(()) } else { Err(ClaimError::Full) }
    }

    /// Fills a slot between its two stamps; `data` fits it.
    ///
    /// # Safety
    ///
    /// The sequence is this seat's to publish next, or after others of the same batch, and below the limit.
    #[inline]
    unsafe fn write(&self, place: Place, data: &[u8], event_type: u32) {
        let planes = self.membership.ring().planes();
        planes.tag(place).head.store(Head { len: data.len() as u32, event_type });
        // SAFETY: invariant O, for this seat is the ring's only writer; invariant G, by the caller's promise.
        unsafe { planes.payload(place).own() }.store(data);
    }

    /// Publishes as many of `events` as fit, at most a quarter of the ring, behind one fence and one move of the cursor;
    /// how many. There is at least one event, and each fits the slot. Wait-free.
    #[inline]
    pub(crate) fn publish_some<'e>(
        &mut self,
        events: impl ExactSizeIterator<Item = (&'e [u8], u32)>,
    ) -> Result<usize, ClaimError> {
        let first = self.next;
        let s = first.sequence;
        let quarter = (self.membership.ring().planes().lap() / 4).max(1);
        let wanted = (events.len() as u64).min(quarter);
        if s + wanted > self.limit {
            self.grant(wanted)?;
        }
        let planes = self.membership.ring().planes();
        let count = wanted.min(self.limit - s);
        let places = || (0..count).map(|index| planes.beyond(first, index));
        for place in places() {
            planes.tag(place).stamp.store(Stamp::writing(place.sequence), Relaxed);
        }
        // CLAIM-FENCE: with COPY-VALIDATE: whoever loads a word of ours sees the slot claimed.
        fence(Release);
        for (place, (data, event_type)) in places().zip(events) {
            // SAFETY: one of the `count` sequences from the next one on that lie below the limit.
            unsafe { self.write(place, data, event_type) };
        }
        planes.header().cursor.0.store(s + count, Relaxed);
        for place in places() {
            // PUBLISH: Release, with PUBLISH-SEEN: whoever sees the event done sees its head, its payload and the cursor.
            planes.tag(place).stamp.store(Stamp::done(place.sequence), Release);
        }
        planes.header().settled().notify();
        self.next = planes.beyond(first, count);
        Ok(count as usize)
    }
}
