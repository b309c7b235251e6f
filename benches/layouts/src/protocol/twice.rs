//! A stamp for each event, stored before and after, and a cursor that says how far the writer is.

use super::stamped;
use crate::ring::{Apart, BATCH, Ring, Sole, Stamps, done, writing};
use std::sync::atomic::{
    Ordering::{Relaxed, Release},
    fence,
};

/// An event is shown by its slot's stamp, which says before that it is being written: so a lossy reader could validate
/// a copy, and others could see a writer that was stopped.
pub(crate) struct Twice<L, const W: usize> {
    layout: L,
    cursor: Apart,
}

// SAFETY: as for `Stamped`. The other stamp is no event's that is done, and nobody here looks at the cursor.
unsafe impl<L: Stamps<W>, const W: usize> Ring for Twice<L, W> {
    const CAPACITY: u64 = L::CAPACITY as u64;

    fn empty() -> Self {
        Twice { layout: L::empty(), cursor: Apart::default() }
    }

    #[inline]
    fn shown(&self, next: u64, most: u64) -> u64 {
        stamped::shown(&self.layout, next, most)
    }

    #[inline]
    unsafe fn difference(&self, number: u64) -> u64 {
        // SAFETY: the slot is not written meanwhile, by the caller's promise.
        unsafe { self.layout.difference(number) }
    }
}

impl<L: Stamps<W>, const W: usize> Sole for Twice<L, W> {
    #[inline]
    unsafe fn write(&self, number: u64) {
        let stamp = self.layout.stamp(L::slot(number));
        stamp.store(writing(number), Relaxed);
        fence(Release);
        // SAFETY: the one writer's call, and nobody reads the slot before the stamp below.
        unsafe { self.layout.fill(number) };
        self.cursor.0.store(number + 1, Relaxed);
        stamp.store(done(number), Release);
    }

    #[inline]
    unsafe fn write_batch(&self, first: u64) {
        for number in first..first + BATCH {
            self.layout.stamp(L::slot(number)).store(writing(number), Relaxed);
        }
        fence(Release);
        for number in first..first + BATCH {
            // SAFETY: as in `write`.
            unsafe { self.layout.fill(number) };
        }
        self.cursor.0.store(first + BATCH, Relaxed);
        stamped::show_batch(&self.layout, first);
    }
}
