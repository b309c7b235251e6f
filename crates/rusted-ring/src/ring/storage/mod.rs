//! Where a ring lives: in a value, on the heap, in borrowed memory.

#[cfg(feature = "alloc")]
pub(super) mod heap;
pub(super) mod inline;
pub(super) mod layout;
#[cfg(not(any(loom, shuttle)))]
pub(super) mod placed;

use super::{ClosePolicy, RingView, Sealed, Slot, mode::Mode};

/// A handle on a ring that stays at one address while any clone of the handle lives.
///
/// Implemented for `&InlineRing`, `Arc<InlineRing>`, `SharedRing` and `PlacedRing`. Sealed, because the endpoints' soundness rests on it.
pub trait RingRef: Sealed + Clone {
    /// What the ring's slots hold.
    type Slot: Slot;
    /// How many write the ring.
    type Mode: Mode;

    /// Returns a view of the ring, for the crate's own protocols.
    #[doc(hidden)]
    fn view(&self) -> RingView<'_, Self::Slot, Self::Mode>;

    /// When the ring closes: the same for every handle on it.
    fn close_policy(&self) -> ClosePolicy;

    /// Slots in the ring.
    fn capacity(&self) -> usize {
        self.view().capacity()
    }
}

/// The view behind a handle.
pub(crate) type ViewOf<'a, R> = RingView<'a, <R as RingRef>::Slot, <R as RingRef>::Mode>;
