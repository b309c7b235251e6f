//! The functions of the C ABI, one file a subject.
//!
//! Each is `unsafe` to Rust for one reason, invariant F of docs/SAFETY.md: what its caller passes is what the header says.

pub mod journal;
pub mod latest;
pub mod library;
pub mod packed;
pub mod pools;
pub mod position;
pub mod publisher;
pub mod reader;
pub mod ring;
pub mod wait;

use std::time::Duration;

use crate::{
    failure::Failure,
    handles::{Object, Reserved},
};

/// Opens a handle on what `make` returns, and stores it. Nothing is made if no handle can be had.
fn opened<T>(
    out: crate::caller::Out<'_, *mut T>,
    make: impl FnOnce() -> Result<Object, Failure>,
) -> Result<(), Failure> {
    let entry = Reserved::new()?;
    out.put(entry.open(make()?));
    Ok(())
}

/// A time in nanoseconds; the largest is as good as for ever.
#[inline(always)]
fn time(nanoseconds: u64) -> Duration {
    Duration::from_nanos(nanoseconds)
}
