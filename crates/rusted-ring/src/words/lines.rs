//! Pulling cache lines into exclusive state.

#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(any(miri, rusted_ring_no_lines))))]
use core::arch::asm;
use core::ptr::NonNull;

/// Bytes of a cache line.
pub(crate) const LINE: usize = 64;

/// Pulls the cache lines that end in the `span` bytes from `base` on to this core in exclusive state, as if to write the word of
/// each that ends `gap` before the line does (docs/adr/0018). A line that goes on beyond the span is left to its writer.
///
/// The instructions store what they have loaded, and x86-64 shows that store before any later one. docs/SAFETY.md says what that
/// means to the language. `WORD` is the size of what they move.
///
/// # Safety
///
/// The words are in the `span` bytes, these are in a ring, and nobody changes them meanwhile; no reference that this thread has
/// made to these bytes is used any more. `WORD` is 8, and divides `base` and `gap`; or it is 1.
#[inline(always)]
pub(crate) unsafe fn own<const WORD: usize>(base: NonNull<u8>, span: usize, gap: usize) {
    let base = base.as_ptr();
    each_word::<WORD>(base.addr(), span, gap, |offset| {
        let word = base.wrapping_add(offset);
        #[cfg(test)]
        super::trace::note(super::trace::Step::Taken(word.addr()..word.addr() + WORD));
        // The last possible word: a reader begins with others, and need not wait until this one is stored.
        // SAFETY: the caller's promise.
        unsafe { touch::<WORD>(word) };
    });
}

/// Calls back with the offset from `base` of the word of each line that ends in the `span` bytes from there on.
#[inline(always)]
fn each_word<const WORD: usize>(base: usize, span: usize, gap: usize, mut is_at: impl FnMut(usize)) {
    let mut end = LINE - base % LINE;
    while end <= span {
        is_at(end - gap - WORD);
        end += LINE;
    }
}

/// # Safety
///
/// There is a word at `at`, in a ring, and nobody changes it meanwhile.
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(any(miri, rusted_ring_no_lines))))]
#[inline(always)]
unsafe fn touch<const WORD: usize>(at: *mut u8) {
    if WORD == 8 {
        // SAFETY: the caller's promise: the word is there, and stays at all times what it was.
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

/// Does nothing elsewhere, and under checkers, which would take it for a store.
#[cfg(not(all(target_arch = "x86_64", target_pointer_width = "64", not(any(miri, rusted_ring_no_lines)))))]
#[inline(always)]
unsafe fn touch<const WORD: usize>(_at: *mut u8) {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::trace;

    const LONGEST: usize = 4096 + 2 * LINE;

    /// For every line whose last byte is in the span, the word that ends `gap` before it.
    fn expected(base: usize, span: usize, gap: usize, word: usize) -> Vec<usize> {
        let first = (0..span.min(LINE)).find(|byte| (base + byte) % LINE == LINE - 1);
        first.iter().flat_map(|first| (*first..span).step_by(LINE)).map(|last| last + 1 - gap - word).collect()
    }

    fn found<const WORD: usize>(base: usize, span: usize, gap: usize) -> Vec<usize> {
        let mut words = Vec::new();
        each_word::<WORD>(base, span, gap, |offset| words.push(offset));
        words
    }

    #[test]
    fn one_word_of_each_line_that_ends_in_a_span_is_taken_wherever_it_begins() {
        for span in 0..=LONGEST {
            for base in 0..LINE {
                assert_eq!(found::<1>(base, span, 0), expected(base, span, 0, 1), "{span} bytes from {base}");
            }
            for base in (0..LINE).step_by(8) {
                assert_eq!(found::<8>(base, span, 0), expected(base, span, 0, 8), "{span} bytes from {base}");
            }
        }
        // With notes behind: from the beginning of a slot of half a line, of which 8 or 16 bytes are an event's.
        for (span, gap) in (0..LONGEST).step_by(32).flat_map(|span| [(span, 16), (span, 24)]) {
            for base in [0, 32] {
                assert_eq!(found::<8>(base, span, gap), expected(base, span, gap, 8), "{span} bytes from {base}");
            }
        }
    }

    #[test]
    fn memory_whose_lines_are_taken_stays_as_it_was() {
        let mut memory: Vec<u8> = (0..LONGEST + 3 * LINE).map(|i| (i % 251) as u8).collect();
        let before = memory.clone();
        let memory_at = NonNull::from(&mut memory[..]).cast::<u8>();
        let line = memory_at.align_offset(LINE);
        for span in 0..=LONGEST {
            for offset in 0..LINE {
                // SAFETY: in bounds, and nobody else's.
                let base = unsafe { memory_at.add(line + offset) };
                let steps = trace::of(|| {
                    // SAFETY: as above, and these are bytes.
                    unsafe { own::<1>(base, span, 0) };
                    if offset % 8 == 0 {
                        // SAFETY: as above, and aligned.
                        unsafe { own::<8>(base, span, 0) };
                    }
                });
                let lines = (offset + span) / LINE;
                assert_eq!(steps.len(), if offset % 8 == 0 { 2 * lines } else { lines }, "{span} bytes at {offset}");
            }
        }
        assert!(memory == before);
    }
}
