//! How readers learn what stands in a slot: by its stamp where many write, by the publisher's cursor where one does.

use super::{
    home::{Many, Mode, Sole},
    planes::{Place, Planes},
    slot::Slot,
};
use crate::{
    stamp::{Stamp, Standing},
    sync::{Acquire, Relaxed},
};

/// The sequence below which one reader knows every event from its position on to be published: it has acquired what says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen(u64);

impl Seen {
    /// Every event below `end`, which the reader has acquired.
    #[cfg(feature = "std")]
    #[inline]
    pub(super) fn below(end: u64) -> Self {
        Seen(end)
    }

    /// The sequence below which every event is covered.
    #[cfg(feature = "std")]
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
    /// What stands at `place`; who is told `Done` has acquired the event's writes. Wait-free.
    fn standing<S: Slot>(planes: Planes<'_, S, Self>, place: Place, seen: &mut Seen) -> Standing
    where
        Self: Mode;

    /// What stands at `place`, which was `Done`, now that words were loaded there: `Done` still, if no later owner stored any
    /// of them. An acquire fence is behind the loads.
    fn standing_still<S: Slot>(planes: Planes<'_, S, Self>, place: Place) -> Standing
    where
        Self: Mode;

    /// How many events there are from `first` on, which `seen` covers, without a gap; all of them acquired, at most a lap, and at
    /// most `most`, which is not 0.
    fn published_from<S: Slot>(planes: Planes<'_, S, Self>, first: Place, seen: &mut Seen, most: u64) -> u64
    where
        Self: Mode;

    /// The next sequence to be claimed, at or beyond `at_least`, which the caller knows to be claimed up to.
    ///
    /// At rest this is exact; while publishers run it was true at some moment of the call.
    fn claimed<S: Slot>(planes: Planes<'_, S, Self>, at_least: u64) -> u64
    where
        Self: Mode;

    /// Whether others went on past a pending `place`, so that waiting for its owner costs those who wait.
    fn is_passed<S: Slot>(planes: Planes<'_, S, Self>, place: Place) -> bool
    where
        Self: Mode;

    /// Gives up on the owner of a pending `place`, so that nobody waits for it any longer; whether it is a hole now.
    fn revoke<S: Slot>(planes: Planes<'_, S, Self>, place: Place) -> bool
    where
        Self: Mode;

    /// Whether an owner that was given up holds the slot of `place`.
    fn is_stuck<S: Slot>(planes: Planes<'_, S, Self>, place: Place) -> bool
    where
        Self: Mode;

    /// Sets every slot as if all sequences before `first` had carried no event.
    #[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
    fn forget_before<S: Slot>(planes: Planes<'_, S, Self>, first: u64)
    where
        Self: Mode;
}

impl Protocol for Many {
    #[inline]
    fn standing<S: Slot>(planes: Planes<'_, S, Many>, place: Place, seen: &mut Seen) -> Standing {
        if seen.covers(place) {
            return Standing::Done;
        }
        // PUBLISH-SEEN: Acquire, with PUBLISH.
        let standing = planes.tag(place).stamp.load(Acquire).standing(place.sequence);
        if standing == Standing::Done {
            seen.0 = place.sequence + 1;
        }
        standing
    }

    #[inline]
    fn standing_still<S: Slot>(planes: Planes<'_, S, Many>, place: Place) -> Standing {
        planes.tag(place).stamp.load(Relaxed).standing(place.sequence)
    }

    fn published_from<S: Slot>(planes: Planes<'_, S, Many>, first: Place, seen: &mut Seen, most: u64) -> u64 {
        let is_done = |by: &u64| Self::standing(planes, planes.beyond(first, *by), seen) == Standing::Done;
        1 + (1..planes.lap().min(most)).take_while(is_done).count() as u64
    }

    /// The cursor is only a hint and the tags are the truth: the claimed sequences are dense, so the first slot that has not
    /// come to its sequence is the end. Wait-free: at most one lap of steps.
    fn claimed<S: Slot>(planes: Planes<'_, S, Many>, at_least: u64) -> u64 {
        let mut s = planes.header().cursor.0.load(Relaxed).max(at_least);
        for _ in 0..planes.lap() {
            match planes.tag(planes.place(s)).stamp.load(Relaxed).sequence() {
                Some(q) if q >= s => s = q + 1,
                _ => break,
            }
        }
        s
    }

    /// On a ring of one slot nobody can go on, so there it is always so.
    fn is_passed<S: Slot>(planes: Planes<'_, S, Many>, place: Place) -> bool {
        let successor = || planes.tag(planes.after(place)).stamp.load(Relaxed).sequence();
        planes.lap() == 1 || successor().is_some_and(|q| q > place.sequence)
    }

    /// The owner, when it resumes, finds itself revoked and publishes under a new sequence.
    fn revoke<S: Slot>(planes: Planes<'_, S, Many>, place: Place) -> bool {
        planes.pass_over(Stamp::writing(place.sequence), place)
    }

    fn is_stuck<S: Slot>(planes: Planes<'_, S, Many>, place: Place) -> bool {
        planes.tag(place).stamp.load(Relaxed).released().is_some()
    }

    #[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
    fn forget_before<S: Slot>(planes: Planes<'_, S, Many>, first: u64) {
        for s in first.saturating_sub(planes.lap())..first {
            planes.tag(planes.place(s)).stamp.store(Stamp::hole(s), Relaxed);
        }
    }
}

impl Protocol for Sole {
    #[inline]
    fn standing<S: Slot>(planes: Planes<'_, S, Sole>, place: Place, seen: &mut Seen) -> Standing {
        if !seen.covers(place) {
            // CURSOR-SEEN: Acquire, with CURSOR.
            seen.0 = planes.header().cursor.0.load(Acquire);
        }
        if seen.covers(place) { Standing::Done } else { Standing::Behind }
    }

    /// The limit is looked at first: it moves an eighth of the ring at a time, while the publisher's line moves at each event.
    #[inline]
    fn standing_still<S: Slot>(planes: Planes<'_, S, Sole>, place: Place) -> Standing {
        let next_lap = place.sequence + planes.lap();
        if next_lap >= planes.header().gate.0.limit.load(Relaxed) {
            return Standing::Done;
        }
        match planes.header().intent.0.load(Relaxed) {
            entered if next_lap >= entered => Standing::Done,
            entered => Standing::Ahead(entered - 1),
        }
    }

    /// As many as the last look at the cursor showed.
    #[inline]
    fn published_from<S: Slot>(_planes: Planes<'_, S, Sole>, first: Place, seen: &mut Seen, most: u64) -> u64 {
        (seen.0 - first.sequence).min(most)
    }

    fn claimed<S: Slot>(planes: Planes<'_, S, Sole>, at_least: u64) -> u64 {
        planes.header().cursor.0.load(Relaxed).max(at_least)
    }

    /// What is published is dense, so nothing is ever pending.
    fn is_passed<S: Slot>(_planes: Planes<'_, S, Sole>, _place: Place) -> bool {
        false
    }

    fn revoke<S: Slot>(_planes: Planes<'_, S, Sole>, _place: Place) -> bool {
        false
    }

    fn is_stuck<S: Slot>(_planes: Planes<'_, S, Sole>, _place: Place) -> bool {
        false
    }

    #[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
    fn forget_before<S: Slot>(_planes: Planes<'_, S, Sole>, _first: u64) {}
}
