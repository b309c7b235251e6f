//! Compression for rusted-ring: of a journal's blocks, and of large events on a ring whose author asks for it.
//!
//! On a ring nothing is compressed by itself. A publisher that wants it [packs](Packer::pack_event) its events, and a reader that knows of it
//! [unpacks](Unpacker::unpack_event) what it received:
//!
//! ```
//! use rusted_ring::{HeapRing, Publisher, Start, Subscriber};
//! use rusted_ring_compression::{Compression, Packer, Unpacker};
//!
//! const STROKE: u32 = 7;
//! let ring = HeapRing::<16_384>::new(8);
//! let mut reader = Subscriber::join(ring.clone(), Start::Newest);
//! let publisher = Publisher::join(ring)?;
//!
//! let stroke = [[1, 2, 3, 4]; 4000].concat();
//! let mut packer = Packer::new(&Compression::Lz4);
//! let (bytes, event_type) = packer.pack_event(&stroke, STROKE)?;
//! assert!(bytes.len() < 100);
//! publisher.publish(bytes, event_type)?;
//!
//! let mut unpacker = Unpacker::new(16_384);
//! let event = reader.recv()?;
//! let (bytes, event_type) = unpacker.unpack_event(event.bytes(), event.event_type)?;
//! assert_eq!((bytes, event_type), (&stroke[..], STROKE));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The flag in the head
//!
//! An event's head has its length and its type. A packed event has the highest bit of the type set, [`PACKED`], and its length is that of the packed bytes: what
//! the ring counts is what lies on it. An event that does not shrink, or is too small to ask, goes as it is, without the bit. A reader that knows nothing of this sees a type
//! that it does not know, with bytes that begin with the [head](#the-format) of a frame; it is lied to about nothing.
//!
//! # The format
//!
//! What is packed is a frame, all numbers little-endian:
//!
//! | at | bytes | what |
//! |---|---|---|
//! | 0 | 4 | length before it was packed |
//! | 4 | 4 | by what: 1, a block of LZ4; 2, a frame of zstd |
//! | 8 | 4 | CRC32C of the dictionary; 0, if there is none |
//! | 12 | the rest | the packed bytes |
//!
//! A frame is always shorter than what it was made of.
//!
//! # Nothing is believed
//!
//! A length beyond what the [`Unpacker`] was made for is refused before any memory is taken. Otherwise memory is taken for that length, once, and packed bytes that come to another length
//! are damaged. Neither panics. A frame has no check of its own: on a ring none is needed, and a journal has one.

#![forbid(unsafe_code)]

mod compression;
mod error;
mod event;
mod frame;
mod packer;
mod unpacker;

#[cfg(feature = "zstd")]
pub use compression::Dictionary;
#[cfg(feature = "zstd")]
pub use error::NotADictionary;
pub use {
    compression::Compression,
    error::{ReservedType, UnpackError},
    event::PACKED,
    packer::Packer,
    unpacker::Unpacker,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
