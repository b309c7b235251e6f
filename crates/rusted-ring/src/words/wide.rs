//! Copies of many one-byte words by one instruction, on x86-64 with SSE2.
//!
//! To the language each instruction here is as if it accessed each of its bytes in the ring by itself, relaxed and atomic, in no
//! particular order: so it may meet others like it, and an `AtomicU8`. The processor keeps that promise, because nothing that it
//! stores is ever seen in parts of a byte. The compiler knows only which registers an instruction is given, so whatever else it
//! does with that memory stays before or behind the instruction. Above all, no load is declared `readonly`, which would also say
//! that the load orders nothing, while the fence behind a Subscriber's copy orders just these loads.

use core::arch::{
    asm,
    x86_64::{__m128i, __m256i},
};

use super::Word;
use crate::sync::AtomicU8;

/// Moved by one instruction.
const LINE: usize = size_of::<__m128i>();
/// Moved in one turn of the loop.
const BLOCK: usize = 4 * LINE;
/// Moved in one turn of the loop with AVX, whose instructions move twice as much.
const LONG: usize = 2 * BLOCK;
/// From this length on AVX is worth the call, and a length known to the compiler no longer spares a loop.
const LONG_FROM: usize = 1024;

impl Word for u8 {
    type Cell = AtomicU8;

    #[inline(always)]
    fn store(cells: &[AtomicU8], bytes: &[u8]) {
        assert!(bytes.len() <= cells.len());
        // SAFETY: both are valid for as many bytes, and the cells' are in `UnsafeCell`s.
        unsafe { copy::<Store>(bytes.as_ptr(), cells.as_ptr().cast_mut().cast(), bytes.len()) };
    }

    #[inline(always)]
    fn load(cells: &[AtomicU8], bytes: &mut [u8]) {
        assert!(bytes.len() <= cells.len());
        // SAFETY: both are valid for as many bytes.
        unsafe { copy::<Load>(cells.as_ptr().cast(), bytes.as_mut_ptr(), bytes.len()) };
    }
}

/// # Safety
///
/// One of the two is in a ring, the other is not, as `M` says; `from` is valid to read for `len` bytes, `to` to write.
#[inline(always)]
unsafe fn copy<M: Move>(from: *const u8, to: *mut u8, len: usize) {
    let mut done = 0;
    if len >= LONG_FROM && has_avx() {
        // SAFETY: the caller's promise, and there is AVX.
        done = unsafe { copy_long::<M>(from, to, len) };
    }
    // SAFETY: the caller's promise, and as much was copied.
    unsafe { copy_from::<M>(from, to, done, len) };
}

/// Copies what lies behind the first `done` bytes, which were copied before; `done` may be 0.
///
/// # Safety
///
/// That of [`copy`].
#[inline(always)]
unsafe fn copy_from<M: Move>(from: *const u8, to: *mut u8, mut done: usize, len: usize) {
    while len - done >= BLOCK {
        // SAFETY: the caller's promise, for a block below `len`.
        unsafe { M::block(from.wrapping_add(done), to.wrapping_add(done)) };
        done += BLOCK;
    }
    if done < len {
        // SAFETY: the caller's promise.
        unsafe { copy_rest::<M>(from, to, done, len) };
    }
}

/// Whether the processor has AVX; without `std`, whether the program is built for processors with it.
#[inline]
fn has_avx() -> bool {
    #[cfg(feature = "std")]
    let has = std::arch::is_x86_feature_detected!("avx");
    #[cfg(not(feature = "std"))]
    let has = cfg!(target_feature = "avx");
    has
}

/// Copies as much as AVX can move; returns how much that was.
///
/// # Safety
///
/// That of [`copy`], on a processor that has AVX.
#[target_feature(enable = "avx")]
unsafe fn copy_long<M: Move>(from: *const u8, to: *mut u8, len: usize) -> usize {
    let mut done = 0;
    while len - done >= LONG {
        // SAFETY: the caller's promise, for a part below `len`.
        unsafe { M::long(from.wrapping_add(done), to.wrapping_add(done)) };
        done += LONG;
    }
    done
}

