//! 16 bytes at a time. Nothing but assembly touches the slot, so the compiler's rules about races do not come in.

#[cfg(not(target_arch = "x86_64"))]
pub(super) use super::words::Words as Wide;
#[cfg(target_arch = "x86_64")]
pub(super) use imp::Wide;

pub(super) const IS_AVAILABLE: bool = cfg!(target_arch = "x86_64");

#[cfg(target_arch = "x86_64")]
mod imp {
    use super::super::Copying;
    use std::arch::asm;
    use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_storeu_si128};
    use std::sync::atomic::AtomicU64;

    /// Words of a turn.
    const TURN: usize = 8;

    pub(in super::super) struct Wide;

    impl Copying for Wide {
        #[inline]
        unsafe fn store<const W: usize>(slot: &[AtomicU64; W], source: &[u64; W]) {
            for (cells, words) in slot.as_chunks::<TURN>().0.iter().zip(source.as_chunks::<TURN>().0) {
                store_turn(cells, words);
            }
        }

        #[inline]
        unsafe fn load<const W: usize>(slot: &[AtomicU64; W], into: &mut [u64; W]) {
            for (cells, words) in slot.as_chunks::<TURN>().0.iter().zip(into.as_chunks_mut::<TURN>().0) {
                load_turn(cells, words);
            }
        }
    }

    #[inline(always)]
    fn value(words: &[u64; 2]) -> __m128i {
        // SAFETY: two words are 16 bytes, and they need not be aligned.
        unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store_turn(cells: &[AtomicU64; TURN], words: &[u64; TURN]) {
        let pairs = words.as_chunks::<2>().0;
        // SAFETY: it writes the 64 bytes of the cells, which may be written through a shared reference, and changes
        // nothing else.
        unsafe {
            asm!(
                "movups [{to}], {a}",
                "movups [{to} + 16], {b}",
                "movups [{to} + 32], {c}",
                "movups [{to} + 48], {d}",
                to = in(reg) cells.as_ptr(),
                a = in(xmm_reg) value(&pairs[0]),
                b = in(xmm_reg) value(&pairs[1]),
                c = in(xmm_reg) value(&pairs[2]),
                d = in(xmm_reg) value(&pairs[3]),
                options(nostack, preserves_flags),
            )
        };
    }

    #[inline(always)]
    fn load_turn(cells: &[AtomicU64; TURN], words: &mut [u64; TURN]) {
        let (a, b, c, d): (__m128i, __m128i, __m128i, __m128i);
        // SAFETY: it reads the 64 bytes of the cells, and writes registers alone.
        unsafe {
            asm!(
                "movups {a}, [{from}]",
                "movups {b}, [{from} + 16]",
                "movups {c}, [{from} + 32]",
                "movups {d}, [{from} + 48]",
                from = in(reg) cells.as_ptr(),
                a = out(xmm_reg) a,
                b = out(xmm_reg) b,
                c = out(xmm_reg) c,
                d = out(xmm_reg) d,
                options(nostack, preserves_flags, readonly),
            )
        };
        for (value, pair) in [a, b, c, d].into_iter().zip(words.as_chunks_mut::<2>().0) {
            // SAFETY: two words are 16 bytes, and they need not be aligned.
            unsafe { _mm_storeu_si128(pair.as_mut_ptr().cast(), value) };
        }
    }
}
