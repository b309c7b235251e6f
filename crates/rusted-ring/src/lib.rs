//! A ring that moves events from many threads to many, and tells the truth about every event it did not deliver.
//!
//! ```text
//! Writer --claim--> slot[stamp | head | payload] --publish--> ... --read+validate--> Reader   (may lose, is told)
//!                       ^                                    \--read in place-----> Consumer (never loses)
//!                       '------------- gate: the slowest Consumer's position -------------'
//! ```
//!
//! * A [`RingBuffer`] lives in a `static`, an `Arc` or a `OnceLock`; a [`HeapRing`] takes its capacity at run time, a
//!   [`BorrowedRing`] its memory from you.
//! * A [`writer::Writer`] is cloned and shared; a [`writer::SoleWriter`] has the ring to itself, and is faster.
//! * A [`reader::Reader`] is never waited for. Overtaken, it is told which sequences it lost.
//! * A [`writer::Claim`] takes a sequence first, and its event is then written in place.
//! * A [`consumer::Consumer`] loses nothing: the writers wait for it, or are told that the ring is full.
//! * A [`ledger::Ledger`] shows, to any thread and at any time, what every reader received and lost.
//! * A [`pool::PoolSet`] is five rings, one for each size of event, from 64 bytes to 16 KiB.
//!
//! ```
//! use rusted_ring::{HeapRing, Start, consumer::Consumer, reader::Reader, writer::Writer};
//!
//! let ring = HeapRing::<64>::new(1024);
//! let mut screen = Reader::join(ring.clone(), Start::Newest);
//! let mut store = Consumer::join(ring.clone(), Start::Newest)?;
//! let writer = Writer::join(ring)?;
//!
//! writer.publish(b"a stroke", 1)?;
//! drop(writer); // the last writer closes this ring
//!
//! assert_eq!(screen.recv()?.bytes(), b"a stroke");
//! assert_eq!(&*store.recv()?, b"a stroke");
//! assert!(store.recv().is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | default | brings |
//! |---|---|---|
//! | `std` | yes | time-outs, waiting that sleeps, rings in a `OnceLock`; implies `alloc` |
//! | `async` | no | [`future`]: waits that are futures, for any runtime; implies `std` |
//! | `derive` | no | the derives of [`bytemuck`], for what [`Typed`] rings hold: there is what may be held, case by case |
//! | `alloc` | by `std` | [`HeapRing`], [`pool::HeapPools`], rings in an `Arc` |
//!
//! Without features the library is `no_std` and never allocates: rings in statics, all endpoints, pools, the ledger.
//! With them it allocates when a ring or pool set is made, and never after. It needs 64-bit atomics.
//!
//! # The same names at the root
//!
//! [`Writer`], [`Reader`], [`Consumer`] and [`SoleWriter`] at the root are the endpoints of static rings, as users of
//! rusted-ring 0.5 know them; the endpoints in [`writer`], [`reader`] and [`consumer`] work over any [`RingRef`].

// What a feature brings is linked to where it is documented, if not here.
#![cfg_attr(
    not(feature = "async"),
    doc = "",
    doc = "[`future`]: https://docs.rs/rusted-ring/latest/rusted_ring/future/index.html"
)]
#![cfg_attr(
    not(feature = "alloc"),
    doc = "",
    doc = "[`HeapRing`]: https://docs.rs/rusted-ring/latest/rusted_ring/type.HeapRing.html",
    doc = "[`pool::HeapPools`]: https://docs.rs/rusted-ring/latest/rusted_ring/pool/struct.HeapPools.html"
)]
#![cfg_attr(not(any(feature = "std", test, loom, shuttle)), no_std)]
#![deny(unsafe_code)]

#[cfg(not(target_has_atomic = "64"))]
compile_error!(
    "rusted-ring numbers events with 64-bit atomics, which this target does not have: build for a target with `target_has_atomic = \"64\"`"
);

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod consumer;
mod foreign;
#[cfg(feature = "async")]
pub mod future;
pub mod ledger;
#[cfg(all(any(loom, shuttle), test))]
mod models;
#[cfg(not(any(loom, shuttle)))]
pub mod pool;
pub mod reader;
#[allow(unsafe_code)]
mod ring;
mod sequence;
mod stamp;
mod start;
mod sync;
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
pub mod topology;
pub mod wait;
mod words;
pub mod writer;

pub use bytemuck;
#[cfg(all(feature = "alloc", not(any(loom, shuttle))))]
pub use pool::HeapPools;
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
pub use pool::RingFactory;
#[cfg(not(any(loom, shuttle)))]
pub use pool::{
    AutoSizedEvent, Capacities, EmitBytesError, EmitError, EventCreationError, EventPoolFactory, EventSize, EventUtils,
    L_CAPACITY, L_TSHIRT_SIZE, M_CAPACITY, M_TSHIRT_SIZE, PoolId, PoolSet, PoolStats, RingPipe, RingSink, RingSource,
    S_CAPACITY, S_TSHIRT_SIZE, SystemHealth, XL_CAPACITY, XL_TSHIRT_SIZE, XS_CAPACITY, XS_TSHIRT_SIZE,
};
#[cfg(not(any(loom, shuttle)))]
pub use ring::{BorrowedRing, BorrowedTypedRing, LentMemory, PlaceError, PlacedRing};
pub use ring::{
    Bytes, ClosePolicy, Closes, Closing, Event, InlineRing, MAX_STACK_BYTES, Many, Mode, Name, Notes, Open,
    PooledEvent, RingBuffer, RingRef, Slot, Sole, Typed, TypedRing, Whole,
};
#[cfg(feature = "alloc")]
pub use ring::{HeapNotedRing, HeapRing, HeapTypedRing, SharedRing};
pub use sequence::Sequence;
pub use start::Start;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/MIGRATION.md")]
struct Migration;

/// A lossy reader of a static ring.
pub type Reader<const N: usize, const CAP: usize, C = Open> = reader::Reader<&'static RingBuffer<N, CAP, Many, C>>;
/// A lossless reader of a static ring.
pub type Consumer<const N: usize, const CAP: usize, C = Open> =
    consumer::Consumer<&'static RingBuffer<N, CAP, Many, C>>;
/// A writer of a static ring.
pub type Writer<const N: usize, const CAP: usize, C = Open> = writer::Writer<&'static RingBuffer<N, CAP, Many, C>>;
/// The writer of a static ring of mode [`Sole`].
pub type SoleWriter<const N: usize, const CAP: usize, C = Open> =
    writer::SoleWriter<&'static RingBuffer<N, CAP, Sole, C>>;