/// Copies what lies behind the first `done` bytes. The last move is a whole one: it reaches back over what was already copied.
///
/// # Safety
///
/// That of [`copy`].
unsafe fn copy_rest<M: Move>(from: *const u8, to: *mut u8, mut done: usize, len: usize) {
    let at = |offset: usize| (from.wrapping_add(offset), to.wrapping_add(offset));
    let both = |a_move: unsafe fn(*const u8, *mut u8), size: usize| {
        for (from, to) in [at(0), at(len - size)] {
            // SAFETY: the caller's promise, for `size` bytes, which are no more than `len`.
            unsafe { a_move(from, to) };
        }
    };
    while len - done >= LINE {
        // SAFETY: the caller's promise, for a line below `len`.
        unsafe { M::line(at(done).0, at(done).1) };
        done += LINE;
    }
    match len - done {
        0 => {}
        // SAFETY: the caller's promise, for the last line of `len` bytes.
        _ if done > 0 => unsafe { M::line(at(len - LINE).0, at(len - LINE).1) },
        8.. => both(M::eight, 8),
        4.. => both(M::four, 4),
        2.. => both(M::two, 2),
        // SAFETY: the caller's promise, for one byte.
        _ => unsafe { M::one(from, to) },
    }
}

/// Moves named by how much they move, by one instruction in the ring, or four.
///
/// # Safety
///
/// For each: `from` is valid to read for as many bytes, and `to` to write; the one that is in the ring is in `UnsafeCell`s. For
/// `long` the processor has AVX.
trait Move {
    unsafe fn long(from: *const u8, to: *mut u8);
    unsafe fn block(from: *const u8, to: *mut u8);
    unsafe fn line(from: *const u8, to: *mut u8);
    unsafe fn eight(from: *const u8, to: *mut u8);
    unsafe fn four(from: *const u8, to: *mut u8);
    unsafe fn two(from: *const u8, to: *mut u8);
    unsafe fn one(from: *const u8, to: *mut u8);
}

/// Into the ring.
struct Store;
/// Out of the ring.
struct Load;

