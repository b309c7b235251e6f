//! What every candidate does: write an event, show it, and have it checked.

use crate::payload::{self, Payload};
use crate::wait::Hung;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Events in a batch.
pub(crate) const BATCH: u64 = 32;

/// A word on lines of its own.
pub(crate) type Apart = common::apart::Apart<AtomicU64>;

/// Where the parts of a slot lie.
pub(crate) trait Layout<const W: usize>: Send + Sync + 'static {
    /// Slots: a power of two, and at least two batches.
    const CAPACITY: usize;

    fn empty() -> Self;

    fn payload(&self, slot: usize) -> &Payload<W>;

    /// The word for an event's length and type; none where slots have none.
    fn head(&self, slot: usize) -> Option<&AtomicU64>;

    /// Where the event with this number lies.
    #[inline]
    fn slot(number: u64) -> usize {
        number as usize & (Self::CAPACITY - 1)
    }

    /// Whether all events have one head, which is stored where another was.
    const STEADY: bool = false;

    /// Of which number an event's head is.
    #[inline]
    fn head_number(number: u64) -> u64 {
        if Self::STEADY { 0 } else { number }
    }

    /// Writes head and payload of the event with this number.
    ///
    /// # Safety
    ///
    /// Nobody else touches its slot meanwhile.
    #[inline]
    unsafe fn fill(&self, number: u64) {
        let slot = Self::slot(number);
        if let Some(head) = self.head(slot) {
            let value = payload::head::<W>(Self::head_number(number));
            if !Self::STEADY || head.load(Relaxed) != value {
                head.store(value, Relaxed);
            }
        }
        // SAFETY: the caller's promise.
        unsafe { self.payload(slot).fill(number) };
    }

    /// What is not as it is in the event with this number; 0 if nothing is.
    ///
    /// # Safety
    ///
    /// Nobody writes its slot meanwhile.
    #[inline]
    unsafe fn difference(&self, number: u64) -> u64 {
        let slot = Self::slot(number);
        let head = self.head(slot).map_or(0, |head| head.load(Relaxed) ^ payload::head::<W>(Self::head_number(number)));
        // SAFETY: the caller's promise.
        head | unsafe { self.payload(slot).difference(number) }
    }
}

/// A layout whose slots have stamps.
pub(crate) trait Stamps<const W: usize>: Layout<W> {
    fn stamp(&self, slot: usize) -> &AtomicU64;
}

/// The stamp of a slot while this event is written there.
#[inline]
pub(crate) fn writing(number: u64) -> u64 {
    4 * number + 1
}

/// The stamp of a slot in which this event is done. The empty slot's, which is 0, is no event's.
#[inline]
pub(crate) fn done(number: u64) -> u64 {
    4 * number + 4
}

/// The stamp of a slot that is free for this event, where each number before it was written: the event's of the lap
/// before, or the empty slot's.
#[inline]
pub(crate) fn vacant(number: u64, capacity: u64) -> u64 {
    done(number).saturating_sub(4 * capacity)
}

/// A layout under a protocol, as its reader sees it: numbers from 0 on, in order.
///
/// # Safety
///
/// What `shown` returns is beyond only those events that were written whole, and all that was written of them happened
/// before it returned.
pub(crate) unsafe trait Ring: Send + Sync + 'static {
    /// Slots.
    const CAPACITY: u64;

    fn empty() -> Self;

    /// The number after the last event that is seen to be shown; `next` if the event `next` is not. The answer may exceed
    /// `most` where that costs nothing.
    fn shown(&self, next: u64, most: u64) -> u64;

    /// The difference between the event with this number and what it should be; 0 if there is none.
    ///
    /// # Safety
    ///
    /// It was shown to the calling thread, and its slot is not written anew meanwhile.
    unsafe fn difference(&self, number: u64) -> u64;
}

/// A ring with one writer, which writes the numbers from 0 on, in order.
pub(crate) trait Sole: Ring {
    /// Writes an event, and shows it.
    ///
    /// # Safety
    ///
    /// It is the next one, no other call writes, and nobody reads its slot before it is shown.
    unsafe fn write(&self, number: u64);

    /// Writes the `BATCH` events that begin with this one, and shows them.
    ///
    /// # Safety
    ///
    /// As of [`write`](Self::write), for each of them.
    unsafe fn write_batch(&self, first: u64);
}

/// A ring with any number of writers, each of which claims the numbers that it writes. Claimed are the numbers from 0
/// on, without a gap.
///
/// # Safety
///
/// `claim` returns a number once, and only if its `pass` was called with that number and let it pass.
pub(crate) unsafe trait Claims: Ring {
    /// Claims the next number. It waits where `pass` does, and nowhere else.
    fn claim(&self, pass: impl FnMut(u64) -> Result<(), Hung>) -> Result<u64, Hung>;

    /// Writes the event with this number, and shows it.
    ///
    /// # Safety
    ///
    /// The caller has claimed the number, and publishes it once. The owner of the slot a lap before is done with it, and
    /// nobody reads it before it is shown.
    unsafe fn publish(&self, number: u64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_vacant_when_it_is_empty_or_done_with_the_lap_before() {
        assert_eq!([0, 7].map(|number| vacant(number, 8)), [0, 0]);
        assert_eq!([8, 23].map(|number| vacant(number, 8)), [done(0), done(15)]);
    }
}
