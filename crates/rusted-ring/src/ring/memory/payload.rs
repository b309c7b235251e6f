//! The payload plane: memory that is written by words, read by words, and lent as plain bytes behind the gate.
//!
//! In models the words are the checker's, made one by one, and each slot has a shadow cell, read while lent and written
//! while owned: no checker sees a race between atomics, and the shadow shows a loan that meets an owner.

#[cfg(feature = "alloc")]
pub(crate) use imp::Boxed;
pub(crate) use imp::{Inline, Lent, Payload, PayloadPlane};

#[cfg(not(any(loom, shuttle)))]
mod imp {
    use core::{cell::UnsafeCell, marker::PhantomData, mem::MaybeUninit, ops::Deref, ptr::NonNull, slice};

    use bytemuck::{AnyBitPattern, NoUninit};

    #[cfg(feature = "alloc")]
    use crate::ring::home::layout::filled;
    #[cfg(test)]
    use crate::words::trace;
    use crate::{
        ring::memory::slot::Slot,
        words::{
            Word,
            lines::{self, LINE},
            word_size,
        },
    };

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

    /// The payloads of a ring on the heap, in cache lines.
    #[cfg(feature = "alloc")]
    pub(crate) struct Boxed {
        lines: alloc::boxed::Box<[Inline<[u8; 64], 1>]>,
        len: usize,
    }

    #[cfg(feature = "alloc")]
    impl Boxed {
        /// `capacity` zeroed slots of `stride` bytes, which fit the address space.
        pub(crate) fn zeroed(capacity: usize, stride: usize) -> Self {
            let len = capacity * stride;
            Boxed { lines: filled(len.div_ceil(64), Inline::zeroed), len }
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
            Payload { base, memory: PhantomData }
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
            Lent(unsafe { self.lend_run(index * S::STRIDE, len) })
        }
    }

    /// One slot's payload.
    pub(crate) struct Payload<'a, S> {
        /// # Invariant: valid for `S::STRIDE` initialised bytes in `UnsafeCell`s for `'a`, aligned to `word_size(S::STRIDE)`, and
        /// for notes (the plane is aligned to 64, and both divide the stride).
        base: NonNull<u8>,
        memory: PhantomData<(&'a UnsafeCell<u8>, S)>,
    }

