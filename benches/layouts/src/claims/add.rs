//! A cursor is what writers add to, whether there is room or not.

use super::Protocol;
use crate::ring::{Apart, Stamps, done};
use crate::wait::Hung;
use std::sync::atomic::{
    Ordering::{Relaxed, Release},
    fence,
};

/// A number is claimed by an addition to the cursor, which cannot fail; only afterwards does the writer ask whether it may write.
/// So a writer that has claimed must wait and write, and cannot be refused.
pub(crate) struct ByAdd {
    cursor: Apart,
}

// SAFETY: the cursor only grows, and each addition returns another number, which passes before it is returned. Only
// `show` stores stamps, by a Release.
unsafe impl Protocol for ByAdd {
    fn empty() -> Self {
        ByAdd { cursor: Apart::default() }
    }

    #[inline]
    fn claim<const W: usize, L: Stamps<W>>(
        &self,
        _layout: &L,
        mut pass: impl FnMut(u64) -> Result<(), Hung>,
    ) -> Result<u64, Hung> {
        let number = self.cursor.0.fetch_add(1, Relaxed);
        pass(number)?;
        fence(Release);
        Ok(number)
    }

    #[inline]
    fn show<const W: usize, L: Stamps<W>>(&self, layout: &L, number: u64) {
        layout.stamp(L::slot(number)).store(done(number), Release);
    }
}
