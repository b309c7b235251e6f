//! Recordings of [`rusted-ring`](https://docs.rs/rusted-ring)'s rings as MCAP files, which Foxglove and MCAP's own tools open.
//!
//! ```
//! use rusted_ring_recording::{Balance, Clock, Entry, Options, Origin, Recorder, Recording};
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = &directory.path().join("strokes.mcap");
//! # let origin = Origin {
//! #     ring: "strokes".to_owned(), id: 1, epoch: 2, capacity: 8, many: true, typed: false,
//! #     event: "bytes".to_owned(), event_bytes: 64, align: 1, lossless: false, first: 40,
//! # };
//! let (clock, mut recorder) = (Clock::new(), Recorder::create(path, &origin, Options::default())?);
//! recorder.event(clock.now(), 40, 7, b"a stroke")?;
//! recorder.lost(clock.now(), 41, 50)?;
//! recorder.event(clock.now(), 50, 7, b"another")?;
//! recorder.finish(clock.now(), &Balance { first: 40, next: 51, received: 2, lost: 9, ..Balance::default() })?;
//!
//! let (mut recording, mut events) = (Recording::open(path)?, 0);
//! while let Some(entry) = recording.read()? {
//!     match entry {
//!         Entry::Event(event) => events += 1,
//!         Entry::Missing(missing) => assert_eq!((missing.from, missing.count()), (41, 9)),
//!     }
//! }
//! assert_eq!(events, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The command line records and replays rings between processes: `rring record`, `rring replay`, `rring compare`.
//!
//! # What is in a file
//!
//! The profile of the file is `rusted-ring`. It has two channels, each of which says in its metadata, by the key `rusted-ring`, which it is:
//!
//! - `/NAME/events`, encoded as `ros1` with a schema in `ros1msg`: `uint64 sequence`, `uint32 type`, and then `uint8[] data`, or for a ring of values
//!   `value`, which is a number, an array of numbers, or bytes. MCAP's own sequence has 32 bits: it is the lower half. The metadata say which ring
//!   it was: `version`, `byte_order`, `ring`, `id`, `epoch`, `capacity`, `publishers` (`many` or `one`), `content` (`bytes` or `values`),
//!   `event`, `event_bytes`, `align`, `recorder` (`subscriber` or `consumer`), and `first`, the sequence at which it begins.
//! - `/NAME/missing`, in JSON with a schema: `from`, `to` (the sequence behind the last), `count`, and `reason`, which is `lost` or `hole`.
//!
//! Messages are in the order of their sequences, and each sequence is in one message, of one channel or the other. The times are the recorder's: when it received
//! an event, by the system's clock when it began, and from then on by a clock that is not set.
//!
//! The record of metadata `rusted-ring.balance` is the last but for the index: `first`, `next`, `published`, `received`, `repaired`, `lost`, `holes`, as
//! the ring's ledger had them. A recording without it is not finished.

#![forbid(unsafe_code)]

mod balance;
mod channels;
mod chunk;
mod clock;
mod compare;
mod draft;
mod error;
mod fields;
mod layout;
mod missing;
mod origin;
mod recorder;
mod recording;
mod records;

pub use balance::Balance;
pub use clock::Clock;
pub use compare::{Content, Difference, compare};
pub use error::{ReadError, RecordError, Unreadable};
pub use missing::{Missing, Why};
pub use origin::Origin;
pub use recorder::{Compression, Options, Recorder};
pub use recording::{Entry, Event, Recording};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
