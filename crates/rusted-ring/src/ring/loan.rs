//! An event lent to a Consumer in place.

use core::{fmt, mem::ManuallyDrop, ops::Deref};

use super::{home::RingRef, payload::Lent, seat::ConsumerSeat};
use crate::Sequence;

/// An event, lent in place: its bytes, its type, its number.
///
/// Dropped, in a panic too, it releases the event's slot to the writers. Forgotten, the event counts as received and
/// is released at the Consumer's next call, or when the Consumer is dropped; it is never lent twice.
pub struct Loan<'a, R: RingRef> {
    seat: &'a mut ConsumerSeat<R>,
    lent: ManuallyDrop<Lent<'a>>,
    sequence: Sequence,
    event_type: u32,
}

impl<'a, R: RingRef> Loan<'a, R> {
    pub(super) fn new(seat: &'a mut ConsumerSeat<R>, lent: Lent<'a>, sequence: u64, event_type: u32) -> Self {
        Loan { seat, lent: ManuallyDrop::new(lent), sequence: Sequence::new(sequence), event_type }
    }

    /// The event's number on the ring.
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// What the event means, to its users.
    pub fn event_type(&self) -> u32 {
        self.event_type
    }
}

impl<R: RingRef> Deref for Loan<'_, R> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.lent
    }
}

impl<R: RingRef> Drop for Loan<'_, R> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: dropped once, here, and not used after: the bytes are given back before the slot is.
        unsafe { ManuallyDrop::drop(&mut self.lent) };
        self.seat.settle();
    }
}

impl<R: RingRef> fmt::Debug for Loan<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loan")
            .field("sequence", &self.sequence)
            .field("event_type", &self.event_type)
            .field("data", &&**self)
            .finish()
    }
}