    impl<S> Clone for Payload<'_, S> {
        fn clone(&self) -> Self {
            *self
        }
    }

    impl<S> Copy for Payload<'_, S> {}

    impl<'a, S: Slot> Payload<'a, S> {
        /// Copies the first `bytes.len()` bytes out, by words; they may be torn by a concurrent owner.
        #[inline(always)]
        pub(crate) fn load(self, bytes: &mut [u8]) {
            match const { word_size(S::STRIDE) } {
                8 => u64::load(self.cells::<u64>(), bytes),
                4 => u32::load(self.cells::<u32>(), bytes),
                2 => u16::load(self.cells::<u16>(), bytes),
                _ => u8::load(self.cells::<u8>(), bytes),
            }
        }

        /// The right to write.
        ///
        /// # Safety
        ///
        /// The caller owns the slot by invariant O and entered it by invariant G, until it drops the result.
        #[inline]
        pub(crate) unsafe fn own(self) -> Owned<'a, S> {
            Owned(self)
        }

        /// The first `len` bytes, plainly.
        ///
        /// # Safety
        ///
        /// No claim enters the slot while the result lives (invariant G), the last one there is `DONE`, and its
        /// writes happened before this call.
        #[inline]
        pub(crate) unsafe fn lend(self, len: usize) -> Lent<'a> {
            assert!(len <= S::LEN);
            #[cfg(test)]
            trace::note(trace::Step::Lent(self.base.addr().get()..self.base.addr().get() + len));
            // SAFETY: valid and initialised for a stride by the field's invariant; nobody writes by the caller's
            // promise, and readers that look on meanwhile only load.
            Lent(unsafe { slice::from_raw_parts(self.base.as_ptr(), len) })
        }

        #[inline(always)]
        fn cells<W: Word>(self) -> &'a [W::Cell] {
            // SAFETY: valid, initialised and aligned by the field's invariant; `W` is the ring's word (invariant W), which
            // divides the stride, and no word of an event reaches beyond the stride, nor into the notes.
            unsafe { cells::<W>(self.base, const { S::LEN.next_multiple_of(word_size(S::STRIDE)) }) }
        }

        /// Moves the lines of the events in `count` slots from this one on to this core, as if to write them: whoever writes there next
        /// gets them the sooner for it, unless others read them meanwhile (docs/adr/0018). Nothing happens but on x86-64.
        ///
        /// # Safety
        ///
        /// The slots are of the ring; no claim enters them while this call lasts (invariant G), and the last one of each is `DONE`.
        #[inline(always)]
        pub(crate) unsafe fn take_lines(self, count: usize) {
            // Without notes the slots are one run, and so they are where they end as lines do, with their notes; others go one by one.
            let (runs, span, gap) = match () {
                () if S::LEN == S::STRIDE => (1, count * S::STRIDE, 0),
                () if LINE.is_multiple_of(S::STRIDE) => (1, count * S::STRIDE, S::STRIDE - S::LEN),
                () => (count, S::LEN, 0),
            };
            for run in 0..runs {
                // SAFETY: in bounds of the plane, by the caller's promise.
                let base = unsafe { self.base.add(run * S::STRIDE) };
                if S::LEN.is_multiple_of(8) && S::STRIDE.is_multiple_of(8) {
                    // SAFETY: nobody writes events by the caller's promise, and these words are not notes (invariant N).
                    unsafe { lines::take::<8>(base, span, gap) };
                } else {
                    // SAFETY: as above.
                    unsafe { lines::take::<1>(base, span, gap) };
                }
            }
        }

        /// The slot's notes.
        #[inline]
        pub(crate) fn notes(self) -> &'a S::Notes {
            // SAFETY: in bounds of the slot.
            let notes = unsafe { self.base.add(S::NOTES_AT) };
            // SAFETY: valid, initialised and aligned by the field's invariant and the stride, in `UnsafeCell`s; `Notes` are atomic
            // integers, and nothing but such a reference ever touches these bytes (invariant N).
            unsafe { notes.cast::<S::Notes>().as_ref() }
        }
    }

    /// The words of `len` bytes.
    ///
    /// # Safety
    ///
    /// `base` is aligned to the ring's word `W`, and valid for `len` initialised bytes in `UnsafeCell`s for `'a`.
    #[inline(always)]
    unsafe fn cells<'a, W: Word>(base: NonNull<u8>, len: usize) -> &'a [W::Cell] {
        // SAFETY: the caller's promise; the word's cell has its size and alignment.
        unsafe { slice::from_raw_parts(base.as_ptr().cast::<W::Cell>(), len / size_of::<W>()) }
    }

    /// A payload whose slot the holder owns.
    pub(crate) struct Owned<'a, S>(Payload<'a, S>);

    impl<S: Slot> Owned<'_, S> {
        /// Copies `bytes` in, by words, from the payload's word `first` on; `bytes` must fit the slot.
        #[inline(always)]
        pub(crate) fn store(&mut self, first: usize, bytes: &[u8]) {
            let payload = self.0;
            match const { word_size(S::STRIDE) } {
                8 => u64::store(&payload.cells::<u64>()[first..], bytes),
                4 => u32::store(&payload.cells::<u32>()[first..], bytes),
                2 => u16::store(&payload.cells::<u16>()[first..], bytes),
                _ => u8::store(&payload.cells::<u8>()[first..], bytes),
            }
        }
    }

    /// A payload lent to a Consumer, as plain bytes.
    pub(crate) struct Lent<'a>(&'a [u8]);

    impl Deref for Lent<'_> {
        type Target = [u8];

        #[inline]
        fn deref(&self) -> &[u8] {
            self.0
        }
    }
}

#[cfg(any(loom, shuttle))]
mod imp {
    use alloc::{boxed::Box, vec, vec::Vec};
    use core::{marker::PhantomData, ops::Deref};

    use super::shadow::{Read, Shadow, Written};
    use crate::{
        ring::memory::slot::Slot,
        sync::AtomicU64,
        words::{Word, word_size},
    };

    /// One modelled payload.
    struct Modelled {
        words: Box<[AtomicU64]>,
        shadow: Shadow,
    }

    /// Modelled payloads, on the heap in both homes.
    pub(crate) struct Boxed(Box<[Modelled]>);

    impl Boxed {
        pub(crate) fn zeroed(capacity: usize, stride: usize) -> Self {
            assert_eq!(word_size(stride), 8, "models use strides of whole 8-byte words");
            let payload =
                || Modelled { words: (0..stride / 8).map(|_| AtomicU64::new(0)).collect(), shadow: Shadow::default() };
            Boxed((0..capacity).map(|_| payload()).collect())
        }

