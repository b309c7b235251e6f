//! The slot's stamp is what writers exchange.

use super::{
    Protocol,
    walk::{self, Walk},
};
use crate::ring::{Stamps, done};
use crate::wait::Hung;
use std::sync::atomic::Ordering::Release;

/// A slot is claimed by an exchange on its stamp; with `TWICE` the event is shown by another, else by a store.
pub(crate) struct BySlot<const TWICE: bool>(Walk);

// SAFETY: the walk claims a number once, and lets it pass before. It makes stamps those of events that are being
// written; only `show` makes them those of done events, by a Release.
unsafe impl<const TWICE: bool> Protocol for BySlot<TWICE> {
    fn empty() -> Self {
        BySlot(Walk::default())
    }

    #[inline]
    fn claim<const W: usize, L: Stamps<W>>(
        &self,
        layout: &L,
        pass: impl FnMut(u64) -> Result<(), Hung>,
    ) -> Result<u64, Hung> {
        self.0.claim(|number| layout.stamp(L::slot(number)), pass)
    }

    #[inline]
    fn show<const W: usize, L: Stamps<W>>(&self, layout: &L, number: u64) {
        let stamp = layout.stamp(L::slot(number));
        if TWICE {
            walk::end(stamp, number);
        } else {
            stamp.store(done(number), Release);
        }
    }
}
