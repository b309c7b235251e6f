//! The version of words that one owner changes, and that others read whole.

use crate::sync::{Acquire, AtomicU64, Relaxed, Release, const_unless_modelled, fence};

/// Even while the words that it guards are whole; raised before and after each change.
#[repr(transparent)]
#[derive(Debug)]
pub(in crate::ring) struct Version(AtomicU64);

impl Version {
    const_unless_modelled! {
        pub(in crate::ring) const fn new() -> Self {
            Version(AtomicU64::new(0))
        }
    }

    /// Makes a change by relaxed stores. Only the owner calls it.
    pub(in crate::ring) fn change(&self, change: impl FnOnce()) {
        // Odd already, if a process ended in the middle of a change.
        self.0.fetch_or(1, Relaxed);
        // LEDGER-WRITE-BEGIN: with LEDGER-READ-END, an observer that saw any change below sees the odd version.
        fence(Release);
        change();
        // LEDGER-WRITE-END: with LEDGER-READ-BEGIN, an observer that saw the even version sees the whole change.
        self.0.fetch_add(1, Release);
    }

    /// Returns what `read` finds by relaxed loads; `None`, if a change was in progress. Wait-free.
    pub(in crate::ring) fn read<T>(&self, read: impl FnOnce() -> T) -> Option<T> {
        // LEDGER-READ-BEGIN: Acquire, with LEDGER-WRITE-END.
        let version = self.0.load(Acquire);
        if version & 1 != 0 {
            return None;
        }
        let found = read();
        // LEDGER-READ-END: with LEDGER-WRITE-BEGIN.
        fence(Acquire);
        (self.0.load(Relaxed) == version).then_some(found)
    }
}
