//! How a journal writes, and what it keeps.

use std::time::Duration;

#[cfg(feature = "zstd")]
use rusted_ring_compression::Dictionary;
use rusted_ring_compression::{Compression, Unpacker};

/// When what was written is made to outlast the machine's sudden end, by `fdatasync`. What was written outlasts the process's end in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncPolicy {
    /// After each write, which takes all the events that were ready, up to a mebibyte.
    EachBatch,
    /// When so much time went by since the last time, by a clock that nobody sets.
    Every(Duration),
    /// When the system likes to. [`Status::durable`](crate::Status::durable) is then always the epoch's oldest sequence.
    Never,
}

/// What is done while the disk is full. In both cases the journal goes on by itself once there is room, and a file never holds half a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FullDisk {
    /// No event is taken from the ring: its publishers come to wait, and nothing is lost.
    Hold,
    /// Events are taken and dropped, at most a mebibyte at a time. They are counted as lost, and the journal says so in their place.
    GoOn,
}

/// With what blocks may have been compressed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dictionaries(#[cfg(feature = "zstd")] Vec<Dictionary>);

impl Dictionaries {
    /// Unpacks blocks of so many bytes, at most.
    pub(crate) fn unpacker(&self, longest: usize) -> Unpacker {
        let unpacker = Unpacker::new(longest);
        #[cfg(feature = "zstd")]
        let unpacker = self.0.iter().fold(unpacker, Unpacker::with_dictionary);
        unpacker
    }
}

/// How a journal writes, and what it keeps. The default: segments of 64 MiB, synced ten times a second, publishers held by a full disk,
/// everything kept, nothing compressed.
#[derive(Clone, Debug)]
#[must_use = "options do nothing until a journal is opened with them"]
pub struct Options {
    pub(crate) segment_bytes: u64,
    pub(crate) sync: SyncPolicy,
    pub(crate) full_disk: FullDisk,
    pub(crate) keep_bytes: u64,
    pub(crate) keep_for: Duration,
    pub(crate) compression: Option<Compression>,
    pub(crate) dictionaries: Dictionaries,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            segment_bytes: 64 << 20,
            sync: SyncPolicy::Every(Duration::from_millis(100)),
            full_disk: FullDisk::Hold,
            keep_bytes: u64::MAX,
            keep_for: Duration::MAX,
            compression: None,
            dictionaries: Dictionaries::default(),
        }
    }
}

impl Options {
    /// Begins a new segment with the first batch after the last one came to so many bytes. A batch is at most a mebibyte, or one event.
    pub fn segment_bytes(self, segment_bytes: u64) -> Self {
        Options { segment_bytes, ..self }
    }

    /// Syncs by this policy.
    pub fn sync(self, sync: SyncPolicy) -> Self {
        Options { sync, ..self }
    }

    /// Meets a full disk by this policy.
    pub fn full_disk(self, full_disk: FullDisk) -> Self {
        Options { full_disk, ..self }
    }

    /// Removes the oldest segments while all together have more than so many bytes. The one that is written stays. This is looked at whenever a
    /// segment begins, and once a second, so there may be a segment more in between.
    pub fn keep_bytes(self, keep_bytes: u64) -> Self {
        Options { keep_bytes, ..self }
    }

    /// Removes segments that were last written longer ago. The one that is written stays. Looked at as for [`keep_bytes`](Self::keep_bytes).
    ///
    /// While the journal is open, time goes by a clock that nobody sets. How old a file is that was there before is what its time stamp says when it is found: 0, if
    /// that is impossible, and no more than its forerunner's. A clock that was wrong keeps events for longer, and no shorter.
    pub fn keep_for(self, keep_for: Duration) -> Self {
        Options { keep_for, ..self }
    }

    /// Compresses each batch that becomes shorter by it, on the journal's thread. The bounds of this journal in bytes count what is in the files then. What is there already is read,
    /// however it was compressed.
    ///
    /// It pays where the disk is the bound, or its room is. A batch is all the events that were ready: single ones shrink little, unless they are large, or there is a dictionary.
    pub fn compression(self, compression: Compression) -> Self {
        #[cfg(feature = "zstd")]
        if let Compression::Zstd { dictionary: Some(dictionary), .. } = &compression {
            let with = self.dictionary(dictionary.clone());
            return Options { compression: Some(compression), ..with };
        }
        Options { compression: Some(compression), ..self }
    }

    /// Reads also what was compressed with this dictionary, as it was by a recording that had another one. There may be several.
    #[cfg(feature = "zstd")]
    pub fn dictionary(mut self, dictionary: Dictionary) -> Self {
        self.dictionaries.0.push(dictionary);
        self
    }
}
