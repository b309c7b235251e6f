//! 32 bytes at a time, where the processor has AVX. As in `wide`, nothing but assembly touches the slot.

#[cfg(not(target_arch = "x86_64"))]
pub(super) use super::words::Words as Wide32;
#[cfg(target_arch = "x86_64")]
pub(super) use imp::{Wide32, is_available};

#[cfg(not(target_arch = "x86_64"))]
pub(super) fn is_available() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
mod imp {
    use super::super::Copying;
    use std::arch::asm;
    use std::arch::x86_64::{__m256i, _mm256_loadu_si256, _mm256_storeu_si256};
    use std::sync::atomic::AtomicU64;

    /// Words of a turn.
    const TURN: usize = 8;

    pub(in super::super) fn is_available() -> bool {
        std::is_x86_feature_detected!("avx")
    }

    pub(in super::super) struct Wide32;

    /// Each is a call, because the caller is not compiled for AVX, as in the library.
    impl Copying for Wide32 {
        #[inline]
        unsafe fn store<const W: usize>(slot: &[AtomicU64; W], source: &[u64; W]) {
            // SAFETY: the processor has AVX, by the caller's promise.
            unsafe { store(slot, source) };
        }

        #[inline]
        unsafe fn load<const W: usize>(slot: &[AtomicU64; W], into: &mut [u64; W]) {
            // SAFETY: as in `store`.
            unsafe { load(slot, into) };
        }
    }

    #[target_feature(enable = "avx")]
    fn store<const W: usize>(slot: &[AtomicU64; W], source: &[u64; W]) {
        for (cells, words) in slot.as_chunks::<TURN>().0.iter().zip(source.as_chunks::<TURN>().0) {
            let halves = words.as_chunks::<4>().0;
            let (low, high) = (value(&halves[0]), value(&halves[1]));
            // SAFETY: it writes the 64 bytes of the cells, which may be written through a shared reference, and
            // changes nothing else.
            unsafe {
                asm!(
                    "vmovups [{to}], {a}",
                    "vmovups [{to} + 32], {b}",
                    to = in(reg) cells.as_ptr(),
                    a = in(ymm_reg) low,
                    b = in(ymm_reg) high,
                    options(nostack, preserves_flags),
                )
            };
        }
    }

    #[target_feature(enable = "avx")]
    fn load<const W: usize>(slot: &[AtomicU64; W], into: &mut [u64; W]) {
        for (cells, words) in slot.as_chunks::<TURN>().0.iter().zip(into.as_chunks_mut::<TURN>().0) {
            let (a, b): (__m256i, __m256i);
            // SAFETY: it reads the 64 bytes of the cells, and writes registers alone.
            unsafe {
                asm!(
                    "vmovups {a}, [{from}]",
                    "vmovups {b}, [{from} + 32]",
                    from = in(reg) cells.as_ptr(),
                    a = out(ymm_reg) a,
                    b = out(ymm_reg) b,
                    options(nostack, preserves_flags, readonly),
                )
            };
            for (value, half) in [a, b].into_iter().zip(words.as_chunks_mut::<4>().0) {
                // SAFETY: four words are 32 bytes, and they need not be aligned.
                unsafe { _mm256_storeu_si256(half.as_mut_ptr().cast(), value) };
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx")]
    fn value(words: &[u64; 4]) -> __m256i {
        // SAFETY: four words are 32 bytes, and they need not be aligned.
        unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
    }
}
