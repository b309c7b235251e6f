//! Relaxed atomic words, in blocks of eight.

use super::Copying;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const BLOCK: usize = 8;

pub(super) struct Words;

impl Copying for Words {
    #[inline]
    unsafe fn store<const W: usize>(slot: &[AtomicU64; W], source: &[u64; W]) {
        for (cells, words) in slot.as_chunks::<BLOCK>().0.iter().zip(source.as_chunks::<BLOCK>().0) {
            (0..BLOCK).for_each(|index| cells[index].store(words[index], Relaxed));
        }
    }

    #[inline]
    unsafe fn load<const W: usize>(slot: &[AtomicU64; W], into: &mut [u64; W]) {
        for (cells, words) in slot.as_chunks::<BLOCK>().0.iter().zip(into.as_chunks_mut::<BLOCK>().0) {
            (0..BLOCK).for_each(|index| words[index] = cells[index].load(Relaxed));
        }
    }
}
