//! A broadcast event ring.

#![cfg_attr(not(any(feature = "std", test, loom)), no_std)]
#![deny(unsafe_code)]

#[cfg(not(target_has_atomic = "64"))]
compile_error!(
    "rusted-ring numbers events with 64-bit atomics, which this target does not have: build for a target with `target_has_atomic = \"64\"`"
);

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod consumer;
pub mod ledger;
#[cfg(not(loom))]
pub mod pool;
pub mod reader;
#[allow(unsafe_code)]
mod ring;
mod sequence;
mod stamp;
mod start;
mod sync;
pub mod wait;
mod words;
pub mod writer;

#[cfg(not(loom))]
pub use pool::*;
#[cfg(feature = "alloc")]
pub use ring::HeapRing;
pub use ring::{
    Bytes, ClosePolicy, Event, MAX_STACK_BYTES, Many, Mode, Name, PooledEvent, RingBuffer, RingRef, Slot, Sole,
};
pub use sequence::Sequence;
pub use start::Start;

/// A lossy reader of a static ring.
pub type Reader<const N: usize, const CAP: usize> = reader::Reader<&'static RingBuffer<N, CAP>>;
/// A lossless reader of a static ring.
pub type Consumer<const N: usize, const CAP: usize> = consumer::Consumer<&'static RingBuffer<N, CAP>>;
/// A writer of a static ring.
pub type Writer<const N: usize, const CAP: usize> = writer::Writer<&'static RingBuffer<N, CAP>>;
/// The writer of a static ring of mode [`Sole`].
pub type SoleWriter<const N: usize, const CAP: usize> = writer::SoleWriter<&'static RingBuffer<N, CAP, Sole>>;
