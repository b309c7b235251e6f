//! Named rings between processes on Linux: one file is one ring of [`rusted_ring`], with all its endpoints.
//!
//! ```
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("strokes");
//! use rusted_ring::{Bytes, Publisher, Start, Subscriber};
//! use rusted_ring_shm::{Ring, RingFile};
//!
//! // RingFile::named("strokes")? is in /dev/shm; any path will do.
//! let ring: Ring<Bytes<64>> = RingFile::at(&path).create(1024)?;
//! let publisher = Publisher::join(ring)?;
//!
//! // In another process:
//! let ring: Ring<Bytes<64>> = RingFile::at(&path).open()?;
//! let mut reader = Subscriber::join(ring, Start::Newest);
//!
//! publisher.publish(b"a stroke", 1)?;
//! assert_eq!(reader.recv()?.bytes(), b"a stroke");
//! RingFile::at(&path).remove()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is promised
//!
//! - A file that has a ring's name is a whole ring: it is made without a name, with all its space reserved, and named last. A full disk is
//!   an error of [`create`](RingFile::create), and no signal later.
//! - A process that is killed blocks nobody. Publishers that find no room look which Consumers have ended, and free what these held. A sole
//!   publisher that was killed has a successor, which never issues a delivered sequence again. Of many publishers, the one that was killed
//!   in the middle of a publish costs its slot, which is a counted hole once a lap, until all processes have closed the ring: the next one that
//!   opens it frees such slots. A ring that has lost all its slots so is full until then.
//! - A process that is stopped, and not dead, keeps what it holds. A wait for it has a time-out, and its error has the
//!   [name](rusted_ring::publisher::Full::blocker) and its [process](Processes::holder).
//! - A [pool set](PoolFiles) is five such files. They are opened together or not at all, and whoever is killed while it creates or removes them
//!   keeps nobody out.
//! - [Latest-value cells](LatestFile) are such a file, too. Their readers wait for nobody, and a writer that is killed in the middle of an update has shown
//!   nothing of it.
//! - What went wrong is [noted](Processes::noted) in the file.
//! - A ring lives until it is [removed](RingFile::remove). It does not close because a process ended.
//!
//! A program with rings in statics is seen by other processes once it has [placed](place_static) them in files.
//!
//! # What is believed
//!
//! A process that may write the file may write anything into it, at any time. So nothing that is found there is an index or a length that is not
//! cut, and no event is lent: Subscribers copy, and a Consumer has [`copy`](rusted_ring::Consumer::copy), `try_copy` and `copy_timeout`.
//! What lends does not compile on a [`Ring`]:
//!
//! ```compile_fail
//! # use rusted_ring::{Bytes, Consumer, Start};
//! # use rusted_ring_shm::RingFile;
//! let ring = RingFile::at("/tmp/ring").open::<Bytes<64>, rusted_ring::Many>().unwrap();
//! let mut store = Consumer::join(ring, Start::Newest).unwrap();
//! let _lent = store.try_recv();
//! ```
//!
//! [`trust_peers`] makes a [`TrustedRing`], on which all of the library works, stages and batches included. Files are for their owner
//! alone unless said [otherwise](RingFile::for_group), and have no execute bit.
//!
//! One thing cannot be had: a process that may write the file may also truncate it, and a process that then touches what is gone is ended by a
//! signal (SIGBUS), as with any mapped file. Files that are too short, or have holes, are not opened. An [`AnyObserver`] reads the
//! file and does not map it: for a tool that looks at rings that it has no reason to trust.

#![deny(unsafe_code)]

#[cfg(not(target_os = "linux"))]
compile_error!("rusted-ring-shm needs Linux: locks of open file descriptions, and files without a name");

mod any;
mod draft;
mod error;
mod file;
mod fingerprint;
mod gone;
mod header;
#[allow(unsafe_code)]
mod latest;
mod list;
#[allow(unsafe_code)]
mod lock;
mod log;
mod mapping;
#[allow(unsafe_code)]
mod memory;
mod observer;
mod pools;
mod remove;
#[allow(unsafe_code)]
mod ring;
pub mod sizes;
#[allow(unsafe_code)]
mod statics;

pub use any::AnyObserver;
pub use error::FileError;
pub use file::{DIRECTORY, PREFIX, RingFile};
pub use fingerprint::Described;
pub use header::{Identity, Properties};
pub use latest::{LatestFile, LatestObserver, LatestProperties, SharedLatest};
pub use list::{Listed, list, list_in};
pub use log::Noted;
pub use observer::Observer;
pub use pools::{PoolFiles, PoolRings, Pools, TrustedPools};
use ring::MappedRingOf;
pub use ring::{Processes, Ring, TrustedRing, trust_peers, trust_pools};
pub use statics::{place_pools, place_static};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
