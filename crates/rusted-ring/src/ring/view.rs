//! The view of a ring that every protocol works on, whatever memory it lives in.

use core::marker::PhantomData;

use crate::{
    ring::{
        header::Header,
        memory::{PayloadPlane, slot::Slot, slot_ref::SlotRef},
        mode::{Mode, SlotOf, TagOf},
    },
    sync::Relaxed,
};

/// A sequence, and the index of its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub(crate) sequence: u64,
    pub(in crate::ring) index: usize,
}

/// A view of a ring: its header, tags and payloads.
pub struct RingView<'a, S: Slot, M: Mode> {
    header: &'a Header,
    tags: &'a [TagOf<S, M>],
    /// # Invariant: of as many slots of `S::STRIDE` bytes as there are tags.
    payloads: PayloadPlane<'a>,
    /// `floor(2^64 / capacity)`; 0 where the capacity is a power of two.
    reciprocal: u64,
    types: PhantomData<(S, M)>,
}

impl<S: Slot, M: Mode> Clone for RingView<'_, S, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Slot, M: Mode> Copy for RingView<'_, S, M> {}

/// The multiplier that stands for a division by `capacity`.
pub(crate) const fn reciprocal(capacity: usize) -> u64 {
    // A power of two needs none; 1 would give 2^64.
    if capacity.is_power_of_two() { 0 } else { ((1u128 << 64) / capacity as u128) as u64 }
}

impl<'a, S: Slot, M: Mode> RingView<'a, S, M> {
    /// `reciprocal` must be that of the number of tags.
    ///
    /// # Safety
    ///
    /// The invariant of the field `payloads`.
    #[inline]
    pub(in crate::ring) unsafe fn new(
        header: &'a Header,
        tags: &'a [TagOf<S, M>],
        payloads: PayloadPlane<'a>,
        reciprocal: u64,
    ) -> Self {
        RingView { header, tags, payloads, reciprocal, types: PhantomData }
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

    /// The sequence below which publishers may enter slots, or an earlier one.
    #[inline]
    pub(crate) fn granted(self) -> u64 {
        self.header.granted()
    }

    /// Whether the ring is closed: its last publisher has gone, and everything that was published is visible.
    #[inline]
    pub(crate) fn is_closed(self) -> bool {
        self.header.lifecycle.0.is_closed()
    }

    /// The cursor, as it stands.
    #[inline]
    pub(crate) fn cursor(self) -> u64 {
        self.header.cursor.0.load(Relaxed)
    }

    /// `lag` as a part of the capacity, at most 1.0.
    pub(crate) fn pressure(self, lag: u64) -> f32 {
        (lag as f32 / self.lap() as f32).min(1.0)
    }

    /// Returns the length of a grant, an eighth of the ring: how far the gate lets publishers go at a time, and how far from the edge a
    /// lapped reader goes on.
    #[inline]
    pub(crate) fn grant_len(self) -> u64 {
        (self.lap() / 8).max(1)
    }

    /// Returns how many sequences a sole publisher may claim before it publishes the first: a quarter of the ring, because lossy readers
    /// have lost by then what these overwrite.
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
        let index = if self.reciprocal == 0 {
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
    pub(in crate::ring) fn tag(self, place: Place) -> &'a TagOf<S, M> {
        &self.tags[place.index]
    }

    #[inline]
    pub(in crate::ring) fn payloads(self) -> PayloadPlane<'a> {
        self.payloads
    }

    /// The slot at `place`.
    #[inline]
    pub(in crate::ring) fn slot(self, place: Place) -> SlotOf<'a, S, M> {
        assert!(place.index < self.tags.len());
        // SAFETY: as just checked.
        unsafe { self.slot_at(place) }
    }

    /// The slot at `place`.
    ///
    /// # Safety
    ///
    /// The place is of this ring: its index is below the capacity.
    #[inline]
    pub(in crate::ring) unsafe fn slot_at(self, place: Place) -> SlotOf<'a, S, M> {
        // SAFETY: by the caller's promise.
        let tag = unsafe { self.tags.get_unchecked(place.index) };
        // SAFETY: there is a tag of this index, and so, by the field's invariant, a slot.
        let payload = unsafe { self.payloads.payload(place.index) };
        SlotRef { tag, payload }
    }

    /// Copies `values`, whole payloads one after the other, without notes, into the slots from `place` on; round the ring's end if need be.
    ///
    /// # Safety
    ///
    /// The caller owns these slots by invariant O and entered them by invariant G.
    #[inline]
    pub(in crate::ring) unsafe fn store_run(self, place: Place, values: &[u8]) {
        let before_the_end = values.len().min((self.capacity() - place.index) * S::STRIDE);
        let (before, wrapped) = values.split_at(before_the_end);
        // SAFETY: the caller's promise.
        unsafe { self.payloads.store_run::<S>(place.index, before) };
        if !wrapped.is_empty() {
            // SAFETY: as above.
            unsafe { self.payloads.store_run::<S>(0, wrapped) };
        }
    }

    /// `len` bytes of payload from the slot of `place` on, plainly.
    ///
    /// # Safety
    ///
    /// Those of [`Payload::lend`] for every slot they lie in, and they do not reach past the ring's last slot.
    #[cfg(not(any(loom, shuttle)))]
    pub(in crate::ring) unsafe fn payload_run(self, place: Place, len: usize) -> &'a [u8] {
        // SAFETY: the caller's promise.
        unsafe { self.payloads.lend_run(place.index * S::STRIDE, len) }
    }

    /// The next sequence to be claimed, at or beyond `at_least`, which the caller knows to be claimed up to.
    ///
    /// At rest this is exact; while publishers run it was true at some moment of the call.
    pub(crate) fn claimed(self, at_least: u64) -> u64 {
        M::claimed(self, at_least)
    }

    /// Begins at `first`, as if nothing had been published before.
    #[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn begin_at(self, first: u64) {
        M::forget_before(self, first);
        self.header.cursor.0.store(first, Relaxed);
        self.header.intent.0.store(first, Relaxed);
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use crate::{HeapRing, RingRef};

    #[test]
    fn places_are_remainders_for_any_capacity_up_to_the_last_sequence() {
        for capacity in [1, 2, 3, 5, 7, 8, 15, 60, 300, 1000, 2000, 4093, 65536] {
            let ring = HeapRing::<1>::new(capacity);
            let view = ring.view();
            let last = crate::Sequence::LAST.get();
            for s in (0..3000).chain(u32::MAX as u64 - 10..u32::MAX as u64 + 10).chain(last - 3000..=last) {
                let place = view.place(s);
                assert_eq!(place.index as u64, s % capacity as u64, "{s} % {capacity}");
                assert_eq!(view.after(place), view.place(s + 1));
            }
        }
    }
}
