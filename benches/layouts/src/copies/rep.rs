//! `rep movsb`: the processor copies by itself.

use super::Copying;
use std::sync::atomic::AtomicU64;

pub(super) const IS_AVAILABLE: bool = cfg!(target_arch = "x86_64");

pub(super) struct Rep;

impl Copying for Rep {
    #[inline]
    unsafe fn store<const W: usize>(slot: &[AtomicU64; W], source: &[u64; W]) {
        // SAFETY: both are so long and apart, and a slot may be written through a shared reference.
        unsafe { copy(source.as_ptr().cast(), slot.as_ptr().cast_mut().cast(), size_of_val(source)) };
    }

    #[inline]
    unsafe fn load<const W: usize>(slot: &[AtomicU64; W], into: &mut [u64; W]) {
        // SAFETY: as in `store`, the other way.
        unsafe { copy(slot.as_ptr().cast(), into.as_mut_ptr().cast(), size_of_val(into)) };
    }
}

/// # Safety
///
/// `from` can be read and `to` be written for `length` bytes, and they do not overlap.
#[cfg(target_arch = "x86_64")]
#[inline]
unsafe fn copy(from: *const u8, to: *mut u8, length: usize) {
    // SAFETY: it reads and writes what the caller promises, upwards, as the direction flag is clear at every `asm!`.
    unsafe {
        std::arch::asm!(
            "rep movsb",
            inout("rcx") length => _,
            inout("rsi") from => _,
            inout("rdi") to => _,
            options(nostack, preserves_flags),
        )
    };
}

#[cfg(not(target_arch = "x86_64"))]
unsafe fn copy(_from: *const u8, _to: *mut u8, _length: usize) {
    unreachable!("it is not available here");
}
