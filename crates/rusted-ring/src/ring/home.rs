//! How many write a ring, and where it lives.

use core::fmt;

use super::{Planes, Slot};

mod sealed {
    pub trait Sealed {}
}
pub(super) use sealed::Sealed;

/// How many writers a ring has: [`Many`] or [`Sole`].
pub trait Mode: Sealed + fmt::Debug + Send + Sync + 'static {
    /// Whether several writers share the ring.
    const MANY: bool;
}

/// Any number of writers at a time, through `Writer`.
#[derive(Debug)]
pub struct Many;

/// One writer at a time, through `SoleWriter`, which claims without a read-modify-write.
#[derive(Debug)]
pub struct Sole;

impl Sealed for Many {}
impl Sealed for Sole {}

impl Mode for Many {
    const MANY: bool = true;
}

impl Mode for Sole {
    const MANY: bool = false;
}

/// A handle on a ring that stays at one address while any clone of the handle lives.
///
/// Implemented for `&InlineRing`, `Arc<InlineRing>`, `SharedRing` and `PlacedRing`; sealed, for the endpoints' soundness rests on it.
pub trait RingRef: Sealed + Clone {
    /// What the ring's slots hold.
    type Slot: Slot;
    /// How many write the ring.
    type Mode: Mode;

    /// The ring's memory, for the crate's own protocols.
    #[doc(hidden)]
    fn planes(&self) -> Planes<'_, Self::Slot, Self::Mode>;

    /// Slots in the ring.
    fn capacity(&self) -> usize {
        self.planes().capacity()
    }
}

/// The planes behind a handle.
pub(crate) type PlanesOf<'a, R> = Planes<'a, <R as RingRef>::Slot, <R as RingRef>::Mode>;

/// The part of a ring's tags that is not the stamp.
pub(crate) type HeadOf<R> = <<R as RingRef>::Slot as Slot>::Head;
