//! A ring of [`rusted_ring`] here, its mirror on another machine, over zenoh.
//!
//! `rring-mirror serve` reads a [shared ring](rusted_ring_shm) as one more Subscriber, and sends what it reads. `rring-mirror follow` has a shared ring of its own, under the source's
//! identity and sequences, of which it is the sole publisher. What is missing there is asked for: from the source's ring while that has it, and then from a journal, if the
//! source keeps one. What nobody has is a hole to every reader of the mirror, and counted.
//!
//! # What is promised
//!
//! - **Sequences.** An event has the same sequence at the mirror as at the source. Nothing comes twice, and nothing out of order.
//! - **Books.** At the mirror, what it came to since it began = received + repaired + holes + lost, at any time. [`Books`](books::Books) says it.
//! - **Loss happens in one place**, the source's reader, which nobody waits for. Frames are sent with zenoh's `Block`, by a thread of their own, so that a link that is slower than the ring
//!   holds that thread, and the reader loses what it counts. That is what the mirror then asks for.
//! - **A last event** that is lost is noticed without a next one: a source says five times a second how far it is.
//! - **A source that is silent** is waited for, as long as it takes. One that lives, and does not answer for [a while](mirror::Bounds::patience), has lost what was asked for.
//! - **Another ring** under the source's name, because the source began anew, has another id and a later epoch: the mirror makes a new ring for it, and puts it in
//!   place of the one that it had.
//! - **Memory** is bounded: frames have 128 KiB at most, frames that wait for what lies before them [8 MiB](mirror::Bounds::waiting_bytes) together, and questions a place in a queue of 16.
//!
//! # What is believed
//!
//! The type's fingerprint, the ring's id and its epoch are compared before a frame is looked into, every length before it is used, and every sequence with what was asked for. What cannot be
//! seen is that somebody else speaks in the source's name, with its id and under its keys: zenoh's TLS and access lists keep such out, by `--zenoh`.
//!
//! # What cannot be mirrored
//!
//! Rings of values, whose slots have no room for the mark of a hole; long events; notes.

#![forbid(unsafe_code)]

pub mod books;
pub mod fingerprint;
#[cfg(feature = "net")]
pub mod follow;
pub mod mirror;
pub mod name;
#[cfg(feature = "net")]
pub mod serve;
#[cfg(feature = "net")]
pub mod session;
pub mod source;
pub mod wire;
