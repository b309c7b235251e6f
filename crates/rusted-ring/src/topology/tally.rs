//! What one worker has done so far.

use std::{
    string::String,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::sync::{AtomicU64, Relaxed};

/// Counts of one worker, which it alone writes; on lines of its own, for it writes at every event.
///
/// Relaxed: what others read while it works may be old; when it has ended, the graph's lock orders what it counted.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Tally {
    processed: AtomicU64,
    failed: AtomicU64,
    restarts: AtomicU64,
    /// The last failure that did not end it, in words.
    passed_over: Mutex<Option<String>>,
}

impl Tally {
    /// Events that its handler handled, or that its policy passed over.
    #[inline]
    pub(super) fn processed(&self) -> u64 {
        self.processed.load(Relaxed)
    }

    /// Of these, the events at which its handler failed.
    pub(super) fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    /// How often its handler was made anew.
    pub(super) fn restarts(&self) -> u64 {
        self.restarts.load(Relaxed)
    }

    /// The last failure that its policy passed over, in words.
    pub(super) fn passed_over(&self) -> Option<String> {
        self.last_failure().clone()
    }

    /// Keeps a failure that its policy passes over, in words.
    pub(super) fn pass_over(&self, said: String) {
        *self.last_failure() = Some(said);
    }

    fn last_failure(&self) -> MutexGuard<'_, Option<String>> {
        self.passed_over.lock().unwrap_or_else(PoisonError::into_inner)
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

/// The events at which a handler failed: each counts once, and when it was handled or passed over.
#[derive(Debug, Default)]
pub(super) struct Failures {
    latest: Option<u64>,
    /// Noted, and not taken yet.
    noted: u64,
    /// The last batch whose start failed, by its first event.
    start: Option<u64>,
}

impl Failures {
    /// Notes that something failed at an event.
    pub(super) fn note(&mut self, at: u64) {
        if self.latest < Some(at) {
            self.latest = Some(at);
            self.noted += 1;
        }
    }

    /// Notes that the start failed of the batch that begins at `first`; whether it had not failed there before.
    pub(super) fn note_start(&mut self, first: u64) -> bool {
        self.note(first);
        self.start.replace(first) != Some(first)
    }

    /// How many events were noted since this was last called.
    pub(super) fn take(&mut self) -> u64 {
        core::mem::take(&mut self.noted)
    }
}
