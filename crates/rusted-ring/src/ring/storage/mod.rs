//! Where a ring lives: in a value, on the heap, in borrowed memory, in memory that processes share.

#[cfg(all(feature = "std", not(any(loom, shuttle))))]
pub(super) mod granted;
#[cfg(feature = "alloc")]
pub(super) mod heap;
#[cfg(feature = "alloc")]
pub(super) mod held;
pub(super) mod incident;
pub(super) mod inline;
pub(super) mod layout;
#[cfg(not(any(loom, shuttle)))]
pub(super) mod mapped;
#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod mapped_tests;
#[cfg(not(any(loom, shuttle)))]
pub(super) mod paged;
#[cfg(not(any(loom, shuttle)))]
pub(super) mod placed;
#[cfg(feature = "alloc")]
mod region;
#[cfg(feature = "alloc")]
pub(super) mod room;

use core::time::Duration;

use super::{ClosePolicy, RingView, Sealed, Slot, mode::Mode};
use crate::{sync::Relaxed, wait::LONGEST_AMONG_PROCESSES};
use incident::Incident;

/// A handle on a ring that stays at one address while any clone of the handle lives.
///
/// Implemented for `&InlineRing`, `&Paged<InlineRing>`, `Arc<InlineRing>`, `SharedRing`, `PlacedRing` and `MappedRing`. Sealed, because the endpoints' soundness rests
/// on it.
pub trait RingRef: Sealed + Clone {
    /// What the ring's slots hold.
    type Slot: Slot;
    /// How many write the ring.
    type Mode: Mode;

    /// Whether other processes may write the ring: then nothing that is found there is believed, and what is held is held by leases.
    #[doc(hidden)]
    const SHARED: bool = false;
    /// Whether events may be lent in place, because nobody writes what is lent.
    #[doc(hidden)]
    const LENDS: bool = true;
    /// How long a sleep lasts at most.
    #[doc(hidden)]
    const LONGEST_SLEEP: Duration = if Self::SHARED { LONGEST_AMONG_PROCESSES } else { Duration::MAX };

    /// Returns a view of the ring, for the crate's own protocols.
    #[doc(hidden)]
    fn view(&self) -> RingView<'_, Self::Slot, Self::Mode>;

    /// When the ring closes: the same for every handle on it.
    fn close_policy(&self) -> ClosePolicy;

    /// Whether the ring is closed: its last publisher has gone, and everything that was published is visible. A ring between processes never is, whatever
    /// its words say. If true, it stays so; if false, it may close at any moment.
    #[inline]
    fn is_closed(&self) -> bool {
        !Self::SHARED && self.view().is_closed()
    }

    /// Tries to take `lease`, where processes share the ring: see `Peers`. Elsewhere everybody has it.
    #[doc(hidden)]
    fn hold(&self, _lease: Lease) -> bool {
        true
    }

    /// Gives `lease` back.
    ///
    /// # Safety
    ///
    /// The caller holds it, and nothing rests on it any more: no entry, endpoint or loan.
    #[doc(hidden)]
    unsafe fn give_back(&self, _lease: Lease) {}

    /// Whether whoever waits may look for processes that have ended.
    #[doc(hidden)]
    fn is_time_to_look(&self) -> bool {
        false
    }

    /// How many readers found the table full, and live.
    #[doc(hidden)]
    fn unlisted(&self) -> u64 {
        self.view().header().table().unlisted().load(Relaxed)
    }

    /// Notes what was met, where processes share the ring.
    #[doc(hidden)]
    fn note(&self, _incident: Incident) {}

    /// Slots in the ring.
    fn capacity(&self) -> usize {
        self.view().capacity()
    }
}

/// What one process holds of a ring that several share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lease {
    /// An entry of the ring's table of readers, by its index, below 64.
    Reader(usize),
    /// The place of the sole publisher.
    Publisher,
    /// A reader that found the table full, by the number of its place among these, below 64. Those that find no place are not counted.
    Unlisted(usize),
}

/// The view behind a handle.
pub(crate) type ViewOf<'a, R> = RingView<'a, <R as RingRef>::Slot, <R as RingRef>::Mode>;
