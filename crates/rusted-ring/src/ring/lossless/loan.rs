//! An event lent to a Consumer in place.

use core::{fmt, mem::ManuallyDrop, ops::Deref};

use crate::{
    Sequence,
    ring::{
        lossless::GatingPosition,
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
    pub(super) position: &'a mut GatingPosition<R>,
    pub(super) lent: ManuallyDrop<Lent<'a>>,
    #[cfg(not(any(loom, shuttle)))]
    pub(super) notes: &'a <R::Slot as Slot>::Notes,
    pub(super) event_type: u32,
}

impl<R: RingRef> Loan<'_, R> {
    /// Returns the event's number on the ring.
    #[inline]
    pub fn sequence(&self) -> Sequence {
        Sequence::new(self.position.place().sequence)
    }

    /// Returns the event's type, whose meaning is its users'; 0 on a typed ring.
    #[inline]
    pub fn event_type(&self) -> u32 {
        self.event_type
    }

    /// Returns the notes in the event's slot; nothing, on a ring that has none.
    ///
    /// Relaxed loads and stores are enough between stages: one that comes after another sees what that one noted.
    #[cfg(not(any(loom, shuttle)))]
    #[inline]
    pub fn notes(&self) -> &<R::Slot as Slot>::Notes {
        self.notes
    }

    /// Returns a copy of the event.
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
