//! A bounded broadcast ring buffer in the style of the LMAX Disruptor: every reader sees the whole stream of events, and
//! picks its contract. A [`Consumer`] is lossless: publishers wait for it. A [`Subscriber`] is lossy: it is never waited for,
//! and is told exactly what it lost.
//!
//! ```text
//! Publisher --claim--> slot[stamp | head | payload] --publish--> ... --copy+validate--> Subscriber   (may lose, is told)
//!                          ^                                    \--read in place-----> Consumer     (never loses)
//!                          '------------- gate: the slowest Consumer's position -------------'
//! ```
//!
//! | name | what it is |
//! |---|---|
//! | [`RingBuffer`] | a ring in a `static`, an `Arc` or a `OnceLock`, with a capacity known at compile time |
//! | [`PagedRing`] | the same in a `static`, which can be shown to other processes |
//! | [`HeapRing`] | a ring on the heap, with a capacity given at run time; [`HeapTypedRing`] holds values instead of bytes |
//! | [`BorrowedRing`] | a ring in memory that you lend it |
//! | [`MappedRing`] | a ring in memory that several processes map; `rusted-ring-shm` makes them |
//! | [`Publisher`] | publishes to a ring of many publishers; cloned and shared |
//! | [`SolePublisher`] | publishes to a ring that has only this one, and is faster |
//! | [`Subscriber`] | receives copies, is never waited for, and is told which sequences it lost |
//! | [`Consumer`] | receives every event in place; publishers wait for it, or are told that the ring is full |
//! | [`Latest`] | beside a ring: the current value of each key, wait-free for its readers |
//! | [`Sequence`] | the number of an event on its ring, counted from 0 and never reused |
//! | [`Start`] | where in the stream a reader begins |
//! | [`pool::PoolSet`] | five rings, one for each size of event, from 64 bytes to 16 KiB, or to a bound of its own |
//! | [`topology::Topology`] | stages on threads: a pipeline, a diamond, or any graph of handlers |
//! | [`placement`] | where threads run and memory lies: cores by a measured matrix, huge pages, NUMA nodes; on request |
//! | [`wait::WaitSet`] | waits for endpoints of several rings at once, and says which is ready |
//! | [`SpanContext`] | a trace's span, which travels at the front of an event |
//! | [`Tuning`] | which way to go where processors differ; endpoints know it of themselves |
//! | [`ledger::Ledger`] | shows, to any thread and at any time, what every reader received and lost |
//!
//! ```
//! use rusted_ring::{Consumer, HeapRing, Publisher, Start, Subscriber};
//!
//! let ring = HeapRing::<64>::new(1024);
//! let mut screen = Subscriber::join(ring.clone(), Start::Newest);
//! let mut store = Consumer::join(ring.clone(), Start::Newest)?;
//! let publisher = Publisher::join(ring)?;
//!
//! publisher.publish(b"a stroke", 1)?;
//! drop(publisher); // the last publisher closes this ring
//!
//! assert_eq!(screen.recv()?.bytes(), b"a stroke");
//! assert_eq!(&*store.recv()?, b"a stroke");
//! assert!(store.recv().is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The modules [`publisher`], [`subscriber`] and [`consumer`] hold the received events, the errors and the claims of their endpoint;
//! [`future`] has the `async` forms of all three. Code written for rusted-ring 0.5 finds its names in [`compat`], and at the root.
//!
//! # Features
//!
//! | feature | default | brings |
//! |---|---|---|
//! | `std` | yes | time-outs, waiting that sleeps, wait sets, rings in a `OnceLock`; implies `alloc` |
//! | `async` | no | [`future`]: waits that are futures, for any runtime; implies `std` |
//! | `derive` | no | the derives of [`bytemuck`], for what [`Typed`] rings hold; its page says what they may hold, case by case |
//! | `alloc` | by `std` | [`HeapRing`], [`pool::HeapPools`], [`Latest`], rings in an `Arc` |
//!
//! Without features the library is `no_std` and never allocates: rings in statics, all endpoints, pools, the ledger.
//! With them it allocates when a ring or pool set is made, and never after. It needs 64-bit atomics.