macro_rules! moves {
    ($($name:ident: $value:ty, $class:ident, $store:literal, $load:literal;)*) => {
        impl Move for Store {
            #[inline]
            #[target_feature(enable = "avx")]
            unsafe fn long(from: *const u8, to: *mut u8) {
                // SAFETY: the caller's promise.
                let [a, b, c, d] = unsafe { from.cast::<[__m256i; 4]>().read_unaligned() };
                // SAFETY: the caller's promise; it stores these, and does nothing else.
                unsafe {
                    asm!("vmovups ymmword ptr [{to}], {a}", "vmovups ymmword ptr [{to} + 32], {b}",
                        "vmovups ymmword ptr [{to} + 64], {c}", "vmovups ymmword ptr [{to} + 96], {d}",
                        to = in(reg) to, a = in(ymm_reg) a, b = in(ymm_reg) b, c = in(ymm_reg) c, d = in(ymm_reg) d,
                        options(nostack, preserves_flags));
                }
            }

            #[inline(always)]
            unsafe fn block(from: *const u8, to: *mut u8) {
                // SAFETY: the caller's promise.
                let [a, b, c, d] = unsafe { from.cast::<[__m128i; 4]>().read_unaligned() };
                // SAFETY: the caller's promise; it stores four lines, and does nothing else.
                unsafe {
                    asm!("movups xmmword ptr [{to}], {a}", "movups xmmword ptr [{to} + 16], {b}",
                        "movups xmmword ptr [{to} + 32], {c}", "movups xmmword ptr [{to} + 48], {d}",
                        to = in(reg) to, a = in(xmm_reg) a, b = in(xmm_reg) b, c = in(xmm_reg) c, d = in(xmm_reg) d,
                        options(nostack, preserves_flags));
                }
            }

            #[inline(always)]
            unsafe fn line(from: *const u8, to: *mut u8) {
                // SAFETY: the caller's promise.
                let line = unsafe { from.cast::<__m128i>().read_unaligned() };
                // SAFETY: the caller's promise; it stores a line, and does nothing else.
                unsafe {
                    asm!("movups xmmword ptr [{to}], {line}", to = in(reg) to, line = in(xmm_reg) line,
                        options(nostack, preserves_flags));
                }
            }
            $(
                #[inline(always)]
                unsafe fn $name(from: *const u8, to: *mut u8) {
                    // SAFETY: the caller's promise.
                    let value = unsafe { from.cast::<$value>().read_unaligned() };
                    // SAFETY: the caller's promise; it stores the value, and does nothing else.
                    unsafe { asm!($store, to = in(reg) to, value = in($class) value, options(nostack, preserves_flags)) };
                }
            )*
        }

        impl Move for Load {
            #[inline]
            #[target_feature(enable = "avx")]
            unsafe fn long(from: *const u8, to: *mut u8) {
                let (a, b, c, d): (__m256i, __m256i, __m256i, __m256i);
                // SAFETY: the caller's promise; it loads these, and does nothing else.
                unsafe {
                    asm!("vmovups {a}, ymmword ptr [{from}]", "vmovups {b}, ymmword ptr [{from} + 32]",
                        "vmovups {c}, ymmword ptr [{from} + 64]", "vmovups {d}, ymmword ptr [{from} + 96]",
                        from = in(reg) from, a = out(ymm_reg) a, b = out(ymm_reg) b, c = out(ymm_reg) c,
                        d = lateout(ymm_reg) d, options(nostack, preserves_flags));
                }
                // SAFETY: the caller's promise.
                unsafe { to.cast::<[__m256i; 4]>().write_unaligned([a, b, c, d]) };
            }

            #[inline(always)]
            unsafe fn block(from: *const u8, to: *mut u8) {
                let (a, b, c, d): (__m128i, __m128i, __m128i, __m128i);
                // SAFETY: the caller's promise; it loads four lines, and does nothing else.
                unsafe {
                    asm!("movups {a}, xmmword ptr [{from}]", "movups {b}, xmmword ptr [{from} + 16]",
                        "movups {c}, xmmword ptr [{from} + 32]", "movups {d}, xmmword ptr [{from} + 48]",
                        from = in(reg) from, a = out(xmm_reg) a, b = out(xmm_reg) b, c = out(xmm_reg) c,
                        d = lateout(xmm_reg) d, options(nostack, preserves_flags));
                }
                // SAFETY: the caller's promise.
                unsafe { to.cast::<[__m128i; 4]>().write_unaligned([a, b, c, d]) };
            }

            #[inline(always)]
            unsafe fn line(from: *const u8, to: *mut u8) {
                let line: __m128i;
                // SAFETY: the caller's promise; it loads a line, and does nothing else.
                unsafe {
                    asm!("movups {line}, xmmword ptr [{from}]", from = in(reg) from, line = lateout(xmm_reg) line,
                        options(nostack, preserves_flags));
                }
                // SAFETY: the caller's promise.
                unsafe { to.cast::<__m128i>().write_unaligned(line) };
            }
            $(
                #[inline(always)]
                unsafe fn $name(from: *const u8, to: *mut u8) {
                    let value: $value;
                    // SAFETY: the caller's promise; it loads the value, and does nothing else.
                    unsafe {
                        asm!($load, from = in(reg) from, value = lateout($class) value,
                            options(nostack, preserves_flags));
                    }
                    // SAFETY: the caller's promise.
                    unsafe { to.cast::<$value>().write_unaligned(value) };
                }
            )*
        }
    };
}

