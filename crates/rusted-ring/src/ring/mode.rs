//! How many write a ring, and what depends on that.

use core::fmt;

use super::{
    Sealed,
    memory::{
        slot::Slot,
        slot_ref::SlotRef,
        tag::{Stampless, Tag, TagPart},
    },
    view::{Place, RingView},
};
use crate::stamp::{AtomicStamp, Standing};

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

/// A slot of a ring of this slot type and mode.
pub(super) type SlotOf<'a, S, M> = SlotRef<'a, S, <M as Mode>::Stamp>;

/// The sequence below which one reader knows that every event from its position on is published, because it has acquired them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen(u64);

impl Seen {
    /// Every event below `end`, which the reader has acquired.
    #[inline]
    pub(super) fn below(end: u64) -> Self {
        Seen(end)
    }

    /// The same, at most up to `end`.
    #[cfg(feature = "std")]
    #[inline]
    pub(super) fn up_to(self, end: u64) -> Self {
        Seen(self.0.min(end))
    }

    /// The sequence below which every event is covered.
    #[inline]
    pub(super) fn end(self) -> u64 {
        self.0
    }

    /// Whether the event of `place`, at or beyond the reader's position, is known to be published.
    #[inline]
    pub(super) fn covers(self, place: Place) -> bool {
        place.sequence < self.0
    }
}

/// What depends on how many write.
pub trait Protocol: Sized {
    /// Returns what stands at `place`. A caller that is told `Done` has acquired the event's writes, and those of what is `seen` then. Wait-free.
    fn standing<S: Slot>(view: RingView<'_, S, Self>, place: Place, seen: &mut Seen) -> Standing
    where
        Self: Mode;

    /// Returns what stands at `place` after words were loaded there: still `Done`, unless a later owner stored any of them. The caller
    /// has executed an acquire fence after the loads.
    fn standing_still<S: Slot>(view: RingView<'_, S, Self>, place: Place) -> Standing
    where
        Self: Mode;

    /// Returns how many events there are from `first` on without a gap, at most a lap and at most `most`, which is not 0. `seen` covers
    /// `first`, and all of them are acquired.
    fn published_from<S: Slot>(view: RingView<'_, S, Self>, first: Place, seen: &mut Seen, most: u64) -> u64
    where
        Self: Mode;

    /// The next sequence to be claimed, at or beyond `at_least`, which the caller knows to be claimed up to.
    ///
    /// At rest this is exact; while publishers run it was true at some moment of the call.
    fn claimed<S: Slot>(view: RingView<'_, S, Self>, at_least: u64) -> u64
    where
        Self: Mode;

    /// Whether others have published beyond a pending `place`, so that its owner holds readers up.
    fn is_passed<S: Slot>(view: RingView<'_, S, Self>, place: Place) -> bool
    where
        Self: Mode;

    /// Gives up on the owner of a pending `place`. Returns whether the sequence is a hole now.
    fn revoke<S: Slot>(view: RingView<'_, S, Self>, place: Place) -> bool
    where
        Self: Mode;

    /// Whether the slot of `place` is held by an owner that was given up.
    fn is_stuck<S: Slot>(view: RingView<'_, S, Self>, place: Place) -> bool
    where
        Self: Mode;

    /// Whether a claim of the slot of `place` has not ended, whether or not its owner was given up.
    fn is_held<S: Slot>(view: RingView<'_, S, Self>, place: Place) -> bool
    where
        Self: Mode;

    /// Makes holes of all claims that have not ended. None of their owners lives. Returns how many there were.
    #[cfg(not(any(loom, shuttle)))]
    fn free_held<S: Slot>(view: RingView<'_, S, Self>) -> u64
    where
        Self: Mode;

    /// Sets every slot as if all sequences before `first` had carried no event.
    #[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
    fn forget_before<S: Slot>(view: RingView<'_, S, Self>, first: u64)
    where
        Self: Mode;
}
