//! What a journal's writer and its readers both know: which segments there are, and how far they are written.

use std::{
    collections::{BTreeSet, VecDeque},
    fs,
    path::PathBuf,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

/// No journal was written before: the beginning of 2026, in time since 1970, when a machine without a clock of its own begins.
const EARLIEST: Duration = Duration::from_secs(1_767_225_600);
/// How far apart, in bytes, the places of an index are.
const INDEX_EVERY: u64 = 64 << 10;

/// A file of a journal, as far as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) path: PathBuf,
    pub(crate) epoch: u32,
    /// Its first sequence.
    pub(crate) first: u64,
    /// The sequence behind its last record.
    pub(crate) end: u64,
    pub(crate) bytes: u64,
    pub(crate) age: Age,
    /// Places of some records, by sequence: how to get near another one.
    pub(crate) index: Vec<(u64, u64)>,
}

impl Segment {
    /// Notes that the record of `sequence` lies at `place`, if that is far enough from the last one noted.
    pub(crate) fn note(&mut self, sequence: u64, place: u64) {
        if self.index.last().is_none_or(|(_, last)| place >= last + INDEX_EVERY) {
            self.index.push((sequence, place));
        }
    }
}

/// How long ago a segment was last written, by a clock that nobody sets. Where that is not known, it is younger than the truth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Age {
    looked: Instant,
    then: Duration,
}

impl Age {
    /// Written just now.
    pub(crate) fn new() -> Self {
        Age { looked: Instant::now(), then: Duration::ZERO }
    }

    /// That of a file that was found: what the time stamp says is believed once, unless it is older than any journal, or of the future. No file is older than
    /// the one `before` it.
    pub(crate) fn found(modified: SystemTime, before: Option<Age>) -> Self {
        let is_possible = modified >= SystemTime::UNIX_EPOCH + EARLIEST;
        let then = SystemTime::now().duration_since(modified).ok().filter(|_| is_possible).unwrap_or_default();
        let looked = Instant::now();
        Age { looked, then: before.map_or(then, |before| then.min(before.now())) }
    }

    fn now(self) -> Duration {
        self.then.saturating_add(self.looked.elapsed())
    }
}

/// What changes while the journal is written.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The oldest first.
    pub(crate) segments: VecDeque<Segment>,
    /// The epoch that is written now, if one is.
    pub(crate) recording: Option<u32>,
    /// The epoch that was written last since this was opened; 0, if none was.
    pub(crate) epoch: u32,
    /// The first sequence that was to be written.
    pub(crate) began: u64,
    /// Whether that ended by an error.
    pub(crate) has_failed: bool,
    /// The sequence behind all that the last epoch has in files.
    pub(crate) written: u64,
    /// The sequence behind all that is synced.
    pub(crate) durable: u64,
    /// The number of sequences that were not kept.
    pub(crate) lost: u64,
    /// Whether the last write failed.
    pub(crate) is_full: bool,
    /// The named positions that somebody has.
    pub(crate) positions: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes readers that wait for what was written.
    pub(crate) fn notify(&self) {
        self.changed.notify_all();
    }

    /// Waits until `ready`, for `timeout` at most.
    pub(crate) fn wait(&self, timeout: Duration, ready: impl Fn(&State) -> bool) {
        let waited = self.changed.wait_timeout_while(self.lock(), timeout, |state| !ready(state));
        drop(waited);
    }

    /// Removes the oldest segments: while all have more than `keep_bytes`, and those last written more than `keep_for` ago.
    pub(crate) fn retain(&self, keep_bytes: u64, keep_for: Duration) {
        loop {
            let mut state = self.lock();
            let bytes: u64 = state.segments.iter().map(|segment| segment.bytes).sum();
            if state.segments.len() < 2 {
                return;
            }
            let path = state.segments[0].path.clone();
            if bytes <= keep_bytes && state.segments[0].age.now() <= keep_for {
                return;
            }
            state.segments.pop_front();
            drop(state);
            // If it stays, the next one that opens the journal removes it.
            let _ = fs::remove_file(path);
        }
    }
}