        pub(crate) fn plane(&self) -> PayloadPlane<'_> {
            PayloadPlane(&self.0)
        }
    }

    pub(crate) struct Inline<C, const CAP: usize>(Boxed, PhantomData<C>);

    impl<C, const CAP: usize> Inline<C, CAP> {
        pub(crate) fn zeroed() -> Self {
            Inline(Boxed::zeroed(CAP, size_of::<C>()), PhantomData)
        }

        pub(crate) fn plane(&self) -> PayloadPlane<'_> {
            self.0.plane()
        }
    }

    #[derive(Clone, Copy)]
    pub(crate) struct PayloadPlane<'a>(&'a [Modelled]);

    impl<'a> PayloadPlane<'a> {
        pub(crate) unsafe fn payload<S: Slot>(self, index: usize) -> Payload<'a, S> {
            Payload(&self.0[index], PhantomData)
        }

        pub(crate) unsafe fn store_run<S: Slot>(self, index: usize, bytes: &[u8]) {
            for (slot, bytes) in self.0[index..].iter().zip(bytes.chunks(S::STRIDE)) {
                // SAFETY: the caller's promise.
                unsafe { Payload::<S>(slot, PhantomData).own() }.store(0, bytes);
            }
        }

        pub(crate) unsafe fn lend_long<S: Slot>(self, index: usize, len: usize) -> Lent<'a> {
            let slots = &self.0[index..index + len.div_ceil(S::STRIDE)];
            let mut words = vec![0u64; len.div_ceil(8)];
            let shadows = slots.iter().map(|slot| slot.shadow.read()).collect();
            for (slot, bytes) in slots.iter().zip(bytemuck::cast_slice_mut(&mut words)[..len].chunks_mut(S::STRIDE)) {
                u64::load(&slot.words, bytes);
            }
            Lent { words, len, _shadows: shadows, _payload: PhantomData }
        }
    }

    pub(crate) struct Payload<'a, S>(&'a Modelled, PhantomData<S>);

    impl<S> Clone for Payload<'_, S> {
        fn clone(&self) -> Self {
            *self
        }
    }

    impl<S> Copy for Payload<'_, S> {}

    impl<'a, S: Slot> Payload<'a, S> {
        pub(crate) fn load(self, bytes: &mut [u8]) {
            u64::load(&self.0.words, bytes);
        }

        pub(crate) unsafe fn take_lines(self, _count: usize) {}

        pub(crate) unsafe fn own(self) -> Owned<'a> {
            Owned { payload: self.0, _shadow: self.0.shadow.written() }
        }

        pub(crate) unsafe fn lend(self, len: usize) -> Lent<'a> {
            let mut words = vec![0u64; len.div_ceil(8)];
            let shadows = vec![self.0.shadow.read()];
            u64::load(&self.0.words, &mut bytemuck::cast_slice_mut(&mut words)[..len]);
            Lent { words, len, _shadows: shadows, _payload: PhantomData }
        }
    }

    pub(crate) struct Owned<'a> {
        payload: &'a Modelled,
        _shadow: Written<'a>,
    }

    impl Owned<'_> {
        pub(crate) fn store(&mut self, first: usize, bytes: &[u8]) {
            u64::store(&self.payload.words[first..], bytes);
        }
    }

    pub(crate) struct Lent<'a> {
        /// A copy, aligned as a payload is.
        words: Vec<u64>,
        len: usize,
        _shadows: Vec<Read<'a>>,
        _payload: PhantomData<&'a Modelled>,
    }

    impl Deref for Lent<'_> {
        type Target = [u8];

        fn deref(&self) -> &[u8] {
            &bytemuck::cast_slice(&self.words)[..self.len]
        }
    }
}

#[cfg(loom)]
mod shadow {
    use loom::cell::{ConstPtr, MutPtr, UnsafeCell};

    pub(in crate::ring) type Read<'a> = ConstPtr<()>;
    pub(in crate::ring) type Written<'a> = MutPtr<()>;

    /// A cell of which loom reports two accesses that nothing orders, one of them a writing one.
    #[derive(Default)]
    pub(in crate::ring) struct Shadow(UnsafeCell<()>);

    // SAFETY: the cell is only touched through loom's tracked pointers, which are what detects a race.
    unsafe impl Sync for Shadow {}

    impl Shadow {
        pub(in crate::ring) fn read(&self) -> Read<'_> {
            self.0.get()
        }

        pub(in crate::ring) fn written(&self) -> Written<'_> {
            self.0.get_mut()
        }
    }
}

#[cfg(shuttle)]
mod shadow {
    use core::cell::{Ref, RefCell, RefMut};

    pub(in crate::ring) type Read<'a> = Ref<'a, ()>;
    pub(in crate::ring) type Written<'a> = RefMut<'a, ()>;

    /// A cell that panics at two accesses at one time, one of them a writing one.
    #[derive(Default)]
    pub(in crate::ring) struct Shadow(RefCell<()>);

    // SAFETY: shuttle runs all threads of a model on one thread, and switches between them only at its own operations.
    unsafe impl Sync for Shadow {}

    impl Shadow {
        pub(in crate::ring) fn read(&self) -> Read<'_> {
            self.0.try_borrow().expect("a loan meets no owner")
        }

        pub(in crate::ring) fn written(&self) -> Written<'_> {
            self.0.try_borrow_mut().expect("an owner meets no loan, and no other owner")
        }
    }
}
