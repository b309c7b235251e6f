//! The payload plane: the memory of all payloads, in a value or on the heap.

use core::{cell::UnsafeCell, marker::PhantomData, mem::MaybeUninit, ptr::NonNull, slice};

use bytemuck::{AnyBitPattern, NoUninit};

use super::{
    slot::Slot,
    slot_ref::{Lent, Payload, cells},
};
#[cfg(feature = "alloc")]
use crate::ring::storage::{
    held::Held,
    room::{NoMemory, Room},
};
#[cfg(test)]
use crate::words::trace;
use crate::words::{Word, word_size};

/// The payloads of a ring whose capacity is known when it is compiled.
#[repr(C, align(64))]
pub(crate) struct Inline<C, const CAP: usize>(UnsafeCell<MaybeUninit<[C; CAP]>>);

// SAFETY: shared access goes through `PayloadPlane`, which follows the invariants O, G and W.
unsafe impl<C: Send, const CAP: usize> Sync for Inline<C, CAP> {}

impl<C: AnyBitPattern + NoUninit, const CAP: usize> Inline<C, CAP> {
    pub(crate) const fn zeroed() -> Self {
        Inline(UnsafeCell::new(MaybeUninit::zeroed()))
    }

    #[inline]
    pub(crate) fn plane(&self) -> PayloadPlane<'_> {
        let base = NonNull::from(&self.0).cast::<u8>();
        // SAFETY: `base` is aligned to 64, lies in an UnsafeCell of bytes that were zeroed and that are only ever
        // written whole words, and lives as long as `self`.
        unsafe { PayloadPlane::new(base, size_of::<[C; CAP]>()) }
    }
}

/// A cache line of payloads.
#[cfg(feature = "alloc")]
pub(crate) type Line = Inline<[u8; 64], 1>;

/// The payloads of a ring on the heap, or in a region of its own, in cache lines.
#[cfg(feature = "alloc")]
pub(crate) struct Boxed {
    lines: Held<Line>,
    len: usize,
}

#[cfg(feature = "alloc")]
impl Boxed {
    /// Room for `capacity` slots of `stride` bytes, which fit the address space.
    pub(in crate::ring) fn room(capacity: usize, stride: usize) -> Result<Room<Line>, NoMemory> {
        Room::of((capacity * stride).div_ceil(64))
    }

    /// `capacity` zeroed slots of `stride` bytes, in room for as many.
    pub(in crate::ring) fn zeroed(room: Room<Line>, capacity: usize, stride: usize) -> Self {
        Boxed { lines: room.filled(Line::zeroed).into(), len: capacity * stride }
    }

    /// `capacity` slots of `stride` bytes in these lines, which suffice.
    #[cfg(all(feature = "std", target_os = "linux"))]
    pub(in crate::ring) fn of(lines: Held<Line>, capacity: usize, stride: usize) -> Self {
        let len = capacity * stride;
        assert!(len.div_ceil(64) <= lines.len(), "the lines suffice");
        Boxed { lines, len }
    }

    #[inline]
    pub(crate) fn plane(&self) -> PayloadPlane<'_> {
        let base = NonNull::from(&*self.lines).cast::<u8>();
        // SAFETY: the lines are contiguous, aligned to 64, at least `len` bytes in UnsafeCells, and live as long as `self`.
        unsafe { PayloadPlane::new(base, self.len) }
    }
}

/// A view of a ring's payloads.
#[derive(Clone, Copy)]
pub(crate) struct PayloadPlane<'a> {
    /// # Invariant: aligned to 64, valid for `len` initialised bytes in `UnsafeCell`s, for `'a`.
    base: NonNull<u8>,
    len: usize,
    memory: PhantomData<&'a UnsafeCell<u8>>,
}

// SAFETY: a view gives away no plain access but by `unsafe`, whose callers answer for it; all else is by atomic words.
unsafe impl Send for PayloadPlane<'_> {}
// SAFETY: as above.
unsafe impl Sync for PayloadPlane<'_> {}

impl<'a> PayloadPlane<'a> {
    /// # Safety
    ///
    /// The field's invariant.
    #[inline]
    pub(in crate::ring) unsafe fn new(base: NonNull<u8>, len: usize) -> Self {
        PayloadPlane { base, len, memory: PhantomData }
    }

    /// The payload of slot `index`.
    ///
    /// # Safety
    ///
    /// The plane holds more than `index` slots of `S::STRIDE` bytes.
    #[inline]
    pub(crate) unsafe fn payload<S: Slot>(self, index: usize) -> Payload<'a, S> {
        debug_assert!((index + 1) * S::STRIDE <= self.len);
        // SAFETY: in bounds of the plane, by the caller's promise.
        let base = unsafe { self.base.add(index * S::STRIDE) };
        // SAFETY: a slot of the plane, whose alignment of 64 the stride keeps, by the field's invariant.
        unsafe { Payload::new(base) }
    }

    /// Copies `bytes`, the payloads of slots from `index` on, in by words.
    ///
    /// # Safety
    ///
    /// The caller owns these slots by invariant O and entered them by invariant G.
    #[inline]
    pub(crate) unsafe fn store_run<S: Slot>(self, index: usize, bytes: &[u8]) {
        assert!(S::LEN == S::STRIDE, "a run of payloads has no notes between");
        let offset = index * S::STRIDE;
        assert!(offset + bytes.len() <= self.len && bytes.len().is_multiple_of(S::STRIDE));
        // SAFETY: in bounds of the plane, as just checked.
        let base = unsafe { self.base.add(offset) };
        match const { word_size(S::STRIDE) } {
            // SAFETY: of each, in bounds as just checked, and aligned to the word, which divides the offset.
            8 => u64::store(unsafe { cells::<u64>(base, bytes.len()) }, bytes),
            // SAFETY: as above.
            4 => u32::store(unsafe { cells::<u32>(base, bytes.len()) }, bytes),
            // SAFETY: as above.
            2 => u16::store(unsafe { cells::<u16>(base, bytes.len()) }, bytes),
            // SAFETY: as above.
            _ => u8::store(unsafe { cells::<u8>(base, bytes.len()) }, bytes),
        }
    }

    /// `len` bytes from `offset` on, plainly.
    ///
    /// # Safety
    ///
    /// Those of [`Payload::lend`], for every slot they lie in, and these have no notes.
    pub(crate) unsafe fn lend_run(self, offset: usize, len: usize) -> &'a [u8] {
        assert!(offset + len <= self.len);
        // SAFETY: in bounds of the plane, as just checked.
        let base = unsafe { self.base.add(offset) };
        #[cfg(test)]
        trace::note(trace::Step::Lent(base.addr().get()..base.addr().get() + len));
        // SAFETY: valid and initialised by the field's invariant; nobody writes by the caller's promise, and readers
        // that look on meanwhile only load.
        unsafe { slice::from_raw_parts(base.as_ptr(), len) }
    }

    /// The `len` bytes of an event that begins in slot `index` and goes on in the slots behind it, plainly.
    ///
    /// # Safety
    ///
    /// Those of [`Payload::lend`], for every slot they lie in, and these have no notes.
    #[cold]
    pub(crate) unsafe fn lend_long<S: Slot>(self, index: usize, len: usize) -> Lent<'a> {
        // SAFETY: the caller's promise.
        Lent::new(unsafe { self.lend_run(index * S::STRIDE, len) })
    }
}
