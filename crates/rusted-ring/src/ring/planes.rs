//! The view of a ring that every protocol works on, whatever memory it lives in.

use core::marker::PhantomData;

use super::{
    event::HeadCell,
    header::Header,
    home::Mode,
    payload::{Payload, PayloadPlane},
    slot::Slot,
};
use crate::{stamp::AtomicStamp, sync::Relaxed};

/// A slot's line in the tag plane: 16 bytes with a head, 8 without.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Tag<H> {
    pub(super) stamp: AtomicStamp,
    pub(super) head: H,
}

impl<H: HeadCell> Tag<H> {
    #[cfg(not(any(loom, shuttle)))]
    #[expect(clippy::declare_interior_mutable_const, reason = "a value to begin with, copied into every slot")]
    pub(crate) const FRESH: Self = Tag { stamp: AtomicStamp::fresh(), head: H::EMPTY };

    #[cfg(any(loom, shuttle, feature = "alloc"))]
    pub(crate) fn fresh() -> Self {
        #[cfg(not(any(loom, shuttle)))]
        return Self::FRESH;
        #[cfg(any(loom, shuttle))]
        Tag { stamp: AtomicStamp::fresh(), head: H::empty() }
    }
}

/// A sequence, and the index of its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) sequence: u64,
    pub(super) index: usize,
}

/// A ring's header and planes.
pub struct Planes<'a, S: Slot, M> {
    header: &'a Header,
    tags: &'a [Tag<S::Head>],
    payloads: PayloadPlane<'a>,
    /// `floor(2^64 / capacity)`, where the capacity is no power of two.
    reciprocal: u64,
    types: PhantomData<(S, M)>,
}

impl<S: Slot, M> Clone for Planes<'_, S, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Slot, M> Copy for Planes<'_, S, M> {}

/// The multiplier that stands for a division by `capacity`.
pub(crate) const fn reciprocal(capacity: usize) -> u64 {
    // A power of two needs none; 1 would give 2^64.
    if capacity.is_power_of_two() { 0 } else { ((1u128 << 64) / capacity as u128) as u64 }
}

impl<'a, S: Slot, M: Mode> Planes<'a, S, M> {
    /// `reciprocal` must be that of the number of tags, and the payload plane hold as many slots.
    #[inline]
    pub(super) fn new(
        header: &'a Header,
        tags: &'a [Tag<S::Head>],
        payloads: PayloadPlane<'a>,
        reciprocal: u64,
    ) -> Self {
        Planes { header, tags, payloads, reciprocal, types: PhantomData }
    }

