//! A cursor is what writers exchange, all the same one.

use super::{BackOff, Protocol};
use crate::ring::{Apart, Stamps, done, vacant};
use crate::wait::Hung;
use std::sync::atomic::{
    Ordering::{Acquire, Relaxed, Release},
    fence,
};

/// A number is claimed by an exchange on the cursor, once its slot was seen to be done with the lap before. With
/// `EXCHANGED` an exchange on the stamp shows the event, so that others could end it for a stopped writer; otherwise a
/// store does.
pub(crate) struct ByCursor<const EXCHANGED: bool> {
    /// # Invariant: all numbers before it were claimed, each by the exchange that brought it beyond that number.
    cursor: Apart,
}

// SAFETY: the cursor only grows, so that it goes beyond a number once; the number passes before. Only `show` changes
// stamps, by a Release.
unsafe impl<const EXCHANGED: bool> Protocol for ByCursor<EXCHANGED> {
    fn empty() -> Self {
        ByCursor { cursor: Apart::default() }
    }

    #[inline]
    fn claim<const W: usize, L: Stamps<W>>(
        &self,
        layout: &L,
        mut pass: impl FnMut(u64) -> Result<(), Hung>,
    ) -> Result<u64, Hung> {
        let cursor = &self.cursor.0;
        let mut contended = BackOff::default();
        let number = loop {
            let number = cursor.load(Relaxed);
            pass(number)?;
            // A slot that passed is done with the lap before. Another stamp means that another writer was faster: the cursor
            // went on.
            if layout.stamp(L::slot(number)).load(Acquire) != vacant(number, L::CAPACITY as u64) {
                continue;
            }
            if cursor.compare_exchange(number, number + 1, Relaxed, Relaxed).is_ok() {
                break number;
            }
            contended.once();
        };
        fence(Release);
        Ok(number)
    }

    #[inline]
    fn show<const W: usize, L: Stamps<W>>(&self, layout: &L, number: u64) {
        let stamp = layout.stamp(L::slot(number));
        if EXCHANGED {
            let shown = stamp.compare_exchange(vacant(number, L::CAPACITY as u64), done(number), Release, Relaxed);
            assert!(shown.is_ok(), "nobody takes a claimed slot away");
        } else {
            stamp.store(done(number), Release);
        }
    }
}