moves! {
    eight: u64, reg, "mov qword ptr [{to}], {value}", "mov {value}, qword ptr [{from}]";
    four: u32, reg, "mov dword ptr [{to}], {value:e}", "mov {value:e}, dword ptr [{from}]";
    two: u16, reg, "mov word ptr [{to}], {value:x}", "mov {value:x}, word ptr [{from}]";
    one: u8, reg_byte, "mov byte ptr [{to}], {value}", "mov {value}, byte ptr [{from}]";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::portable::Portable;

    /// Beyond a page, by what one turn of any loop moves.
    const LONGEST: usize = 4096 + LONG + BLOCK + LINE;
    /// Where in a cache line a copy may begin, on either side.
    const OFFSETS: usize = 64;
    /// Bytes on both sides of a copy that it must leave alone.
    const MARGIN: usize = LONG;
    const UNTOUCHED: u8 = 0xa5;

    /// Memory to copy into: bytes between copies, and cells while one goes into the ring.
    struct Memory(Vec<u8>);

    impl Memory {
        fn new() -> Self {
            Memory(vec![UNTOUCHED; LONGEST + 2 * (OFFSETS + MARGIN)])
        }

        /// `len` bytes from `offset` on behind the beginning of a line.
        fn bytes(&mut self, offset: usize, len: usize) -> &mut [u8] {
            let from = self.from(offset);
            &mut self.0[from..from + len]
        }

        fn cells(&mut self, offset: usize, len: usize) -> &[AtomicU8] {
            let bytes = self.bytes(offset, len);
            // SAFETY: an atomic byte is laid out as a byte, and these are borrowed mutably for as long.
            unsafe { core::slice::from_raw_parts(bytes.as_mut_ptr().cast(), len) }
        }

        /// Checks that `expected` was copied to `offset`, and nothing beside it, and wipes it.
        fn holds(&mut self, offset: usize, expected: &[u8]) {
            let from = self.from(offset);
            let (before, rest) = self.0[from - MARGIN..].split_at_mut(MARGIN);
            let (copied, behind) = rest.split_at_mut(expected.len());
            assert!(copied == expected, "{} bytes at {offset}", expected.len());
            let beside = [&*before, &behind[..MARGIN]];
            assert_eq!(beside, [[UNTOUCHED; MARGIN]; 2], "beside {} bytes at {offset}", expected.len());
            copied.fill(UNTOUCHED);
        }

        fn from(&self, offset: usize) -> usize {
            MARGIN + self.0[MARGIN..].as_ptr().align_offset(OFFSETS) + offset
        }
    }

    /// As on a processor without AVX.
    fn store_without_avx(cells: &[AtomicU8], bytes: &[u8]) {
        // SAFETY: as `store`.
        unsafe { copy_from::<Store>(bytes.as_ptr(), cells.as_ptr().cast_mut().cast(), 0, bytes.len()) };
    }

    /// As on a processor without AVX.
    fn load_without_avx(cells: &[AtomicU8], bytes: &mut [u8]) {
        // SAFETY: as `load`.
        unsafe { copy_from::<Load>(cells.as_ptr().cast(), bytes.as_mut_ptr(), 0, bytes.len()) };
    }

    #[test]
    fn copies_of_every_length_from_and_to_every_offset_in_a_line_are_those_of_the_portable_code() {
        let source: Vec<u8> = (0..LONGEST + OFFSETS).map(|i| (i % 251) as u8).collect();
        let (mut ring, mut out) = (Memory::new(), Memory::new());
        for len in 0..=LONGEST {
            let portable = &source[..len];
            <u8 as Portable>::store(ring.cells(0, len), portable);
            <u8 as Portable>::load(ring.cells(0, len), out.bytes(0, len));
            out.holds(0, portable);
            ring.holds(0, portable);
            for at in 0..OFFSETS {
                // Every pair of offsets is met by some length.
                let other = (at + len) % OFFSETS;
                let bytes = &source[other..][..len];
                for store in [<u8 as Word>::store, store_without_avx] {
                    store(ring.cells(at, len), bytes);
                    ring.holds(at, bytes);
                }
                for load in [<u8 as Word>::load, load_without_avx] {
                    ring.bytes(at, len).copy_from_slice(bytes);
                    load(ring.cells(at, len), out.bytes(other, len));
                    out.holds(other, bytes);
                    ring.holds(at, bytes);
                }
            }
        }
    }

    #[test]
    fn the_compiler_is_promised_nothing_about_the_memory_that_instructions_touch() {
        for file in [include_str!("wide.rs"), include_str!("lines.rs")] {
            let (code, _tests) = file.split_once("mod tests {").unwrap();
            let promised: Vec<_> = code.split("options(").skip(1).filter_map(|rest| rest.split(')').next()).collect();
            assert!(!promised.is_empty());
            assert!(promised.iter().all(|options| *options == "nostack, preserves_flags"), "{promised:?}");
        }
    }
}
