//! Fetching cache lines before they are needed.

#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
use core::arch::asm;

/// Fetches the line of `at` into this core's nearest cache, to be read. A hint: it reads nothing and cannot fault.
#[inline(always)]
pub(crate) fn to_read(at: *const u8) {
    #[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
    // SAFETY: a hint, which accesses no memory to the language, changes no register and no flag, and cannot fault.
    unsafe {
        asm!("prefetcht0 [{at}]", at = in(reg) at.addr(), options(nomem, nostack, preserves_flags));
    }
    #[cfg(not(all(target_arch = "x86_64", target_pointer_width = "64", not(miri))))]
    let _ = at;
}

/// Fetches the line of `at` as [`to_read`] does, to be written: no other core has it then.
#[inline(always)]
pub(crate) fn to_write(at: *const u8) {
    #[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
    // SAFETY: as above; processors that do not know it do nothing.
    unsafe {
        asm!("prefetchw [{at}]", at = in(reg) at.addr(), options(nomem, nostack, preserves_flags));
    }
    #[cfg(not(all(target_arch = "x86_64", target_pointer_width = "64", not(miri))))]
    let _ = at;
}
