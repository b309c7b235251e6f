//! Cache lines taken as if to be written.

#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(any(miri, rusted_ring_words))))]
use core::arch::asm;
use core::ptr::NonNull;

/// Bytes of a cache line.
pub(crate) const LINE: usize = 64;

/// Moves the cache lines that end in the `span` bytes from `base` on to this core, as if it were to write the word of each that
/// ends `gap` before the line does (docs/adr/0018). A line that goes on beyond them is left to whoever writes there.
///
/// To the language nothing happens: the instructions store what they have loaded, and x86-64 shows that store before any later
/// one. `WORD` is the size of what they move.
///
/// # Safety
///
/// The words are in the `span` bytes, these in a ring, and nobody changes them meanwhile. `WORD` is 8, and divides `base` and
/// `gap`; or it is 1.
#[inline(always)]
pub(crate) unsafe fn take<const WORD: usize>(base: NonNull<u8>, span: usize, gap: usize) {
    let base = base.as_ptr();
    let mut end = LINE - base.addr() % LINE;
    while end <= span {
        // The last that may be: whoever reads begins with others, and need not wait for this one to be stored.
        // SAFETY: the caller's promise.
        unsafe { touch::<WORD>(base.wrapping_add(end - gap - WORD)) };
        end += LINE;
    }
}

/// # Safety
///
/// There is a word at `at`, in a ring, and nobody changes it meanwhile.
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(any(miri, rusted_ring_words))))]
#[inline(always)]
unsafe fn touch<const WORD: usize>(at: *mut u8) {
    if WORD == 8 {
        // SAFETY: the caller's promise: the word is there, and is afterwards, and at any time between, what it was.
        unsafe {
            asm!("mov {word}, qword ptr [{at}]", "mov qword ptr [{at}], {word}", at = in(reg) at, word = out(reg) _,
                options(nostack, preserves_flags));
        }
    } else {
        // SAFETY: as above.
        unsafe {
            asm!("mov {byte}, byte ptr [{at}]", "mov byte ptr [{at}], {byte}", at = in(reg) at, byte = out(reg_byte) _,
                options(nostack, preserves_flags));
        }
    }
}

/// Elsewhere, and under checkers, which would take it for a store, nothing.
#[cfg(not(all(target_arch = "x86_64", target_pointer_width = "64", not(any(miri, rusted_ring_words)))))]
#[inline(always)]
unsafe fn touch<const WORD: usize>(_at: *mut u8) {}
