//! Fetching cache lines before they are needed.
//!
//! A hint to the processor: it accesses no memory to the language, and cannot fault.

#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(any(miri, loom, shuttle))))]
use core::arch::asm;

macro_rules! hint {
    ($instruction:literal, $at:expr, $step:ident) => {{
        #[cfg(all(test, not(any(loom, shuttle))))]
        super::trace::note(super::trace::Step::$step($at.addr()));
        #[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(any(miri, loom, shuttle))))]
        // SAFETY: a hint, which accesses no memory to the language, changes no register and no flag, and cannot fault; processors that do
        // not know it do nothing.
        unsafe {
            asm!($instruction, at = in(reg) $at.addr(), options(nomem, nostack, preserves_flags));
        }
        #[cfg(not(all(target_arch = "x86_64", target_pointer_width = "64", not(any(miri, loom, shuttle)))))]
        let _ = $at;
    }};
}

/// Fetches the line of `at` into this core's nearest cache, to be read.
#[inline(always)]
pub(crate) fn to_read(at: *const u8) {
    hint!("prefetcht0 [{at}]", at, FetchedToRead);
}

/// Fetches the line of `at` into this core's nearest cache, to be written: no other core has it then.
#[inline(always)]
pub(crate) fn to_write(at: *const u8) {
    hint!("prefetchw [{at}]", at, FetchedToWrite);
}
