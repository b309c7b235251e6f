//! Where a ring's parts lie.

#[cfg(not(any(loom, shuttle)))]
use crate::ring::PlaceError;
use crate::ring::{
    header::Header,
    memory::slot::Slot,
    mode::{Mode, TagOf},
};

/// What a ring's parts are aligned to.
pub(in crate::ring) const ALIGNMENT: usize = align_of::<Header>();

/// Where a ring's parts lie, from an aligned beginning: the header, the tags, the payloads on a line of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ring) struct Layout {
    pub(in crate::ring) tags: usize,
    pub(in crate::ring) payloads: usize,
    pub(in crate::ring) end: usize,
}

impl Layout {
    /// None if the ring exceeds what any memory may have, which is half of the address space, by wherever it begins in that.
    pub(in crate::ring) const fn of<S: Slot, M: Mode>(capacity: usize) -> Option<Self> {
        let tags = size_of::<Header>();
        let Some(plane) = capacity.checked_mul(size_of::<TagOf<S, M>>()) else { return None };
        let Some(behind_tags) = tags.checked_add(plane) else { return None };
        let Some(payloads) = behind_tags.checked_next_multiple_of(ALIGNMENT) else { return None };
        let Some(plane) = capacity.checked_mul(S::STRIDE) else { return None };
        let Some(end) = payloads.checked_add(plane) else { return None };
        if end > isize::MAX as usize - (ALIGNMENT - 1) {
            return None;
        }
        Some(Layout { tags, payloads, end })
    }

    /// The layout of a ring of `capacity` slots, or why there is none, in whatever memory, of which `given` bytes are at hand.
    #[cfg(not(any(loom, shuttle)))]
    pub(in crate::ring) const fn checked<S: Slot, M: Mode>(capacity: usize, given: usize) -> Result<Self, PlaceError> {
        if capacity == 0 {
            return Err(PlaceError::NoSlots);
        }
        if capacity < S::FEWEST {
            return Err(PlaceError::TooFewSlots { needed: S::FEWEST, asked: capacity });
        }
        match Self::of::<S, M>(capacity) {
            Some(layout) => Ok(layout),
            None => Err(PlaceError::TooSmall { needed: usize::MAX, given }),
        }
    }

    /// The layout of a ring that must be possible.
    ///
    /// # Panics
    ///
    /// If the ring exceeds the address space.
    pub(in crate::ring) const fn must_be<S: Slot, M: Mode>(capacity: usize) -> Self {
        match Self::of::<S, M>(capacity) {
            Some(layout) => layout,
            None => panic!("a ring must fit the address space: ask for fewer slots"),
        }
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use core::mem::offset_of;

    use super::*;
    use crate::{
        RingBuffer, TypedRing,
        ring::{Bytes, Many, Sole, Typed},
    };

    #[test]
    fn a_ring_lies_in_memory_as_it_lies_in_a_value() {
        type Odd = RingBuffer<12, 7>;
        let layout = Layout::of::<Bytes<12>, Many>(7).unwrap();
        assert_eq!((layout.tags, layout.payloads), (offset_of!(Odd, tags), offset_of!(Odd, payloads)));
        type Values = TypedRing<[u32; 5], 33>;
        let layout = Layout::of::<Typed<[u32; 5]>, Many>(33).unwrap();
        assert_eq!((layout.tags, layout.payloads), (offset_of!(Values, tags), offset_of!(Values, payloads)));
        type Bare = TypedRing<[u32; 5], 33, Sole>;
        let layout = Layout::of::<Typed<[u32; 5]>, Sole>(33).unwrap();
        assert_eq!((layout.tags, layout.payloads), (offset_of!(Bare, tags), offset_of!(Bare, payloads)));
    }

    #[test]
    fn a_ring_has_a_layout_up_to_the_longest_memory_and_none_beyond() {
        assert_eq!(Layout::of::<Bytes<64>, Many>(usize::MAX / 64), None);
        assert_eq!(Layout::of::<Bytes<64>, Many>(usize::MAX / 8), None);
        let longest = isize::MAX as usize - (ALIGNMENT - 1);
        let slots = (longest - size_of::<Header>()) / (1 + size_of::<TagOf<Bytes<1>, Many>>());
        let last = (slots - 8..=slots).rfind(|slots| Layout::of::<Bytes<1>, Many>(*slots).is_some()).unwrap();
        let end = Layout::of::<Bytes<1>, Many>(last).unwrap().end;
        assert!(longest - 2 * ALIGNMENT < end && end <= longest, "{end} of {longest}");
        assert_eq!(Layout::of::<Bytes<1>, Many>(slots + 1), None);
    }
}
