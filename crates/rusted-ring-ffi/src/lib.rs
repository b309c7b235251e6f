//! The C ABI of [`rusted_ring`]: rings, pool sets and their endpoints, in one process and between processes, for C and for every language that
//! calls C. The header is `include/rusted_ring.h`, generated from this crate and checked in.
//!
//! ```c
//! rusted_ring *ring;
//! rusted_ring_publisher *pen;
//! rusted_ring_reader *disk;
//! rusted_ring_new(64, 1024, 0, &ring);
//! rusted_ring_consume(ring, "disk", RUSTED_RING_NEWEST, &disk);
//! rusted_ring_publisher_join(ring, &pen);
//! if (rusted_ring_try_publish(pen, data, len, 1, NULL) != RUSTED_RING_OK)
//!     fprintf(stderr, "%s\n", rusted_ring_error_text());
//! ```
//!
//! # Rules that hold for all calls
//!
//! - **Results.** A call returns 0, or a number below 0 that says why it did nothing, and [`rusted_ring_error_text`](api::library::rusted_ring_error_text) then says it in
//!   words, to the thread that called. What a call stores, it stores only if it returns 0, unless it says otherwise.
//! - **Handles** are numbers in the guise of pointers: never read what they seem to point to. One that is null, was closed, is of another kind or was never
//!   made is told as `RUSTED_RING_BAD_HANDLE`, always: a handle's number is never used again.
//! - **Threads.** Handles on rings, pools, cells, journals, and on publishers of rings of many, may be used by any threads at once. All others by one at a time, whichever that is; a
//!   second one that is noticed is told `RUSTED_RING_BUSY`, and if it is not noticed, the behaviour is undefined. No handle may be closed while a call uses it.
//! - **Memory.** Pointers are null or valid for as long as the call lasts; a length of 0 allows null. What is null or misaligned is `RUSTED_RING_BAD_ARGUMENT`. No call keeps a pointer of the caller's.
//! - **Panics** end at the boundary, as `RUSTED_RING_PANIC`. No call calls back.
//! - **Time-outs** are nanoseconds; 0 does not wait, `RUSTED_RING_FOREVER` waits as long as it takes. Calls whose name begins with `try_`, and
//!   `rusted_ring_emit`, never wait.
//! - **Forks.** A child of a fork uses none of the handles that it inherits. One that was forked while no other thread was inside the library may open
//!   rings of its own; any other executes another program first, because locks of the library may stay held for ever in it.
//!
//! # In Rust
//!
//! Rust programs use [`rusted_ring`] itself. The functions are here for what binds to them in Rust, such as tests.

#![deny(unsafe_code)]
#![allow(
    clippy::missing_safety_doc,
    reason = "the rules are the same for all functions: those of this page, invariant F"
)]

#[allow(unsafe_code)]
pub mod api;
#[allow(unsafe_code)]
mod caller;
mod cells;
#[allow(unsafe_code)]
mod exclusive;
mod failure;
mod guard;
#[allow(unsafe_code)]
mod handles;
mod journal;
mod pools;
mod rings;
pub mod status;
pub mod types;
mod waiting;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
