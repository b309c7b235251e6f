//! A journal for [`rusted_ring`]: it appends every event of a ring to files, and gives readers back what the ring has overwritten.
//!
//! ```
//! use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start, Subscriber};
//! use rusted_ring_journal::{Journal, Options};
//!
//! # let directory = tempfile::tempdir()?;
//! let ring = HeapTypedRing::<u64>::new(64);
//! let journal = Journal::open(&directory, Options::default())?;
//! let recording = journal.record(Consumer::join(ring.clone(), Start::Oldest)?)?;
//!
//! let mut reader = Subscriber::join(ring.clone(), Start::Newest).repaired_by(recording.history());
//! let publisher = Publisher::join(ring)?;
//! (0..1000).for_each(|n| _ = publisher.send(&n)); // fifteen times what the ring holds
//!
//! for n in 0..1000 {
//!     assert_eq!(reader.recv()?, n);
//! }
//! assert_eq!((reader.received() + reader.repaired(), reader.lost()), (1000, 0));
//! recording.stop()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is written
//!
//! A thread takes every event as a [`Consumer`](rusted_ring::Consumer), and appends whole events in order, as many at once as are ready, up to a mebibyte. Sequences without
//! an event are recorded, too, so that no sequence is unaccounted for. What a write took outlasts the end of the process; when it is made to outlast the end of the machine, [`SyncPolicy`]
//! says, and [`Status::durable`] how far that is.
//!
//! A journal is a directory of segments, each named by its epoch and its first sequence. Each record has its length, type, span, sequence, and a CRC32C; the format
//! is described in `src/format.rs`. There is no index in the files and no mark at an end: what the records say, checked, is all that is
//! believed. Among them are times, about a second apart, so that a reader can begin [at one](Reader::since); nothing else depends on the clock.
//!
//! # When something fails
//!
//! - **The process ends** in the middle of a write: the next [`open`](Journal::open) cuts off the torn tail, and says so.
//! - **Bytes are damaged**: what is whole before and behind them is read, and the sequences in between are [named](Found::damaged). A reader has them as missing.
//! - **The disk is full**, or refuses a write: the file stays as it was, [`FullDisk`] says what becomes of the events, and writing goes on by itself once it can.
//! - **A sync fails**, of a segment or of the directory: the recording ends, for what the system then still has is not known, and is not asked for a second time. Publishers are free, and [`stop`](Recording::stop) says why.
//! - **Two writers**: the second one's `open` fails.
//!
//! # Compression
//!
//! With [`Options::compression`] each batch that becomes shorter is one record, compressed: a block. A reader unpacks it once, and shows the events in it. Damage to a block is damage to all of
//! its sequences. Whatever a file says, a block takes 16 MiB at most.
//!
//! # Positions
//!
//! A [`Position`] keeps by name how far a reader came, through restarts: what it confirmed, and nothing else.
//!
//! # Pools
//!
//! [`PoolJournals`] are the journals of a pool set's five rings, in one directory.
//!
//! # What is kept
//!
//! Old segments are removed by [size](Options::keep_bytes) and [age](Options::keep_for). A reader that comes to what was removed has it as missing.

#![forbid(unsafe_code)]

mod batch;
mod block;
#[cfg(test)]
mod crash;
mod directory;
mod error;
mod format;
mod journal;
mod options;
mod pools;
mod position;
mod reader;
mod recording;
mod shared;
mod step;
mod walk;
mod watch;
mod writer;

#[cfg(feature = "zstd")]
pub use rusted_ring_compression::Dictionary;

pub use {
    error::{OpenError, PositionError, ReadError, RecordError, StopError},
    journal::{Cut, Damage, Epoch, Found, Journal},
    options::{FullDisk, Options, SyncPolicy},
    pools::{PoolJournals, PoolRecordings},
    position::{Confirmed, Position},
    reader::Reader,
    recording::Recording,
    rusted_ring_compression::Compression,
    watch::{Status, Watch},
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
