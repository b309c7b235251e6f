//! Reading a slot: a validated copy for anyone, and what stands there when there is no event.

#[cfg(feature = "async")]
use core::task::Waker;
use core::time::Duration;

use super::{
    event::{Head, HeadCell},
    home::Mode,
    planes::{Place, Planes},
    slot::Slot,
};
#[cfg(feature = "async")]
use crate::wait::Registration;
use crate::{
    stamp::{Stamp, Standing},
    sync::{Acquire, Relaxed, fence},
};

/// What somebody who wants a sequence finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// The event.
    Event(Head),
    /// Nothing yet.
    Empty,
    /// Claimed, not yet published.
    Pending,
    /// The sequence carries no event.
    Hole,
    /// The slot went on to this later sequence.
    Lapped(u64),
}

impl<S: Slot, M: Mode> Planes<'_, S, M> {
    /// Copies the event of `place` into `out`, which holds at least a stride.
    ///
    /// Unless the answer is `Event`, `out` may hold parts of other events. Wait-free.
    #[inline]
    pub(crate) fn copy_out(self, place: Place, out: &mut [u8]) -> Lookup {
        let tag = self.tag(place);
        // PUBLISH-SEEN: Acquire, with PUBLISH.
        let stamp = tag.stamp.load(Acquire);
        if stamp != Stamp::done(place.sequence) {
            return lookup(stamp, place.sequence);
        }
        let head = self.head(place);
        self.payload(place).load(&mut out[..head.len as usize]);
        // COPY-VALIDATE: with CLAIM-FENCE: a load above that met a later owner makes the load below see its stamp.
        fence(Acquire);
        let now = tag.stamp.load(Relaxed);
        if now == stamp { Lookup::Event(head) } else { lookup(now, place.sequence) }
    }

    /// The head at `place`, whose event the caller knows to be done and held.
    #[inline]
    pub(super) fn head(self, place: Place) -> Head {
        self.tag(place).head.load(S::STRIDE)
    }

    /// What stands at `place`, without its payload. Wait-free.
    #[inline]
    pub(crate) fn look(self, place: Place) -> Lookup {
        let tag = self.tag(place);
        // PUBLISH-SEEN: Acquire, with PUBLISH.
        let stamp = tag.stamp.load(Acquire);
        if stamp == Stamp::done(place.sequence) {
            Lookup::Event(self.head(place))
        } else {
            lookup(stamp, place.sequence)
        }
    }

    /// Whether others went on past a pending `place`, so that waiting for its owner costs those who wait.
    ///
    /// On a ring of one slot nobody can go on, so there it is always so. A sole writer is never passed.
    pub(crate) fn is_passed(self, place: Place) -> bool {
        let successor = || self.tag(self.after(place)).stamp.load(Relaxed).sequence();
        M::MANY && (self.lap() == 1 || successor().is_some_and(|q| q > place.sequence))
    }

    /// Gives up on the owner of a pending `place`, so that nobody waits for it any longer; whether it is a hole now.
    ///
    /// The owner, when it resumes, finds itself revoked and publishes under a new sequence.
    pub(crate) fn revoke(self, place: Place) -> bool {
        let s = place.sequence;
        // REVOKE: Relaxed; the owner of a stuck slot is still its only owner, so nothing is handed over here.
        M::MANY && self.tag(place).stamp.replace(Stamp::writing(s), Stamp::stuck(s), Relaxed).is_ok()
    }

    /// Sleeps until there may be something at `place`, for at most `timeout`, or `grace_left` of a grace that has begun.
    pub(crate) fn sleep_at(self, place: Place, grace_left: Option<Duration>, timeout: Duration) {
        let timeout = grace_left.map_or(timeout, |left| left.min(timeout));
        self.header().settled().sleep(timeout, || self.is_quiet(place, grace_left.is_some()));
    }

    /// Has a task woken once there may be something at `place`; false, if there is by now.
    ///
    /// In a grace that has begun, it is woken at once, for it has no clock of its own.
    #[cfg(feature = "async")]
    pub(crate) fn sleep_task_at(
        self,
        place: Place,
        in_grace: bool,
        registration: &mut Registration,
        waker: &Waker,
    ) -> bool {
        if in_grace {
            waker.wake_by_ref();
            return true;
        }
        self.header().settled().sleep_task(registration, waker, || self.is_quiet(place, false))
    }

    /// Whether whoever wants `place` has nothing to do there, but for waiting out a grace that has begun.
    fn is_quiet(self, place: Place, in_grace: bool) -> bool {
        let quiet = match self.look(place) {
            Lookup::Empty => true,
            // Who is passed is given a grace first, and whoever waits for the end of it wakes by itself.
            Lookup::Pending => in_grace || !self.is_passed(place),
            Lookup::Event(_) | Lookup::Hole | Lookup::Lapped(_) => false,
        };
        quiet && !self.is_closed()
    }
}

fn lookup(stamp: Stamp, s: u64) -> Lookup {
    match stamp.standing(s) {
        Standing::Behind => Lookup::Empty,
        Standing::Writing => Lookup::Pending,
        Standing::Hole => Lookup::Hole,
        Standing::Ahead(q) => Lookup::Lapped(q),
        Standing::Done => unreachable!("stamps only grow: a slot found not done, or past done, is not done again"),
    }
}
