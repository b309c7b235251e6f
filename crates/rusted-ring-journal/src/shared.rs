//! What a journal's writer and its readers both know: which segments there are, and how far they are written.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    task::Waker,
    time::{Duration, Instant, SystemTime},
};

use crate::{
    options::Dictionaries,
    step::{Step, reach},
};

/// No journal was written before: the beginning of 2026, in time since 1970, when a machine without a clock of its own begins.
const EARLIEST: Duration = Duration::from_secs(1_767_225_600);
/// How far apart, in bytes, the places of an index are.
const INDEX_EVERY: u64 = 64 << 10;

/// How many nanoseconds before a clock was set back it cannot have been read for the last time: ten times as many as times are apart.
const BEFORE_A_JUMP: u64 = 10_000_000_000;

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
    /// Times that it has, each with the sequence of what was taken next.
    pub(crate) times: Vec<Time>,
}

/// When events were taken from the ring: what the system's clock said, which anybody may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    /// The sequence of what was taken next.
    pub(crate) sequence: u64,
    /// Nanoseconds since 1970.
    pub(crate) nanos: u64,
}

impl Time {
    /// The nanoseconds from 1970 to `time`: 0, if that was before.
    pub(crate) fn nanos_of(time: SystemTime) -> u64 {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        since.as_nanos().try_into().unwrap_or(u64::MAX)
    }
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
    /// The tasks and wait sets of readers that are at the end of what is written, by the readers' tickets.
    pub(crate) asleep: BTreeMap<u64, Waker>,
    /// How many tickets there were.
    pub(crate) tickets: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// With what its blocks may have been compressed.
    pub(crate) dictionaries: Dictionaries,
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    pub(crate) fn new(dictionaries: Dictionaries) -> Self {
        Shared { dictionaries, ..Shared::default() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes readers that wait for what was written.
    pub(crate) fn notify(&self) {
        self.changed.notify_all();
        let asleep = mem::take(&mut self.lock().asleep);
        for waker in asleep.into_values() {
            // A waker is foreign code. The journal goes on if it panics, and what it threw may panic when it is dropped.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake())).map_err(mem::forget);
        }
    }

    /// Waits until `ready`, for `timeout` at most.
    pub(crate) fn wait(&self, timeout: Duration, ready: impl Fn(&State) -> bool) {
        let waited = self.changed.wait_timeout_while(self.lock(), timeout, |state| !ready(state));
        drop(waited);
    }

    /// Returns a sequence of an epoch at or before the first event that was taken at `nanos` or later, as near as the times that are kept say; none, if nothing is
    /// kept.
    pub(crate) fn since(&self, epoch: u32, nanos: u64) -> Option<u64> {
        let state = self.lock();
        let mut segments = state.segments.iter().filter(|segment| segment.epoch == epoch).peekable();
        let mut start = segments.peek()?.first;
        let mut last: Option<u64> = None;
        for time in segments.flat_map(|segment| &segment.times) {
            // Nothing between two times was taken later than the second one, unless the clock was set back in between.
            let jumped = last.filter(|last| *last > time.nanos);
            if jumped.map_or(time.nanos, |last| last.saturating_add(BEFORE_A_JUMP)) >= nanos {
                return Some(start);
            }
            (start, last) = (time.sequence, Some(time.nanos));
        }
        Some(start)
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
            let _ = reach(Step::Retain);
            let _ = fs::remove_file(path);
            let _ = reach(Step::Retained);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// A journal of one epoch with a segment for each of these lists of times, in seconds: of each, there are two events, from sequence 100 on.
    fn journal(segments: &[&[u64]]) -> Shared {
        let shared = Shared::default();
        let mut end = 100;
        for times in segments {
            let first = end;
            let of = |(seconds, n): (u64, u64)| Time { sequence: first + 2 * n, nanos: seconds * SECOND };
            let times: Vec<Time> = times.iter().copied().zip(0..).map(of).collect();
            end += (2 * times.len()).max(1) as u64;
            let (path, age) = (PathBuf::new(), Age::new());
            let segment = Segment { path, epoch: 1, first, end, bytes: 1, age, index: Vec::new(), times };
            shared.lock().segments.push_back(segment);
        }
        shared
    }

    #[test]
    fn a_time_leads_to_what_was_taken_since() {
        let shared = journal(&[&[1000, 1100], &[1200]]);
        for (seconds, sequence) in
            [(0, 100), (1000, 100), (1001, 100), (1100, 100), (1101, 102), (1200, 102), (1201, 104), (9000, 104)]
        {
            assert_eq!(shared.since(1, seconds * SECOND), Some(sequence), "{seconds}");
        }
        assert_eq!((shared.since(1, u64::MAX), shared.since(2, 0)), (Some(104), None));
        // What was removed, and what is of a version without times.
        shared.lock().segments.pop_front();
        assert_eq!(shared.since(1, 1100 * SECOND), Some(104));
        let shared = journal(&[&[], &[1200]]);
        assert_eq!([1200, 1201].map(|seconds| shared.since(1, seconds * SECOND)), [Some(100), Some(101)]);
    }

    #[test]
    fn a_clock_that_was_set_leaves_nothing_out() {
        let all: [&[&[u64]]; 4] = [
            &[&[1000, 1001], &[500, 600, 1050, 1300]],
            &[&[0, 1], &[1000, 1001]],
            &[&[1000, 9000], &[1001], &[1002, 1000]],
            &[&[1000, 999, 998], &[], &[997]],
        ];
        for segments in all {
            let shared = journal(segments);
            let times: Vec<u64> = segments.iter().copied().flatten().copied().collect();
            for (n, seconds) in times.iter().enumerate() {
                let sequence =
                    shared.lock().segments.iter().flat_map(|segment| &segment.times).nth(n).unwrap().sequence;
                // The two events were taken at the time, and almost a second later.
                for (nanos, sequence) in [(0, sequence), (999_999_999, sequence + 1)] {
                    let since = shared.since(1, seconds * SECOND + nanos).unwrap();
                    assert!(since <= sequence, "{segments:?}: {sequence}, of {seconds} s, is before {since}");
                }
            }
        }
        // A small step back costs nothing once it is past.
        assert_eq!(journal(&[&[1000, 999, 1050, 1060]]).since(1, 1055 * SECOND), Some(104));
    }

    #[test]
    fn times_before_1970_are_1970() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!((Time::nanos_of(before), Time::nanos_of(SystemTime::UNIX_EPOCH)), (0, 0));
        assert_eq!(Time::nanos_of(SystemTime::UNIX_EPOCH + Duration::from_micros(7)), 7000);
    }
}
