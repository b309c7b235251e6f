//! What one worker has done so far.

use std::{
    string::String,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    Sequence,
    sync::{AtomicU64, Relaxed},
};

/// Counts that one worker writes, at every event, and therefore on cache lines of its own.
///
/// Relaxed: other threads may read old values while the worker runs. Once it has ended, the graph's lock orders them.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Tally {
    processed: AtomicU64,
    failed: AtomicU64,
    restarts: AtomicU64,
    /// The last failure that did not end the worker, in words.
    skipped: Mutex<Option<String>>,
}

impl Tally {
    /// The number of events that were handled, or skipped by the stage's policy.
    #[inline]
    pub(super) fn processed(&self) -> u64 {
        self.processed.load(Relaxed)
    }

    /// The number of these at which the handler failed.
    pub(super) fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    /// How often the handler was replaced.
    pub(super) fn restarts(&self) -> u64 {
        self.restarts.load(Relaxed)
    }

    /// The last failure that did not end the worker, in words.
    pub(super) fn last_skipped(&self) -> Option<String> {
        self.skipped().clone()
    }

    /// Keeps a failure that does not end the worker, in words.
    pub(super) fn note_skipped(&self, message: String) {
        *self.skipped() = Some(message);
    }

    fn skipped(&self) -> MutexGuard<'_, Option<String>> {
        self.skipped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    pub(super) fn set_processed(&self, processed: u64) {
        self.processed.store(processed, Relaxed);
    }

    pub(super) fn add_failures(&self, failed: u64, restarts: u64) {
        self.failed.store(self.failed() + failed, Relaxed);
        self.restarts.store(self.restarts() + restarts, Relaxed);
    }
}

/// The events at which a handler failed. Each counts once, when it was handled or skipped.
#[derive(Debug, Default)]
pub(super) struct Failures {
    latest: Option<Sequence>,
    /// Noted since the last [`take`](Self::take).
    noted: u64,
    /// The first event of the last batch whose start failed.
    start: Option<Sequence>,
}

impl Failures {
    /// Notes a failure at an event.
    pub(super) fn note(&mut self, at: Sequence) {
        if self.latest < Some(at) {
            self.latest = Some(at);
            self.noted += 1;
        }
    }

    /// Notes that the start of the batch failed whose first event is `first`. Returns whether it is the batch's first such failure.
    pub(super) fn note_start(&mut self, first: Sequence) -> bool {
        self.note(first);
        self.start.replace(first) != Some(first)
    }

    /// Returns how many events were noted since the last call.
    pub(super) fn take(&mut self) -> u64 {
        core::mem::take(&mut self.noted)
    }
}
