//! The permit by which owners end their claims by a store, and how it is taken back (docs/adr/0045).
//!
//! An owner may end its claim by a store, instead of an exchange, as long as nobody gives owners up. Whoever does takes the permit back,
//! interrupts the owners that went by it, changes stamps by exchanges, and gives the permit back. So to everybody else an owner's store is an
//! exchange: it succeeds only where the claim's stamp still stands.

use crate::{
    sync::{AtomicU32, AtomicU64, Relaxed, Release, const_unless_modelled},
    words::restartable,
};

/// Whether owners may store; all zero is: not yet.
#[derive(Debug)]
pub(crate) struct Permit {
    /// `GIVEN`, once a publisher found that this process can be interrupted, and `TAKEN` for each that has taken the permit back.
    state: AtomicU32,
}

/// The permit was given, and nobody has taken it back.
const GIVEN: u32 = restartable::PERMITTED;
/// Added by each that has taken it back.
const TAKEN: u32 = 2 * GIVEN;

impl Permit {
    const_unless_modelled! {
        pub(crate) const fn new() -> Self {
            Permit { state: AtomicU32::new(0) }
        }
    }

    /// Gives the permit, if the kernel can interrupt this process' threads. The ring is of this process alone.
    pub(crate) fn give(&self) {
        if restartable::is_granted() && self.state.load(Relaxed) & GIVEN == 0 {
            self.state.fetch_or(GIVEN, Relaxed);
        }
    }

    /// Whether it was given, now or ever.
    #[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn is_given(&self) -> bool {
        self.state.load(Relaxed) & GIVEN != 0
    }

    /// Replaces `current` in a claim's `word` by `new`, Release, by a store, if owners may store. Returns whether it did.
    #[inline(always)]
    pub(crate) fn replace(&self, word: &AtomicU64, current: u64, new: u64) -> bool {
        restartable::replace(word, current, new, &self.state)
    }

    /// Makes a `change` to stamps while no owner ends a claim by a store. `None`, and no change, if the kernel refuses what it granted before.
    pub(crate) fn without<T>(&self, change: impl FnOnce() -> T) -> Option<T> {
        if !restartable::IS_POSSIBLE {
            return Some(change());
        }
        // An owner that saw the permit before this is interrupted, and sees the state anew; if it was not given before, there is none.
        let before = self.state.fetch_add(TAKEN, Relaxed);
        let is_taken = before & GIVEN == 0 || restartable::interrupt();
        let changed = is_taken.then(change);
        // PERMIT: Release: an owner that sees the permit given again sees the change.
        self.state.fetch_sub(TAKEN, Release);
        changed
    }
}
