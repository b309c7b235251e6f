//! A journal's status, for those who do not have the journal itself.

use std::{sync::Arc, time::Duration};

use rusted_ring::Sequence;

use crate::{
    Options,
    shared::{Shared, State},
};

/// How far a journal's recording is, or was when it ended. Positions are those behind the last sequence that is so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The epoch that is recorded, or was last; 0, if nothing was recorded since the journal was opened.
    pub epoch: u32,
    /// The first sequence that it was to record.
    pub began: Sequence,
    /// The oldest sequence of the epoch that is kept; the same as `written`, if none is.
    pub oldest: Sequence,
    /// What is in files: it outlasts the end of this process, however it comes.
    pub written: Sequence,
    /// What is synced: it outlasts the end of the machine, as far as its disk keeps its word. The ring's ledger says it, too, beside the journal's Consumer:
    /// [`ReaderStatus::durable`](rusted_ring::ledger::ReaderStatus::durable).
    pub durable: Sequence,
    /// The number of sequences that a full disk lost, or that came while nobody recorded.
    pub lost: u64,
    /// Whether the last write failed.
    pub is_full: bool,
    /// Whether events are taken.
    pub is_recording: bool,
    /// Whether the recording ended by an error, which [`stop`](crate::Recording::stop) returns.
    pub has_failed: bool,
    /// The number of segments, of all epochs.
    pub segments: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Status {
    pub(crate) fn of(shared: &Shared) -> Self {
        let state = shared.lock();
        let State { epoch, began, written, durable, lost, is_full, has_failed, .. } = *state;
        let oldest =
            state.segments.iter().find(|segment| segment.epoch == epoch).map_or(written, |segment| segment.first);
        Status {
            epoch,
            began: Sequence::new(began),
            oldest: Sequence::new(oldest),
            written: Sequence::new(written),
            durable: Sequence::new(durable),
            lost,
            is_full,
            is_recording: state.recording.is_some(),
            has_failed,
            segments: state.segments.len(),
            bytes: state.segments.iter().map(|segment| segment.bytes).sum(),
        }
    }
}

/// Tells a journal's [status](Status), for as long as anybody wants to know. It keeps neither the recording running nor the directory locked.
///
/// ```
/// # use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start};
/// # use rusted_ring_journal::{Journal, Options};
/// # let directory = tempfile::tempdir()?;
/// let ring = HeapTypedRing::<u64>::new(64);
/// let journal = Journal::open(&directory, Options::default().keep_bytes(1 << 30))?;
/// let recording = journal.record(Consumer::join(ring.clone(), Start::Oldest)?)?;
/// let watch = recording.watch();
/// Publisher::join(ring)?.send_batch(&[1, 2, 3]);
/// recording.stop()?;
/// assert_eq!((watch.status().written.get(), watch.status().is_recording), (3, false));
/// assert_eq!(watch.keep_bytes(), Some(1 << 30));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Watch {
    shared: Arc<Shared>,
    keep_bytes: u64,
    keep_for: Duration,
}

impl Watch {
    pub(crate) fn new(shared: Arc<Shared>, options: &Options) -> Self {
        Watch { shared, keep_bytes: options.keep_bytes, keep_for: options.keep_for }
    }

    /// Returns how far the journal is. May be old at once. Waits for a lock that nobody holds while it reads or writes a file.
    pub fn status(&self) -> Status {
        Status::of(&self.shared)
    }

    /// Waits until sequences below `end` are durable, or the recording has ended, for `timeout` at most. Returns whether they are durable.
    pub fn wait_durable(&self, end: Sequence, timeout: Duration) -> bool {
        self.shared.wait(timeout, |state| state.durable >= end.get() || state.recording.is_none());
        self.shared.lock().durable >= end.get()
    }

    /// The bytes beyond which old segments are [removed](Options::keep_bytes), if there is a bound.
    pub fn keep_bytes(&self) -> Option<u64> {
        Some(self.keep_bytes).filter(|bytes| *bytes != u64::MAX)
    }

    /// The age beyond which they are [removed](Options::keep_for), if there is one.
    pub fn keep_for(&self) -> Option<Duration> {
        Some(self.keep_for).filter(|age| *age != Duration::MAX)
    }
}
