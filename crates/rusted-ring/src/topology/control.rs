//! How a graph tells a running stage to end.

use crate::{
    Sequence,
    sync::{AtomicU64, Relaxed},
};

/// Where a stage ends.
#[derive(Debug)]
pub(super) struct Control {
    /// The sequence at which it ends: beyond all sequences while it runs, and 0 to end at once.
    ///
    /// Relaxed: a change is followed by a wake-up, which orders the two for a stage that sleeps; a stage that is awake sees it soon.
    end: AtomicU64,
}

impl Control {
    pub(super) fn new() -> Self {
        Control { end: AtomicU64::new(u64::MAX) }
    }

    /// The sequence at which the stage ends.
    #[inline]
    pub(super) fn end(&self) -> Sequence {
        Sequence::new(self.end.load(Relaxed))
    }

    /// Lets the stage work up to `sequence`, or less if it was told so before.
    pub(super) fn stop_at(&self, sequence: Sequence) {
        self.end.fetch_min(sequence.get(), Relaxed);
    }

    /// Ends the stage after the event that it is handling.
    pub(super) fn halt(&self) {
        self.stop_at(Sequence::new(0));
    }

    #[inline]
    pub(super) fn is_halting(&self) -> bool {
        self.end() == Sequence::new(0)
    }
}