// Names that a missing feature would bring link to docs.rs.
#![cfg_attr(
    not(feature = "async"),
    doc = "",
    doc = "[`future`]: https://docs.rs/rusted-ring/latest/rusted_ring/future/index.html"
)]
#![cfg_attr(
    not(feature = "alloc"),
    doc = "",
    doc = "[`HeapRing`]: https://docs.rs/rusted-ring/latest/rusted_ring/type.HeapRing.html",
    doc = "[`HeapTypedRing`]: https://docs.rs/rusted-ring/latest/rusted_ring/type.HeapTypedRing.html",
    doc = "[`pool::HeapPools`]: https://docs.rs/rusted-ring/latest/rusted_ring/pool/struct.HeapPools.html",
    doc = "[`Latest`]: https://docs.rs/rusted-ring/latest/rusted_ring/latest/struct.Latest.html"
)]
#![cfg_attr(
    not(feature = "std"),
    doc = "",
    doc = "[`placement`]: https://docs.rs/rusted-ring/latest/rusted_ring/placement/index.html",
    doc = "[`topology::Topology`]: https://docs.rs/rusted-ring/latest/rusted_ring/topology/struct.Topology.html",
    doc = "[`wait::WaitSet`]: https://docs.rs/rusted-ring/latest/rusted_ring/wait/struct.WaitSet.html"
)]
#![cfg_attr(not(any(feature = "std", test, loom, shuttle)), no_std)]
#![deny(unsafe_code)]

#[cfg(not(target_has_atomic = "64"))]
compile_error!(
    "rusted-ring numbers events with 64-bit atomics, which this target does not have: build for a target with `target_has_atomic = \"64\"`"
);

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(not(any(loom, shuttle)))]
pub mod compat;
pub mod consumer;
mod corrupt;
mod foreign;
#[cfg(feature = "async")]
pub mod future;
mod join;
#[cfg(feature = "alloc")]
pub mod latest;
pub mod ledger;
#[cfg(all(any(loom, shuttle), test))]
mod models;
mod permit;
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
pub mod placement;
#[cfg(not(any(loom, shuttle)))]
pub mod pool;
pub mod publisher;
mod reader;
#[allow(unsafe_code)]
mod ring;
mod sequence;
mod span;
mod stamp;
mod start;
pub mod subscriber;
mod sync;
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
pub mod topology;
mod tuning;
pub mod wait;
mod words;

pub use bytemuck;
// Documented in `compat` and `pool`, and at the root for code written for 0.5.
#[cfg(not(any(loom, shuttle)))]
#[doc(hidden)]
pub use compat::*;
#[doc(inline)]
pub use consumer::Consumer;
pub use corrupt::Corrupt;
pub use join::JoinError;
#[cfg(feature = "alloc")]
#[doc(inline)]
pub use latest::{Latest, LatestReader, LatestWriter};
#[cfg(all(feature = "alloc", not(any(loom, shuttle))))]
pub use pool::HeapPools;
#[cfg(not(any(loom, shuttle)))]
pub use pool::{Capacities, PoolSet};
#[doc(inline)]
pub use publisher::{Publisher, SolePublisher};
#[cfg(not(any(loom, shuttle)))]
pub use ring::{
    BorrowedRing, BorrowedTypedRing, LentMemory, MappedRing, Paged, PagedRing, PagedTypedRing, Pages, Peers,
    PlaceError, PlacedRing,
};
pub use ring::{
    Bytes, BytesSlot, ClosePolicy, Closes, Closing, Event, Incident, InlineRing, Lease, Lossless, MAX_STACK_BYTES,
    Many, Mode, Name, Notes, Open, PooledEvent, RingBuffer, RingRef, Slot, Sole, Typed, TypedRing, TypedSlot, Value,
    Whole,
};
#[cfg(feature = "alloc")]
pub use ring::{
    HeapLosslessRing, HeapLosslessTypedRing, HeapNotedRing, HeapNotedTypedRing, HeapRing, HeapTypedRing, NoMemory,
    SharedRing,
};
pub use sequence::Sequence;
pub use span::{ParseSpanContextError, SpanContext};
pub use start::Start;
#[doc(inline)]
pub use subscriber::Subscriber;
pub use tuning::Tuning;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/MIGRATION.md")]
struct Migration;
