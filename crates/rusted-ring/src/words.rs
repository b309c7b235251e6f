//! Word-wise copies between ordinary bytes and a slot's payload.
//!
//! # Invariant W
//!
//! Every access to a payload that can meet a writer is a relaxed atomic access of one word, and the word's size is
//! a function of the ring's stride alone ([`word_size`]). Racing accesses of different sizes would be undefined.

use crate::sync::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Relaxed};

/// The word of a ring whose slots hold `stride` bytes: the largest power of two that divides the stride, at most
/// 8 bytes and at most a pointer.
pub(crate) const fn word_size(stride: usize) -> usize {
    let widest = if size_of::<usize>() < 8 { size_of::<usize>() } else { 8 };
    let divides = 1 << stride.trailing_zeros();
    if divides < widest { divides } else { widest }
}

/// An integer whose atomic form is one word of a payload.
pub(crate) trait Word: Sized {
    /// The word in the ring.
    type Cell;
    /// Writes at most one word; missing bytes are zero, so that the word is stored whole.
    fn store(cell: &Self::Cell, bytes: &[u8]);
    /// Reads the word's first `bytes.len()` bytes.
    fn load(cell: &Self::Cell, bytes: &mut [u8]);
}

macro_rules! word {
    ($int:ty, $cell:ty) => {
        impl Word for $int {
            type Cell = $cell;

            #[inline(always)]
            fn store(cell: &$cell, bytes: &[u8]) {
                let word = match <[u8; size_of::<$int>()]>::try_from(bytes) {
                    Ok(whole) => whole,
                    Err(_) => {
                        let mut padded = [0; size_of::<$int>()];
                        padded[..bytes.len()].copy_from_slice(bytes);
                        padded
                    }
                };
                cell.store(<$int>::from_ne_bytes(word), Relaxed);
            }

            #[inline(always)]
            fn load(cell: &$cell, bytes: &mut [u8]) {
                let word = cell.load(Relaxed).to_ne_bytes();
                match <&mut [u8; size_of::<$int>()]>::try_from(&mut *bytes) {
                    Ok(whole) => *whole = word,
                    Err(_) => bytes.copy_from_slice(&word[..bytes.len()]),
                }
            }
        }
    };
}

word!(u8, AtomicU8);
word!(u16, AtomicU16);
word!(u32, AtomicU32);
word!(u64, AtomicU64);

/// Copies `bytes` into the first words of `cells`; `bytes` must fit.
#[inline(always)]
pub(crate) fn store<W: Word>(cells: &[W::Cell], bytes: &[u8]) {
    debug_assert!(bytes.len() <= cells.len() * size_of::<W>());
    let mut whole = bytes.chunks_exact(size_of::<W>());
    let mut cells = cells.iter();
    for (chunk, cell) in whole.by_ref().zip(cells.by_ref()) {
        W::store(cell, chunk);
    }
    if let (rest @ [_, ..], Some(cell)) = (whole.remainder(), cells.next()) {
        W::store(cell, rest);
    }
}

/// Fills `bytes` from the first words of `cells`; `bytes` must fit.
#[inline(always)]
pub(crate) fn load<W: Word>(cells: &[W::Cell], bytes: &mut [u8]) {
    debug_assert!(bytes.len() <= cells.len() * size_of::<W>());
    let mut whole = bytes.chunks_exact_mut(size_of::<W>());
    let mut cells = cells.iter();
    for (chunk, cell) in whole.by_ref().zip(cells.by_ref()) {
        W::load(cell, chunk);
    }
    if let (rest @ [_, ..], Some(cell)) = (whole.into_remainder(), cells.next()) {
        W::load(cell, rest);
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn the_word_divides_the_stride() {
        assert_eq!([1, 2, 3, 4, 6, 12, 20].map(word_size), [1, 2, 1, 4, 2, 4, 4]);
        assert_eq!(word_size(64), size_of::<usize>().min(8));
    }

    #[test]
    fn what_is_stored_is_loaded_and_nothing_beyond_the_last_word_is_touched() {
        let cells = [const { AtomicU64::new(u64::MAX) }; 3];
        for len in 0..=16 {
            let bytes: Vec<u8> = (1..=len as u8).collect();
            store::<u64>(&cells, &bytes);
            let mut back = vec![0; len];
            load::<u64>(&cells, &mut back);
            assert_eq!(back, bytes);
            assert_eq!(cells[2].load(Relaxed), u64::MAX);
        }
    }
}
