//! The walk for a free slot, and its claim by an exchange on a word that each slot has.

use super::BackOff;
use crate::ring::{Apart, done, writing};
use crate::wait::Hung;
use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};

/// Where walks begin.
///
/// # Invariant
///
/// All numbers before it were claimed. It is a hint: a store of one writer may undo that of another.
#[derive(Default)]
pub(super) struct Walk(Apart);

impl Walk {
    /// Claims the first number whose slot is free, and that passes, by an exchange on the slot's word, as `word` has
    /// it, from whatever it is to [`writing`]. So a number is claimed once: the words only grow.
    #[inline]
    pub(super) fn claim<'a>(
        &self,
        word: impl Fn(u64) -> &'a AtomicU64,
        mut pass: impl FnMut(u64) -> Result<(), Hung>,
    ) -> Result<u64, Hung> {
        let mut number = self.0.0.load(Relaxed);
        let mut contended = BackOff::default();
        loop {
            pass(number)?;
            let word = word(number);
            let found = word.load(Relaxed);
            if !is_free(found, number) {
                number = self.beyond(found, number);
                continue;
            }
            if word.compare_exchange(found, writing(number), Acquire, Relaxed).is_ok() {
                break;
            }
            contended.once();
        }
        fence(Release);
        if self.0.0.load(Relaxed) <= number {
            self.0.0.store(number + 1, Relaxed);
        }
        Ok(number)
    }

    /// Where the walk goes on from a number in whose slot `found` stood: behind it, or where others have come
    /// meanwhile.
    #[cold]
    fn beyond(&self, found: u64, number: u64) -> u64 {
        let behind = found.div_ceil(4);
        assert!(behind > number, "the gate lets nobody come to a slot that the lap before has not left");
        behind.max(self.0.0.load(Relaxed))
    }
}

/// Ends the claim of this number by another exchange, after the writes. A ring that takes slots away from stopped
/// writers needs to know whether it succeeds; here it does.
#[inline]
pub(super) fn end(word: &AtomicU64, number: u64) {
    let ended = word.compare_exchange(writing(number), done(number), Release, Relaxed);
    assert!(ended.is_ok(), "nobody takes a claimed slot away");
}

/// Whether a slot with this word has not come to this number, and nobody writes there.
#[inline]
fn is_free(found: u64, number: u64) -> bool {
    found < writing(number) && found.is_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_goes_past_what_is_claimed_and_done() {
        let (walk, words) = (Walk::default(), [const { AtomicU64::new(0) }; 4]);
        let claim = || walk.claim(|number| &words[number as usize % 4], |_| Ok(())).unwrap();
        assert_eq!([claim(), claim()], [0, 1]);
        end(&words[0], 0);
        walk.0.0.store(0, Relaxed);
        assert_eq!(claim(), 2);
        assert_eq!(walk.0.0.load(Relaxed), 3);
        assert_eq!(claim(), 3);
        assert_eq!((claim(), words[0].load(Relaxed)), (4, writing(4)));
    }

    #[test]
    fn who_does_not_pass_claims_nothing() {
        let (walk, word) = (Walk::default(), AtomicU64::new(0));
        assert_eq!(walk.claim(|_| &word, |_| Err(Hung)), Err(Hung));
        assert_eq!(word.load(Relaxed), 0);
    }
}
