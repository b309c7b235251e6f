//! What is carried, and how a reader knows that it came whole and in order.

use std::cell::UnsafeCell;

/// Sizes in bytes, each with the slots of its ring: those of the suite `peers`, and the sizes of small messages.
pub(crate) const PAYLOADS: [(usize, usize); 7] =
    [(16, 1024), (48, 1024), (64, 1024), (256, 1024), (1024, 1024), (4096, 256), (16384, 64)];

/// A payload's place in a ring: `W` words of 64 bits, plain memory.
#[repr(transparent)]
pub(crate) struct Payload<const W: usize>(UnsafeCell<[u64; W]>);

// SAFETY: all access is by the calls below, whose callers answer for who touches a payload when.
unsafe impl<const W: usize> Sync for Payload<W> {}

impl<const W: usize> Payload<W> {
    pub(crate) fn empty() -> Self {
        Payload(UnsafeCell::new([0; W]))
    }

    /// Writes the whole payload of the event with this number.
    ///
    /// # Safety
    ///
    /// Nobody else touches this payload meanwhile.
    #[inline]
    pub(crate) unsafe fn fill(&self, number: u64) {
        // SAFETY: nobody else touches it, by the caller's promise.
        fill(unsafe { &mut *self.0.get() }, number);
    }

    /// What is not as it is in the event with this number; 0 if nothing is.
    ///
    /// # Safety
    ///
    /// Nobody writes this payload meanwhile.
    #[inline]
    pub(crate) unsafe fn difference(&self, number: u64) -> u64 {
        // SAFETY: nobody writes it, by the caller's promise.
        difference(unsafe { &*self.0.get() }, number)
    }

    /// Its address, for code that does not touch it.
    #[inline]
    pub(crate) fn address(&self) -> *const u8 {
        self.0.get().cast()
    }
}

/// Writes words that depend on the event's number and on where they stand.
#[inline]
pub(crate) fn fill<const W: usize>(words: &mut [u64; W], number: u64) {
    let pattern = pattern(number);
    for (index, word) in words.iter_mut().enumerate() {
        *word = pattern ^ index as u64;
    }
}

/// What is not as `fill` writes it; 0 if nothing is.
#[inline]
pub(crate) fn difference<const W: usize>(words: &[u64; W], number: u64) -> u64 {
    let pattern = pattern(number);
    words.iter().enumerate().fold(0, |found, (index, word)| found | (word ^ pattern ^ index as u64))
}

/// Odd factors lose nothing: events of different numbers have different words everywhere.
#[inline]
fn pattern(number: u64) -> u64 {
    (number + 1).wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(32)
}

/// The head of the event with this number: a length in the lower half, and a type that changes with each event.
#[inline]
pub(crate) fn head<const W: usize>(number: u64) -> u64 {
    number << 32 | size_of::<[u64; W]>() as u64
}

/// A size as people say it.
pub(crate) fn bytes(payload: usize) -> String {
    if payload >= 1024 { format!("{} KiB", payload / 1024) } else { format!("{payload} B") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_counts() {
        for wrong in 0..8 {
            let mut words = [0; 8];
            fill(&mut words, 7);
            assert_eq!(difference(&words, 7), 0);
            words[wrong] ^= 1 << 40;
            assert_ne!(difference(&words, 7), 0);
        }
    }

    #[test]
    fn no_event_passes_for_another() {
        let (mut before, mut after) = ([0; 2], [0; 2]);
        fill(&mut before, 6);
        fill(&mut after, 7);
        assert!(before.iter().zip(&after).all(|(before, after)| before != after));
        assert_ne!(difference(&[0; 2], 0), 0);
        assert_ne!(head::<2>(6), head::<2>(7));
    }
}
