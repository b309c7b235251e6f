//! Events that are longer than a slot: in slots one after the other, under the head of the first.
//!
//! Only the first slot shows a long event. A reader that finds it published finds the other slots published, too, and the payload in one
//! piece: payloads lie without gaps, and no long event goes round the ring's end. The other slots, and slots that are left before the
//! ring's end, carry [`Head::NO_EVENT`]. A reader that comes to one of these without the first slot skips it like a hole. On rings without
//! long events nothing of this is compiled, but for what a sole publisher [skips](super::protocol::sole): slots that carry the same mark.

use super::{
    memory::{
        slot::Slot,
        slot_ref::Lent,
        tag::{Head, HeadCell},
    },
    mode::{Mode, SlotOf, TagOf},
    view::{Place, RingView},
};
use crate::stamp::Standing;

/// Returns how many slots an event of `len` bytes takes.
#[inline]
pub(crate) fn slots_of<S: Slot>(len: usize) -> u64 {
    if S::HAS_LONG { len.div_ceil(S::LEN).max(1) as u64 } else { 1 }
}

/// Whether slots that are published may carry [`Head::NO_EVENT`]: those of long events, and those that a sole publisher skips. With many
/// publishers a stamp says of a slot that it is a hole.
const fn has_marks<S: Slot, M: Mode>() -> bool {
    S::HAS_LONG || S::HAS_LENGTH && !M::MANY
}

impl Head {
    /// Whether an event begins where this head stands.
    #[inline]
    pub(super) fn begins<S: Slot, M: Mode>(self) -> bool {
        !has_marks::<S, M>() || self.len != Head::NO_EVENT.len
    }
}

/// How many slots the event of `head` takes; one, where none begins.
#[inline]
pub(super) fn slots_under<S: Slot, M: Mode>(head: Head) -> u64 {
    if head.begins::<S, M>() { slots_of::<S>(head.len as usize) } else { 1 }
}

/// The parts of a long event, each with the head that its slot has.
pub(super) fn pieces<S: Slot>(data: &[u8], event_type: u32) -> impl Iterator<Item = (Head, &[u8])> + Clone {
    let first = Head { len: data.len() as u32, event_type };
    core::iter::once(first).chain(core::iter::repeat(Head::NO_EVENT)).zip(data.chunks(S::LEN))
}

impl<'a, S: Slot, M: Mode> RingView<'a, S, M> {
    /// Returns how many slots are left before the ring's end, if an event of `slots` slots that begins at `first` would go round it; 0, if
    /// it would not.
    pub(super) fn padding(self, first: Place, slots: u64) -> u64 {
        let before_the_end = self.lap() - first.index as u64;
        if slots > before_the_end { before_the_end } else { 0 }
    }

    /// The head in `tag`, at `place`. In memory that somebody else can write, its length is not to be
    /// trusted, and is cut to what an event may have, and to the ring's end.
    #[inline]
    pub(super) fn head_in(self, tag: &TagOf<S, M>, place: Place) -> Head {
        if !has_marks::<S, M>() {
            return tag.head.load(S::LEN);
        }
        let head = tag.head.load(Head::NO_EVENT.len as usize);
        if !head.begins::<S, M>() {
            return Head::NO_EVENT;
        }
        let most = if S::HAS_LONG { S::LONGEST.min((self.capacity() - place.index) * S::LEN) } else { S::LEN };
        Head { len: head.len.min(most as u32), ..head }
    }

    /// How many slots the event at `place` takes, which the caller knows to be done and held.
    #[inline]
    pub(super) fn slots_at(self, place: Place) -> u64 {
        if S::HAS_LONG { slots_under::<S, M>(self.head_in(self.tag(place), place)) } else { 1 }
    }

    /// Copies the long event at `place` out, by words, slot by slot; it may be torn by a concurrent owner.
    pub(super) fn load_long(self, place: Place, out: &mut [u8]) {
        for (by, piece) in (0..).zip(out.chunks_mut(S::LEN)) {
            self.slot(self.beyond(place, by)).payload.load(piece);
        }
    }

    /// How many of the `done` sequences from `first` on carry events that may be lent together: up to the first that is long, or that carries none.
    /// What was published before the last skip is looked at one by one.
    #[inline]
    pub(super) fn without_gap(self, first: Place, done: u64) -> u64 {
        let may_be_marked = S::HAS_LONG || has_marks::<S, M>() && first.sequence < self.header().skipped_below();
        if may_be_marked { self.short_of(first, done) } else { done }
    }

    /// How many of the `done` events in the slots from `first` on come before the first that is long, or before a slot in which none
    /// begins; one, if that is the first.
    fn short_of(self, first: Place, done: u64) -> u64 {
        let is_short = |by: &u64| {
            let place = self.beyond(first, *by);
            self.head_in(self.tag(place), place).len as usize <= S::LEN
        };
        (0..done).take_while(is_short).count().max(1) as u64
    }

    /// What stands at the slots of the event of `head` at `place`, all of which were `Done`, now that they were copied: the first
    /// that is not `Done` any longer.
    #[inline]
    pub(super) fn standing_still(self, place: Place, head: Head) -> Standing {
        if S::HAS_LONG {
            let mut standings =
                (0..slots_under::<S, M>(head)).map(|by| M::standing_still(self, self.beyond(place, by)));
            return standings.find(|standing| *standing != Standing::Done).unwrap_or(Standing::Done);
        }
        M::standing_still(self, place)
    }

    /// The payload of the event of `head` in `slot`, which is at `place`, plainly.
    ///
    /// # Safety
    ///
    /// The place is of this ring, the head is what [`head_in`](Self::head_in) found there, `DONE` of its sequence was acquired, and
    /// the gate holds its slots for as long as the result lives (G).
    #[inline]
    pub(super) unsafe fn lend(self, place: Place, slot: SlotOf<'a, S, M>, head: Head) -> Lent<'a> {
        let len = head.len as usize;
        if S::HAS_LONG && len > S::LEN {
            // SAFETY: the caller's promise; that the first slot is `DONE` was stored after the same of the others (invariant S), and the
            // gate that holds the first holds those behind it.
            return unsafe { self.payloads().lend_long::<S>(place.index, len) };
        }
        // SAFETY: the caller's promise.
        unsafe { slot.payload.lend(len) }
    }
}
