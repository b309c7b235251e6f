//! A stamp for each event, stored once.

use crate::ring::{BATCH, Ring, Sole, Stamps, done};
use std::sync::atomic::{
    Ordering::{Acquire, Relaxed, Release},
    fence,
};

/// An event is shown by its slot's stamp.
pub(crate) struct Stamped<L, const W: usize>(L);

/// The number behind the last event, of the `most` from `next` on, that is done and whose predecessors are.
#[inline]
pub(crate) fn shown<const W: usize>(layout: &impl Stamps<W>, next: u64, most: u64) -> u64 {
    let mut end = next;
    while end < next + most && is_done(layout, end) {
        end += 1;
    }
    end
}

#[inline]
fn is_done<const W: usize, L: Stamps<W>>(layout: &L, number: u64) -> bool {
    layout.stamp(L::slot(number)).load(Acquire) == done(number)
}

/// Stamps the `BATCH` events that begin with `first` as done, all behind one fence.
#[inline]
pub(super) fn show_batch<const W: usize, L: Stamps<W>>(layout: &L, first: u64) {
    fence(Release);
    for number in first..first + BATCH {
        layout.stamp(L::slot(number)).store(done(number), Relaxed);
    }
}

// SAFETY: a stamp says that an event is done only from the store behind its payload on, which is a Release, or lies
// behind a fence that is one; the reader acquires it of each event.
unsafe impl<L: Stamps<W>, const W: usize> Ring for Stamped<L, W> {
    const CAPACITY: u64 = L::CAPACITY as u64;

    fn empty() -> Self {
        Stamped(L::empty())
    }

    #[inline]
    fn shown(&self, next: u64, most: u64) -> u64 {
        shown(&self.0, next, most)
    }

    #[inline]
    unsafe fn difference(&self, number: u64) -> u64 {
        // SAFETY: the slot is not written meanwhile, by the caller's promise.
        unsafe { self.0.difference(number) }
    }
}

impl<L: Stamps<W>, const W: usize> Sole for Stamped<L, W> {
    #[inline]
    unsafe fn write(&self, number: u64) {
        // SAFETY: the one writer's call, and nobody reads the slot before the stamp below.
        unsafe { self.0.fill(number) };
        self.0.stamp(L::slot(number)).store(done(number), Release);
    }

    #[inline]
    unsafe fn write_batch(&self, first: u64) {
        for number in first..first + BATCH {
            // SAFETY: as in `write`.
            unsafe { self.0.fill(number) };
        }
        show_batch(&self.0, first);
    }
}
