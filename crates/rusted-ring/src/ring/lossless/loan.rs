//! An event lent to a Consumer in place.

use core::{fmt, mem::ManuallyDrop, ops::Deref};

use crate::{
    Sequence,
    ring::{
        long::slots_of,
        lossless::{Found, GatingPosition},
        memory::{slot::Slot, slot_ref::Lent, tag::Head},
        storage::RingRef,
    },
};

/// An event, lent in place: its bytes or its value, its type, its number.
///
/// Dropped, in a panic too, it releases the event's slot to the publishers. Forgotten, the event is counted as received and
/// released at the Consumer's next call to receive, or when the Consumer is dropped; it is never lent twice.
#[must_use = "a loan that is dropped has received its event, and released it"]
pub struct Loan<'a, R: RingRef> {
    position: &'a mut GatingPosition<R>,
    lent: ManuallyDrop<Lent<'a>>,
    #[cfg(not(any(loom, shuttle)))]
    notes: &'a <R::Slot as Slot>::Notes,
    event_type: u32,
}

impl<R: RingRef> GatingPosition<R> {
    /// Lends the event that a look found at the position.
    ///
    /// # Panics
    ///
    /// If the seat has gone on since.
    #[inline]
    pub(crate) fn lend(&mut self, found: Found) -> Loan<'_, R> {
        assert!(self.seen.covers(self.next) && self.next.sequence < found.until, "an event is lent once it was found");
        let ring: *const R = self.ring();
        // SAFETY: the handle outlives the loan, which borrows the seat; a `RingRef`'s memory lies behind it, at one
        // address, so the seat may be borrowed mutably beside it.
        let view = unsafe { &*ring }.view();
        let slot = view.slot(self.next);
        let head = view.head_in(slot.tag, self.next);
        let slots = slots_of::<R::Slot>(head.len as usize);
        if slots == 1 && self.is_last(1) {
            // SAFETY: invariant G, as below; and nothing of this slot is lent yet, for that took this seat.
            unsafe { slot.payload.own_lines(1) };
        }
        // SAFETY: invariant G: the slot is at or beyond the position at the gate, which moves only through
        // `&mut self`, and the loan holds that; `seen` covers the sequence, so that the event's writes were acquired.
        let lent = unsafe { view.lend(self.next, slot, head) };
        self.lend_to(slots, slots);
        Loan {
            position: self,
            lent: ManuallyDrop::new(lent),
            #[cfg(not(any(loom, shuttle)))]
            notes: slot.payload.notes(),
            event_type: head.event_type,
        }
    }
}

impl<R: RingRef> Loan<'_, R> {
    /// The event's number on the ring.
    #[inline]
    pub fn sequence(&self) -> Sequence {
        Sequence::new(self.position.place().sequence)
    }

    /// What the event means, to its users; 0 on a typed ring.
    #[inline]
    pub fn event_type(&self) -> u32 {
        self.event_type
    }

    /// The notes in the event's slot; nothing, on a ring that has none.
    ///
    /// Relaxed loads and stores are enough between stages: one that comes after another sees what that one noted.
    #[cfg(not(any(loom, shuttle)))]
    #[inline]
    pub fn notes(&self) -> &<R::Slot as Slot>::Notes {
        self.notes
    }

    /// A copy of the event.
    pub fn copied(&self) -> <R::Slot as Slot>::Owned {
        let mut event = R::Slot::blank();
        R::Slot::payload_of(&mut event)[..self.lent.len()].copy_from_slice(&self.lent);
        R::Slot::complete(&mut event, Head { len: self.lent.len() as u32, event_type: self.event_type });
        event
    }
}

impl<R: RingRef> Deref for Loan<'_, R> {
    type Target = <R::Slot as Slot>::View;

    #[inline]
    fn deref(&self) -> &Self::Target {
        R::Slot::view(&self.lent)
    }
}

impl<R: RingRef> Drop for Loan<'_, R> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: dropped once, here, and not used after: the bytes are given back before the slot is.
        unsafe { ManuallyDrop::drop(&mut self.lent) };
        self.position.pass_lent();
    }
}

impl<R: RingRef> fmt::Debug for Loan<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loan")
            .field("sequence", &self.sequence())
            .field("event_type", &self.event_type)
            .field("data", &&**self.lent)
            .finish()
    }
}
