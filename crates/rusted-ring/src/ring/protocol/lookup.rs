//! Reading a slot: a validated copy for anyone, and what stands there when there is no event.

use core::time::Duration;

use crate::{
    ring::{
        memory::{slot::Slot, tag::Head},
        mode::{Mode, Seen},
        view::{Place, RingView},
    },
    stamp::Standing,
    sync::{Acquire, fence},
    wait::Grace,
};

/// Why a reader finds no event at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// Nothing is published there yet, or nothing will be that the reader may receive.
    Empty,
    #[cfg_attr(not(feature = "std"), expect(dead_code, reason = "without stages no Consumer comes after another"))]
    /// A Consumer that comes first has not finished it, on an open ring, where more may come.
    Barred,
    /// Claimed, not yet published.
    Pending,
    /// The sequence carries no event.
    Hole,
    /// The slot went on to this later sequence, or to one beyond it.
    Lapped(u64),
}

impl<S: Slot, M: Mode> RingView<'_, S, M> {
    /// Copies the event at `place` into `out`, which has room for the longest event, and returns its head, or why there is none.
    ///
    /// If there is none, `out` may hold parts of other events. Wait-free.
    #[inline]
    pub(crate) fn copy_out(self, place: Place, seen: &mut Seen, out: &mut [u8]) -> Result<Head, Nothing> {
        const { assert!(S::HAS_SUBSCRIBERS, "an owner writes `Lossless` slots as plain memory") };
        let standing = M::standing(self, place, seen);
        if standing != Standing::Done {
            return Err(nothing(standing));
        }
        let slot = self.slot(place);
        let head = self.head_in(slot.tag, place);
        if head.begins::<S, M>() {
            let out = &mut out[..head.len as usize];
            if S::HAS_LONG {
                self.load_long(place, out);
            } else {
                slot.payload.load(out);
            }
        }
        // COPY-VALIDATE: with CLAIM-FENCE: a load above that met a later owner makes the look below see that it came.
        fence(Acquire);
        match self.standing_still(place, head) {
            Standing::Done => found::<S, M>(head),
            standing => Err(nothing(standing)),
        }
    }

    /// The head at `place`, whose event the caller knows to be done and held.
    #[inline]
    pub(in crate::ring) fn head(self, place: Place) -> Head {
        self.head_in(self.tag(place), place)
    }

    /// Returns the head of the event at `place`, or why there is none. Wait-free.
    #[inline]
    pub(crate) fn look(self, place: Place, seen: &mut Seen) -> Result<Head, Nothing> {
        let standing = M::standing(self, place, seen);
        if standing != Standing::Done {
            return Err(nothing(standing));
        }
        let head = self.head(place);
        if head.begins::<S, M>() {
            return Ok(head);
        }
        // COPY-VALIDATE: with CLAIM-FENCE: the head of a later owner is not taken for this sequence's, or a lost event would be a hole.
        fence(Acquire);
        match self.standing_still(place, head) {
            Standing::Done => Err(Nothing::Hole),
            standing => Err(nothing(standing)),
        }
    }

    /// Returns how many events there are from `first` on without a gap, at most a lap and at most `most`. `seen` covers `first`. A long
    /// event, which takes several slots, is alone.
    #[inline]
    pub(in crate::ring) fn published_from(self, first: Place, seen: &mut Seen, most: u64) -> u64 {
        let done = M::published_from(self, first, seen, most);
        self.without_gap(first, done)
    }

    /// Gives up on the owner of a pending `place`, if others went on past it and the grace is over. Returns whether it is a hole now.
    pub(crate) fn gives_up(self, place: Place, grace: &mut Grace) -> bool {
        M::is_passed(self, place) && grace.is_over(place.sequence, S::COPYING) && M::revoke(self, place)
    }

    /// Sleeps until there may be something at `place`, or `stopped` is true when the sleeper is notified, for at most `timeout` and at most
    /// `grace_left`, if a grace has begun.
    pub(crate) fn sleep_at(
        self,
        place: Place,
        grace_left: Option<Duration>,
        timeout: Duration,
        stopped: impl Fn() -> bool,
    ) {
        let timeout = grace_left.map_or(timeout, |left| left.min(timeout));
        self.header().readers().sleep(timeout, || self.is_quiet(place, grace_left.is_some()) && !stopped());
    }

    /// Whether a reader at `place` has nothing to do there while the ring is open, except to wait until a grace that has begun is over.
    pub(crate) fn is_quiet(self, place: Place, in_grace: bool) -> bool {
        match self.look(place, &mut Seen::default()) {
            Err(Nothing::Empty) => true,
            // A publisher that was passed is given a grace first, and readers that wait for the end of it wake by themselves.
            Err(Nothing::Pending) => in_grace || !M::is_passed(self, place),
            Ok(_) | Err(Nothing::Barred | Nothing::Hole | Nothing::Lapped(_)) => false,
        }
    }
}

/// Returns what a reader finds in a slot that is done and has `head`.
#[inline]
fn found<S: Slot, M: Mode>(head: Head) -> Result<Head, Nothing> {
    if head.begins::<S, M>() { Ok(head) } else { Err(Nothing::Hole) }
}

/// Returns why there is no event where `standing` stands.
#[cold]
fn nothing(standing: Standing) -> Nothing {
    match standing {
        Standing::Behind => Nothing::Empty,
        Standing::Writing => Nothing::Pending,
        Standing::Hole => Nothing::Hole,
        Standing::Ahead(q) => Nothing::Lapped(q),
        Standing::Done => unreachable!("an event that is done was found"),
    }
}
