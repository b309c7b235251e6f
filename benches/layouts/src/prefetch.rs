//! Lines that are fetched before they are needed, or pulled for writing by a reader.
//!
//! Only on x86-64: elsewhere the stable compiler has no way to say so.

use crate::protocol::cursor::Cursor;
use crate::ring::{Layout, Ring, Sole};

/// Whether this processor can be told.
pub(crate) const IS_AVAILABLE: bool = cfg!(target_arch = "x86_64");

/// How many slots ahead a reader and a writer fetch.
const READ_AHEAD: u64 = 8;
const WRITE_AHEAD: u64 = 16;
const LINE: usize = 64;

/// What a reader does about an event's lines.
pub(crate) const NOTHING: u8 = 0;
/// Fetches those of a later event.
pub(crate) const AHEAD: u8 = 1;
/// Fetches those of a later event as if to write them.
pub(crate) const AHEAD_TO_WRITE: u8 = 2;
/// Stores a word of each line of the event as it was: so it is the last that has written there, until the writer comes again.
pub(crate) const TAKES: u8 = 3;

/// A ring under the cursor's protocol whose reader, or writer, or both, see to the lines of head and payload: the writer to those of a
/// later slot, with each event that is handled by itself.
pub(crate) struct Prefetching<L, const W: usize, const READER: u8, const BY_WRITER: bool>(Cursor<L, W, false, false>);

/// Calls `see_to` for every line that contains a part of this event's head or payload.
#[inline]
fn each_line<const W: usize, L: Layout<W>>(layout: &L, number: u64, see_to: impl Fn(*const u8)) {
    let slot = L::slot(number);
    if let Some(head) = layout.head(slot) {
        see_to(head.as_ptr().cast());
    }
    let payload = layout.payload(slot).address();
    for offset in (0..size_of::<[u64; W]>()).step_by(LINE) {
        see_to(payload.wrapping_add(offset));
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

/// # Safety
///
/// A word is there, and nobody changes it meanwhile.
#[cfg(target_arch = "x86_64")]
#[inline]
unsafe fn take(line: *const u8) {
    // SAFETY: the caller's promise: the word is there, and is afterwards, and at any time between, what it was.
    unsafe {
        std::arch::asm!("mov {word}, qword ptr [{line}]", "mov qword ptr [{line}], {word}",
            line = in(reg) line, word = out(reg) _, options(nostack, preserves_flags));
    }
}

#[cfg(not(target_arch = "x86_64"))]
unsafe fn take(_line: *const u8) {}

#[cfg(not(target_arch = "x86_64"))]
fn to_read(_line: *const u8) {}

#[cfg(not(target_arch = "x86_64"))]
fn to_write(_line: *const u8) {}

// SAFETY: it is the ring inside; a hint touches nothing, and pulling a line changes nothing.
unsafe impl<L: Layout<W>, const W: usize, const READER: u8, const BY_WRITER: bool> Ring
    for Prefetching<L, W, READER, BY_WRITER>
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
        match READER {
            AHEAD => each_line(self.0.layout(), number + READ_AHEAD, to_read),
            AHEAD_TO_WRITE => each_line(self.0.layout(), number + READ_AHEAD, to_write),
            // SAFETY: the slot is not written meanwhile, by the caller's promise.
            TAKES => each_line(self.0.layout(), number, |line| unsafe { take(line) }),
            _ => {}
        }
        // SAFETY: the caller's promise.
        unsafe { self.0.difference(number) }
    }
}

impl<L: Layout<W>, const W: usize, const READER: u8, const BY_WRITER: bool> Sole
    for Prefetching<L, W, READER, BY_WRITER>
{
    #[inline]
    unsafe fn write(&self, number: u64) {
        if BY_WRITER {
            each_line(self.0.layout(), number + WRITE_AHEAD, to_write);
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
