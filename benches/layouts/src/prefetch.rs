//! Lines that are fetched before they are needed.
//!
//! Only on x86-64: elsewhere the stable compiler has no way to say so.

use crate::protocol::cursor::Cursor;
use crate::ring::{Layout, Ring, Sole};

/// Whether this processor can be told.
pub(crate) const IS_AVAILABLE: bool = cfg!(target_arch = "x86_64");

/// How many slots ahead a reader and a writer fetch.
const READER: u64 = 8;
const WRITER: u64 = 16;
const LINE: usize = 64;

/// A ring under the cursor's protocol whose reader, or writer, or both, fetch head and payload of a later slot with each
/// event that is handled by itself.
pub(crate) struct Prefetching<L, const W: usize, const BY_READER: bool, const BY_WRITER: bool>(
    Cursor<L, W, false, false>,
);

/// Has every line that head and payload of this event have a part of fetched, by `fetch`.
#[inline]
fn each_line<const W: usize, L: Layout<W>>(layout: &L, number: u64, fetch: impl Fn(*const u8)) {
    let slot = L::slot(number);
    if let Some(head) = layout.head(slot) {
        fetch(head.as_ptr().cast());
    }
    let payload = layout.payload(slot).address();
    for offset in (0..size_of::<[u64; W]>()).step_by(LINE) {
        fetch(payload.wrapping_add(offset));
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn to_read(line: *const u8) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a hint, which reads nothing and cannot fault.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) };
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn to_write(line: *const u8) {
    // SAFETY: a hint, which changes no memory, no register and no flag, and cannot fault; processors that do not know it
    // do nothing.
    unsafe { std::arch::asm!("prefetchw [{}]", in(reg) line, options(nostack, preserves_flags, readonly)) };
}

#[cfg(not(target_arch = "x86_64"))]
fn to_read(_line: *const u8) {}

#[cfg(not(target_arch = "x86_64"))]
fn to_write(_line: *const u8) {}

// SAFETY: it is the ring inside; a hint touches nothing.
unsafe impl<L: Layout<W>, const W: usize, const BY_READER: bool, const BY_WRITER: bool> Ring
    for Prefetching<L, W, BY_READER, BY_WRITER>
{
    const CAPACITY: u64 = L::CAPACITY as u64;

    fn empty() -> Self {
        Prefetching(Cursor::empty())
    }

    #[inline]
    fn shown(&self, next: u64, most: u64) -> u64 {
        self.0.shown(next, most)
    }

    #[inline]
    unsafe fn difference(&self, number: u64) -> u64 {
        if BY_READER {
            each_line(self.0.layout(), number + READER, to_read);
        }
        // SAFETY: the caller's promise.
        unsafe { self.0.difference(number) }
    }
}

impl<L: Layout<W>, const W: usize, const BY_READER: bool, const BY_WRITER: bool> Sole
    for Prefetching<L, W, BY_READER, BY_WRITER>
{
    #[inline]
    unsafe fn write(&self, number: u64) {
        if BY_WRITER {
            each_line(self.0.layout(), number + WRITER, to_write);
        }
        // SAFETY: the caller's promise.
        unsafe { self.0.write(number) };
    }

    #[inline]
    unsafe fn write_batch(&self, first: u64) {
        // SAFETY: the caller's promise.
        unsafe { self.0.write_batch(first) };
    }
}
