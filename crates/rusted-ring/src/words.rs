//! Word-wise copies between ordinary bytes and a slot's payload.
//!
//! # Invariant W
//!
//! Every access to a payload that can meet a publisher is a relaxed atomic access of one word, and the word's size is
//! a function of the ring's stride alone ([`word_size`]). Racing accesses of different sizes would be undefined.

#[cfg(all(
    target_arch = "x86_64",
    target_pointer_width = "64",
    target_feature = "sse2",
    not(any(loom, shuttle, miri, rusted_ring_no_wide))
))]
#[allow(unsafe_code)]
mod wide;

#[allow(unsafe_code)]
pub(crate) mod fetch;
#[cfg(not(any(loom, shuttle)))]
#[allow(unsafe_code)]
pub(crate) mod lines;
#[cfg(not(any(loom, shuttle)))]
#[allow(unsafe_code)]
pub(crate) mod processor;
#[allow(unsafe_code)]
pub(crate) mod restartable;

#[cfg(all(test, not(any(loom, shuttle))))]
pub(crate) mod trace;

use crate::sync::{AtomicU16, AtomicU32, AtomicU64, Relaxed};

/// Whether words of one byte are moved many at a time. Not where there is no SSE2, as in kernels; and not under checkers,
/// which cannot look into an instruction: `--cfg rusted_ring_no_wide` says so to sanitizer builds.
const WIDE: bool = cfg!(all(
    target_arch = "x86_64",
    target_pointer_width = "64",
    target_feature = "sse2",
    not(any(loom, shuttle, miri, rusted_ring_no_wide))
));

/// From this stride on, that is faster than the largest words (docs/benchmarks/amd-25-1/LAYOUTS.md, copies).
const WIDE_FROM: usize = 64;

/// The word of a ring whose slots hold `stride` bytes: the largest power of two that divides the stride, at most 8 bytes and at
/// most a pointer; one byte, where many of these are moved at a time.
pub(crate) const fn word_size(stride: usize) -> usize {
    if WIDE && stride >= WIDE_FROM {
        return 1;
    }
    let widest = if size_of::<usize>() < 8 { size_of::<usize>() } else { 8 };
    let divides = 1 << stride.trailing_zeros();
    if divides < widest { divides } else { widest }
}

/// An integer whose atomic form is one word of a payload.
pub(crate) trait Word: Sized {
    /// The word in the ring.
    type Cell;
    /// Copies `bytes` into the first words of `cells`, which must be large enough; pads the last word with zeros.
    fn store(cells: &[Self::Cell], bytes: &[u8]);
    /// Fills `bytes` from the first words of `cells`, which must be large enough.
    fn load(cells: &[Self::Cell], bytes: &mut [u8]);
}

/// How many words are copied without a branch between them.
const BLOCK: usize = 8;

macro_rules! word {
    ($trait:ident for $int:ident, $cell:ty) => {
        impl $trait for $int {
            type Cell = $cell;

            #[inline(always)]
            fn store(cells: &[$cell], bytes: &[u8]) {
                let (blocks, rest) = bytes.as_chunks::<{ BLOCK * size_of::<$int>() }>();
                let (cell_blocks, _) = cells.as_chunks::<BLOCK>();
                for (block, cells) in blocks.iter().zip(cell_blocks) {
                    let (words, _) = block.as_chunks();
                    (0..BLOCK).for_each(|i| cells[i].store($int::from_ne_bytes(words[i]), Relaxed));
                }
                if !rest.is_empty() {
                    store_rest(&cells[blocks.len() * BLOCK..], rest);
                }

                // For a value of a few words, whose length the compiler knows, a call would cost more than the copy.
                #[inline(always)]
                fn store_rest(cells: &[$cell], bytes: &[u8]) {
                    let (words, tail) = bytes.as_chunks();
                    for (cell, word) in cells.iter().zip(words) {
                        cell.store($int::from_ne_bytes(*word), Relaxed);
                    }
                    if !tail.is_empty() {
                        let mut word = [0; size_of::<$int>()];
                        word[..tail.len()].copy_from_slice(tail);
                        cells[words.len()].store($int::from_ne_bytes(word), Relaxed);
                    }
                }
            }

            #[inline(always)]
            fn load(cells: &[$cell], bytes: &mut [u8]) {
                let (blocks, rest) = bytes.as_chunks_mut::<{ BLOCK * size_of::<$int>() }>();
                let (cell_blocks, _) = cells.as_chunks::<BLOCK>();
                for (block, cells) in blocks.iter_mut().zip(cell_blocks) {
                    let (words, _) = block.as_chunks_mut();
                    (0..BLOCK).for_each(|i| words[i] = cells[i].load(Relaxed).to_ne_bytes());
                }
                if !rest.is_empty() {
                    load_rest(&cells[blocks.len() * BLOCK..], rest);
                }

                #[inline(always)]
                fn load_rest(cells: &[$cell], bytes: &mut [u8]) {
                    let (words, tail) = bytes.as_chunks_mut();
                    for (cell, word) in cells.iter().zip(&mut *words) {
                        *word = cell.load(Relaxed).to_ne_bytes();
                    }
                    if !tail.is_empty() {
                        let word = cells[words.len()].load(Relaxed).to_ne_bytes();
                        tail.copy_from_slice(&word[..tail.len()]);
                    }
                }
            }
        }
    };
}

