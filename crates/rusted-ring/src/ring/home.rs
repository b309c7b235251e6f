//! How many write a ring, and where it lives.

use core::fmt;

use super::{
    ClosePolicy, Planes, Slot,
    protocol::Protocol,
    tag::{Stampless, Tag, TagPart},
};
use crate::stamp::AtomicStamp;

mod sealed {
    pub trait Sealed {}
}
pub(super) use sealed::Sealed;

/// How many publishers a ring has: [`Many`] or [`Sole`].
pub trait Mode: Sealed + Protocol + fmt::Debug + Send + Sync + 'static {
    /// Whether several publishers share the ring.
    const MANY: bool;
    /// What a slot's tag keeps of the slot's state.
    #[doc(hidden)]
    type Stamp: TagPart;
}

/// Any number of publishers at a time, through `Publisher`.
#[derive(Debug)]
pub struct Many;

/// One publisher at a time, through `SolePublisher`, which claims without a read-modify-write, and whose ring has no stamps.
#[derive(Debug)]
pub struct Sole;

impl Sealed for Many {}
impl Sealed for Sole {}

impl Mode for Many {
    const MANY: bool = true;
    type Stamp = AtomicStamp;
}

impl Mode for Sole {
    const MANY: bool = false;
    type Stamp = Stampless;
}

/// The tag of a ring of this slot and mode.
pub(super) type TagOf<S, M> = Tag<<M as Mode>::Stamp, <S as Slot>::Head>;

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

    /// When the ring closes: the same for every handle on it.
    fn close_policy(&self) -> ClosePolicy;

    /// Slots in the ring.
    fn capacity(&self) -> usize {
        self.planes().capacity()
    }
}

/// The planes behind a handle.
pub(crate) type PlanesOf<'a, R> = Planes<'a, <R as RingRef>::Slot, <R as RingRef>::Mode>;
