//! What is carried, and how a reader knows that it came whole and in order.

use rusted_ring::bytemuck;
use serde::{Deserialize, Serialize};

/// Set in the first word of an event behind which none comes.
pub(crate) const LAST: u64 = 1 << 63;

#[inline]
fn pattern(first: u64) -> u64 {
    (first ^ 0x5bd1_e995_9d1b_58d3).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// An event's words, wherever they lie.
pub(crate) type Words<const W: usize> = [[u8; 8]; W];

/// The words of an array.
pub(crate) fn words<const W: usize>(event: &[u64; W]) -> &Words<W> {
    bytemuck::cast_ref(event)
}

/// The first word of an event.
pub(crate) fn first<const W: usize>(event: &Words<W>) -> u64 {
    u64::from_ne_bytes(event[0])
}

/// Writes all of an event: its first word, and words that depend on that and on where they stand.
#[inline]
pub(crate) fn fill<const W: usize>(event: &mut [u64; W], first: u64) {
    let pattern = pattern(first);
    for (index, word) in event.iter_mut().enumerate() {
        *word = pattern ^ index as u64;
    }
    event[0] = first;
}

/// What a reader received, and what was wrong with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) received: u64,
    /// Never came: numbers that were passed over.
    pub(crate) lost: u64,
    /// Came with words of another event.
    pub(crate) torn: u64,
    /// Came after a later one, or again.
    pub(crate) stale: u64,
}

impl Tally {
    /// Checks each word of an event; returns whether it is the last.
    #[inline]
    pub(crate) fn note<const W: usize>(&mut self, event: &Words<W>) -> bool {
        let first = first(event);
        let pattern = pattern(first);
        // Without a branch for each word.
        let differs = event
            .iter()
            .enumerate()
            .skip(1)
            .fold(0, |all, (index, word)| all | (u64::from_ne_bytes(*word) ^ pattern ^ index as u64));
        self.torn += u64::from(differs != 0);
        let (number, expected) = (first & !LAST, self.received + self.lost);
        match number.checked_sub(expected) {
            Some(passed) => self.lost += passed,
            None => self.stale += 1,
        }
        self.received += 1;
        first & LAST != 0
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.torn + self.stale == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_torn_or_stale_is_counted() {
        let mut tally = Tally::default();
        let mut event = [0; 8];
        for number in [0, 1, 4] {
            fill(&mut event, number);
            assert!(!tally.note(words(&event)));
        }
        assert_eq!(tally, Tally { received: 3, lost: 2, torn: 0, stale: 0 });
        event[3] ^= 1;
        tally.note(words(&event));
        assert_eq!((tally.torn, tally.stale, tally.is_sound()), (1, 1, false));
        fill(&mut event, 9 | LAST);
        assert!(tally.note(words(&event)));
    }
}