#[cfg(not(all(
    target_arch = "x86_64",
    target_pointer_width = "64",
    target_feature = "sse2",
    not(any(loom, shuttle, miri, rusted_ring_no_wide))
)))]
word!(Word for u8, crate::sync::AtomicU8);
word!(Word for u16, AtomicU16);
word!(Word for u32, AtomicU32);
word!(Word for u64, AtomicU64);

/// The portable copies by words of one byte, against which `wide.rs` is tested.
#[cfg(all(
    test,
    target_arch = "x86_64",
    target_pointer_width = "64",
    target_feature = "sse2",
    not(any(loom, shuttle, miri, rusted_ring_no_wide))
))]
pub(crate) mod portable {
    use super::{BLOCK, Relaxed};
    use crate::sync::AtomicU8;

    /// As [`Word`](super::Word).
    pub(crate) trait Portable: Sized {
        type Cell;
        fn store(cells: &[Self::Cell], bytes: &[u8]);
        fn load(cells: &[Self::Cell], bytes: &mut [u8]);
    }

    word!(Portable for u8, AtomicU8);
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;
    use crate::sync::AtomicU8;

    #[test]
    fn the_word_divides_the_stride() {
        assert_eq!([1, 2, 3, 4, 6, 12, 20].map(word_size), [1, 2, 1, 4, 2, 4, 4]);
        assert_eq!(word_size(WIDE_FROM - 8), size_of::<usize>().min(8));
        assert_eq!(word_size(WIDE_FROM), if WIDE { 1 } else { size_of::<usize>().min(8) });
    }

    /// Bytes that a copy must not touch.
    const UNTOUCHED: u8 = 0xa5;

    /// Copies every length up to `most` into words and back; nothing beyond the last word is touched.
    fn round_trips<W: Word>(most: usize, fresh: impl Fn() -> W::Cell, bytes_of: impl Fn(&W::Cell) -> Vec<u8>) {
        let cells: Vec<_> = (0..most + 16).map(|_| fresh()).collect();
        let word = size_of::<W::Cell>();
        for len in 0..=most {
            let bytes: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            W::store(&cells, &bytes);
            let mut back = vec![UNTOUCHED; len + 1];
            W::load(&cells, &mut back[..len]);
            assert_eq!((&back[..len], back[len]), (&bytes[..], UNTOUCHED), "{len}");
            let beyond = cells[len.div_ceil(word)..].iter().flat_map(&bytes_of);
            assert!(beyond.take(64).all(|byte| byte == UNTOUCHED), "{len}");
        }
    }

    #[test]
    fn what_is_stored_is_loaded_and_nothing_beyond_the_last_word_is_touched() {
        round_trips::<u64>(200, || AtomicU64::new(u64::MAX / 255 * 0xa5), |c| c.load(Relaxed).to_ne_bytes().to_vec());
        round_trips::<u32>(100, || AtomicU32::new(0xa5a5_a5a5), |c| c.load(Relaxed).to_ne_bytes().to_vec());
        round_trips::<u16>(50, || AtomicU16::new(0xa5a5), |c| c.load(Relaxed).to_ne_bytes().to_vec());
        round_trips::<u8>(400, || AtomicU8::new(UNTOUCHED), |c| vec![c.load(Relaxed)]);
    }
}
