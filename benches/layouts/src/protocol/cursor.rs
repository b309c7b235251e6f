//! One cursor, stored once for each event or batch.

use crate::ring::{Apart, BATCH, Layout, Ring, Sole};
use std::sync::atomic::{
    Ordering::{Acquire, Relaxed, Release},
    fence,
};

/// Events are shown by the cursor. With `INTENT`, a word says before that they are being written: what a sole
/// writer needs so that lossy readers can validate a copy. With `FIRST` the writer knows where to write only from the cursor, so that its
/// line is there before an event is written.
pub(crate) struct Cursor<L, const W: usize, const INTENT: bool, const FIRST: bool> {
    layout: L,
    /// The number behind the last event that is done.
    cursor: Apart,
    /// The number behind the last event that is being written, or done.
    intent: Apart,
}

impl<L: Layout<W>, const W: usize, const INTENT: bool, const FIRST: bool> Cursor<L, W, INTENT, FIRST> {
    pub(crate) fn layout(&self) -> &L {
        &self.layout
    }

    #[inline]
    fn announce(&self, end: u64) {
        if INTENT {
            self.intent.0.store(end, Relaxed);
            fence(Release);
        }
    }
}

// SAFETY: the cursor goes beyond an event only by a store behind its payload, which is a Release that the reader
// acquires. The one writer's numbers grow, so the store that a reader sees is behind all events before it, too.
unsafe impl<L: Layout<W>, const W: usize, const INTENT: bool, const FIRST: bool> Ring for Cursor<L, W, INTENT, FIRST> {
    const CAPACITY: u64 = L::CAPACITY as u64;

    fn empty() -> Self {
        Cursor { layout: L::empty(), cursor: Apart::default(), intent: Apart::default() }
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

impl<L: Layout<W>, const W: usize, const INTENT: bool, const FIRST: bool> Sole for Cursor<L, W, INTENT, FIRST> {
    #[inline]
    unsafe fn write(&self, number: u64) {
        let number = if FIRST { self.cursor.0.load(Relaxed) } else { number };
        self.announce(number + 1);
        // SAFETY: the one writer's call, and nobody reads the slot before the store below.
        unsafe { self.layout.fill(number) };
        self.cursor.0.store(number + 1, Release);
    }

    #[inline]
    unsafe fn write_batch(&self, first: u64) {
        self.announce(first + BATCH);
        for number in first..first + BATCH {
            // SAFETY: as in `write`.
            unsafe { self.layout.fill(number) };
        }
        self.cursor.0.store(first + BATCH, Release);
    }
}
