//! A cursor that is stored half a ring at a time: the least that two cores can tell each other.

use crate::ring::{Apart, BATCH, Layout, Ring, Sole};
use std::sync::atomic::Ordering::{Acquire, Release};

/// Events are shown by the cursor, half a ring of them at once.
pub(crate) struct Block<L, const W: usize> {
    layout: L,
    cursor: Apart,
}

impl<L: Layout<W>, const W: usize> Block<L, W> {
    #[inline]
    fn show(&self, end: u64) {
        if end.is_multiple_of(L::CAPACITY as u64 / 2) {
            self.cursor.0.store(end, Release);
        }
    }
}

// SAFETY: as for `Cursor`; nothing at or beyond the cursor is shown. Halves are whole batches.
unsafe impl<L: Layout<W>, const W: usize> Ring for Block<L, W> {
    const CAPACITY: u64 = L::CAPACITY as u64;

    fn empty() -> Self {
        Block { layout: L::empty(), cursor: Apart::default() }
    }

    #[inline]
    fn shown(&self, _next: u64, _most: u64) -> u64 {
        self.cursor.0.load(Acquire)
    }

    #[inline]
    unsafe fn difference(&self, number: u64) -> u64 {
        // SAFETY: the slot is not written meanwhile, by the caller's promise.
        unsafe { self.layout.difference(number) }
    }
}

impl<L: Layout<W>, const W: usize> Sole for Block<L, W> {
    #[inline]
    unsafe fn write(&self, number: u64) {
        // SAFETY: the one writer's call, and nobody reads the slot before a store of the cursor behind it.
        unsafe { self.layout.fill(number) };
        self.show(number + 1);
    }

    #[inline]
    unsafe fn write_batch(&self, first: u64) {
        for number in first..first + BATCH {
            // SAFETY: as in `write`.
            unsafe { self.layout.fill(number) };
        }
        self.show(first + BATCH);
    }
}
