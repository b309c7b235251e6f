//! A word beside the tags is what writers exchange, and readers do not look at it.

use super::{
    Protocol,
    walk::{self, Walk},
};
use crate::plane::Plane;
use crate::ring::{Stamps, done};
use crate::wait::Hung;
use std::sync::atomic::{AtomicU64, Ordering::Release};

/// A slot is claimed by an exchange on a word of 8 bytes, dense among its like, and the claim ended by another; then a
/// store of the stamp shows the event. For rings of `CAP` slots.
pub(crate) struct ByWord<const CAP: usize> {
    walk: Walk,
    words: Plane<AtomicU64, CAP>,
}

// SAFETY: the walk claims a number once, and lets it pass before. Only `show` stores stamps, by a Release.
unsafe impl<const CAP: usize> Protocol for ByWord<CAP> {
    fn empty() -> Self {
        ByWord { walk: Walk::default(), words: Plane::of(AtomicU64::default) }
    }

    #[inline]
    fn claim<const W: usize, L: Stamps<W>>(
        &self,
        _layout: &L,
        pass: impl FnMut(u64) -> Result<(), Hung>,
    ) -> Result<u64, Hung> {
        const { assert!(L::CAPACITY == CAP) };
        self.walk.claim(|number| &self.words[L::slot(number)], pass)
    }

    #[inline]
    fn show<const W: usize, L: Stamps<W>>(&self, layout: &L, number: u64) {
        let slot = L::slot(number);
        walk::end(&self.words[slot], number);
        layout.stamp(slot).store(done(number), Release);
    }
}