    #[inline]
    pub(crate) fn header(self) -> &'a Header {
        self.header
    }

    #[inline]
    pub(crate) fn capacity(self) -> usize {
        self.tags.len()
    }

    /// Capacity in sequences.
    #[inline]
    pub(crate) fn lap(self) -> u64 {
        self.tags.len() as u64
    }

    /// Whether the last writer has gone, for good; then everything it published is visible.
    #[inline]
    pub(crate) fn is_closed(self) -> bool {
        self.header.lifecycle.0.is_closed()
    }

    /// `lag` as a part of the capacity, at most 1.0.
    pub(crate) fn pressure(self, lag: u64) -> f32 {
        (lag as f32 / self.lap() as f32).min(1.0)
    }

    /// An eighth of the ring: how far a grant reaches ahead, and how far a lapped reader is set from the edge.
    #[inline]
    pub(crate) fn stride_of_grants(self) -> u64 {
        (self.lap() / 8).max(1)
    }

    /// How many sequences a sole writer may stamp before it shows them as claimed: a quarter of the ring.
    #[inline]
    pub(crate) fn longest_run(self) -> u64 {
        (self.lap() / 4).max(1)
    }

    /// The slot of `sequence`, without a division: by a mask, or by the reciprocal.
    ///
    /// With m = floor(2^64 / C), the estimate floor(s·m / 2^64) of s / C is short by at most one for every s < 2^64,
    /// so one conditional subtraction mends the remainder.
    #[inline]
    pub(crate) fn place(self, sequence: u64) -> Place {
        let capacity = self.lap();
        let index = if capacity.is_power_of_two() {
            sequence & (capacity - 1)
        } else {
            let quotient = ((u128::from(sequence) * u128::from(self.reciprocal)) >> 64) as u64;
            let remainder = sequence - quotient * capacity;
            if remainder >= capacity { remainder - capacity } else { remainder }
        };
        Place { sequence, index: index as usize }
    }

    /// The place after `place`.
    #[inline]
    pub(crate) fn after(self, place: Place) -> Place {
        self.beyond(place, 1)
    }

    /// The place `by` after `place`, at most a lap.
    #[inline]
    pub(crate) fn beyond(self, place: Place, by: u64) -> Place {
        let index = place.index + by as usize;
        Place {
            sequence: place.sequence + by,
            index: if index >= self.capacity() { index - self.capacity() } else { index },
        }
    }

    #[inline]
    pub(super) fn tag(self, place: Place) -> &'a Tag<S::Head> {
        &self.tags[place.index]
    }

    #[inline]
    pub(super) fn payload(self, place: Place) -> Payload<'a> {
        self.payloads.payload(place.index, S::STRIDE)
    }

    /// `len` bytes of payload from the slot of `place` on, plainly.
    ///
    /// # Safety
    ///
    /// Those of [`Payload::lend`] for every slot they lie in, and they do not reach past the ring's last slot.
    #[cfg(not(any(loom, shuttle)))]
    pub(super) unsafe fn payload_run(self, place: Place, len: usize) -> &'a [u8] {
        // SAFETY: the caller's promise.
        unsafe { self.payloads.lend_run(place.index * S::STRIDE, len) }
    }

    /// The next sequence to be claimed, at or beyond `at_least`, which the caller knows to be claimed up to.
    ///
    /// With many writers the cursor is only a hint and the tags are the truth: the claimed sequences are dense, so
    /// the first slot that has not come to its sequence is the end. At rest this is exact; while writers run it was
    /// true at some moment of the call. Wait-free: at most one lap of steps.
    pub(crate) fn claimed(self, at_least: u64) -> u64 {
        let mut s = self.header.cursor.0.load(Relaxed).max(at_least);
        if M::MANY {
            for _ in 0..self.lap() {
                match self.tag(self.place(s)).stamp.load(Relaxed).sequence() {
                    Some(q) if q >= s => s = q + 1,
                    _ => break,
                }
            }
        }
        s
    }

    /// The next sequence to be claimed, for somebody who met `found` in a slot that it was lapped in.
    pub(crate) fn claimed_past(self, found: u64) -> u64 {
        // A sole writer stamps a whole run before it is claimed, and may give it up.
        let unclaimed = if M::MANY { 0 } else { self.longest_run() };
        self.claimed(found + 1 - unclaimed)
    }

    /// Whether the sequence of `place` is claimed; one that a sole writer began and gave up is not.
    pub(crate) fn is_claimed(self, place: Place) -> bool {
        self.claimed(place.sequence) > place.sequence
    }

    /// Sets every slot as if all sequences before `first` had been holes.
    #[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn begin_at(self, first: u64) {
        use crate::{stamp::Stamp, sync::Release};
        for s in first.saturating_sub(self.lap())..first {
            self.tag(self.place(s)).stamp.store(Stamp::hole(s), Release);
        }
        self.header.cursor.0.store(first, Release);
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use crate::{HeapRing, RingRef};

    #[test]
    fn places_are_remainders_for_any_capacity_up_to_the_last_sequence() {
        for capacity in [1, 2, 3, 5, 7, 8, 15, 60, 300, 1000, 2000, 4093, 65536] {
            let ring = HeapRing::<1>::new(capacity);
            let planes = ring.planes();
            let last = crate::Sequence::LAST.get();
            for s in (0..3000).chain(u32::MAX as u64 - 10..u32::MAX as u64 + 10).chain(last - 3000..=last) {
                let place = planes.place(s);
                assert_eq!(place.index as u64, s % capacity as u64, "{s} % {capacity}");
                assert_eq!(planes.after(place), planes.place(s + 1));
            }
        }
    }
}
