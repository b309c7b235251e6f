//! What the compiler and the system's library make of a copy of plain memory.

use super::Copying;
use std::ptr;
use std::sync::atomic::AtomicU64;

pub(super) struct Memcpy;

impl Copying for Memcpy {
    #[inline]
    unsafe fn store<const W: usize>(slot: &[AtomicU64; W], source: &[u64; W]) {
        let to = slot.as_ptr().cast_mut().cast::<u64>();
        // SAFETY: both are `W` words and apart, a slot may be written through a shared reference, and nobody else
        // touches it, by the caller's promise.
        unsafe { ptr::copy_nonoverlapping(source.as_ptr(), to, W) };
    }

    #[inline]
    unsafe fn load<const W: usize>(slot: &[AtomicU64; W], into: &mut [u64; W]) {
        // SAFETY: as in `store`, the other way.
        unsafe { ptr::copy_nonoverlapping(slot.as_ptr().cast::<u64>(), into.as_mut_ptr(), W) };
    }
}
