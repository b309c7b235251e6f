//! What a running stage is told.

use crate::sync::{AtomicU64, Relaxed};

/// Up to where a stage works.
#[derive(Debug)]
pub(super) struct Control {
    /// It ends at this sequence: beyond all sequences while it runs, and 0 to end at once.
    ///
    /// Relaxed: who changes it wakes the stage, and the waking orders the two; a stage that is awake sees it in time.
    stop_at: AtomicU64,
}

impl Control {
    pub(super) fn new() -> Self {
        Control { stop_at: AtomicU64::new(u64::MAX) }
    }

    /// The sequence at which the stage ends.
    #[inline]
    pub(super) fn end(&self) -> u64 {
        self.stop_at.load(Relaxed)
    }

    /// Has the stage work no further than `sequence`; never further than it was told before.
    pub(super) fn stop_at(&self, sequence: u64) {
        self.stop_at.fetch_min(sequence, Relaxed);
    }

    /// Has the stage end after the event that it is at.
    pub(super) fn halt(&self) {
        self.stop_at(0);
    }

    #[inline]
    pub(super) fn is_halting(&self) -> bool {
        self.end() == 0
    }
}
