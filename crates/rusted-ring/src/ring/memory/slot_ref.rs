//! A reference to one slot: its tag and its payload, which is loaded by words, stored by its owner, and lent behind the gate.

#[cfg(not(any(loom, shuttle)))]
pub(in crate::ring) use imp::cells;
#[cfg(not(any(loom, shuttle)))]
pub(crate) use imp::{Lent, Payload};

#[cfg(any(loom, shuttle))]
pub(crate) use super::modelled::{Lent, Payload};
use crate::{
    ring::memory::{
        slot::Slot,
        tag::{Head, HeadCell, Tag},
    },
    words::word_size,
};

/// One slot of a ring.
pub(in crate::ring) struct SlotRef<'a, S: Slot, T> {
    pub(in crate::ring) tag: &'a Tag<T, S::Head>,
    pub(in crate::ring) payload: Payload<'a, S>,
}

impl<S: Slot, T> Clone for SlotRef<'_, S, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Slot, T> Copy for SlotRef<'_, S, T> {}

/// A slot that its holder owns.
pub(in crate::ring) struct OwnedSlot<'a, S: Slot, T> {
    /// # Invariant: the holder owns the slot (O) and entered it below the limit (G), while it has this.
    slot: SlotRef<'a, S, T>,
}

impl<'a, S: Slot, T> OwnedSlot<'a, S, T> {
    /// # Safety
    ///
    /// The field's invariant.
    #[inline]
    pub(in crate::ring) unsafe fn new(slot: SlotRef<'a, S, T>) -> Self {
        OwnedSlot { slot }
    }

    #[inline]
    pub(in crate::ring) fn tag(&self) -> &'a Tag<T, S::Head> {
        self.slot.tag
    }

    /// Writes the whole event; `data` must fit the slot.
    #[inline(always)]
    pub(in crate::ring) fn fill(&mut self, data: &[u8], event_type: u32) {
        // First, so that data which is still in registers goes from there into the slot.
        self.store(0, data);
        self.slot.tag.head.store(Head { len: data.len() as u32, event_type });
    }

    /// Writes as much of a long event as lies in this slot, under `head`; `data` must fit the slot.
    pub(in crate::ring) fn fill_under(&mut self, head: Head, data: &[u8]) {
        self.store(0, data);
        self.slot.tag.head.store(head);
    }

    /// Writes `bytes` behind what `draft` says is written; both together must fit the slot.
    #[inline]
    pub(in crate::ring) fn append(&mut self, draft: &mut Draft, bytes: &[u8]) {
        let word = const { word_size(S::STRIDE) };
        if draft.len.is_multiple_of(word) && bytes.len().is_multiple_of(word) {
            self.store(draft.len / word, bytes);
            draft.len += bytes.len();
        } else {
            self.append_pieces(draft, bytes);
        }
    }

    /// As [`append`](Self::append), where a word comes in pieces.
    fn append_pieces(&mut self, draft: &mut Draft, bytes: &[u8]) {
        let word = const { word_size(S::STRIDE) };
        let begun = draft.len % word;
        let (head, bytes) = bytes.split_at(if begun == 0 { 0 } else { bytes.len().min(word - begun) });
        draft.word[begun..begun + head.len()].copy_from_slice(head);
        draft.len += head.len();
        if begun > 0 && draft.len.is_multiple_of(word) {
            self.store(draft.len / word - 1, &draft.word[..word]);
        }
        let (whole, tail) = bytes.split_at(bytes.len() / word * word);
        self.store(draft.len / word, whole);
        draft.len += bytes.len();
        draft.word[..tail.len()].copy_from_slice(tail);
    }

    /// Completes the event that `draft` was kept of.
    #[inline]
    pub(in crate::ring) fn finish(&mut self, draft: &Draft, event_type: u32) {
        self.flush(draft);
        self.slot.tag.head.store(Head { len: draft.len as u32, event_type });
    }

    /// The slot's event as plain memory; it holds what earlier events have left there.
    ///
    /// # Safety
    ///
    /// While the result lives, the holder has this slot, and reaches its payload by that alone.
    #[cfg(not(any(loom, shuttle)))]
    #[inline(always)]
    pub(in crate::ring) unsafe fn plain(&mut self) -> &'a mut [u8] {
        const { assert!(!S::HAS_SUBSCRIBERS, "a Subscriber may load words of a slot while its owner writes it") };
        // SAFETY: invariants O and G, by the field's invariant; no Subscriber looks, by the assertion; and the caller's promise.
        unsafe { self.slot.payload.plain() }
    }

    /// Completes an event whose payload was written by [`plain`](Self::plain).
    #[cfg(not(any(loom, shuttle)))]
    #[inline(always)]
    pub(in crate::ring) fn head(&mut self, len: usize, event_type: u32) {
        self.slot.tag.head.store(Head { len: len as u32, event_type });
    }

    /// Writes the last word of `draft`, which is begun.
    #[inline]
    pub(in crate::ring) fn flush(&mut self, draft: &Draft) {
        let word = const { word_size(S::STRIDE) };
        if !draft.len.is_multiple_of(word) {
            self.store(draft.len / word, &draft.word[..draft.len % word]);
        }
    }

    #[inline(always)]
    fn store(&mut self, first_word: usize, bytes: &[u8]) {
        // SAFETY: invariants O and G, by the field's invariant.
        unsafe { self.slot.payload.store(first_word, bytes) };
    }
}

/// How much of an event was written in place, and its last word while that is not whole: words are stored whole.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    len: usize,
    word: [u8; 8],
}

impl Draft {
    /// Bytes written.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Counts `more` bytes as written, which lie behind the others in `payload`, that of a slot of `S`.
    #[cfg(not(any(loom, shuttle)))]
    pub(crate) fn advance<S: Slot>(&mut self, payload: &[u8], more: usize) {
        self.len += more;
        let begun = self.len % const { word_size(S::STRIDE) };
        self.word[..begun].copy_from_slice(&payload[self.len - begun..self.len]);
    }
}

#[cfg(not(any(loom, shuttle)))]
mod imp {
    use core::{cell::UnsafeCell, marker::PhantomData, ops::Deref, ptr::NonNull, slice};

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
        /// # Safety
        ///
        /// The field's invariant.
        #[inline]
        pub(in crate::ring) unsafe fn new(base: NonNull<u8>) -> Self {
            Payload { base, memory: PhantomData }
        }

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

        /// Copies `bytes` in, by words, from the payload's word `first` on; `bytes` must fit the slot.
        ///
        /// # Safety
        ///
        /// The caller owns the slot by invariant O and entered it by invariant G.
        #[inline(always)]
        pub(crate) unsafe fn store(self, first: usize, bytes: &[u8]) {
            match const { word_size(S::STRIDE) } {
                8 => u64::store(&self.cells::<u64>()[first..], bytes),
                4 => u32::store(&self.cells::<u32>()[first..], bytes),
                2 => u16::store(&self.cells::<u16>()[first..], bytes),
                _ => u8::store(&self.cells::<u8>()[first..], bytes),
            }
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

        /// The event's bytes, plainly.
        ///
        /// # Safety
        ///
        /// The caller owns the slot by invariant O and entered it by invariant G, nobody else looks at it, and the caller reaches it by the
        /// result alone while that lives.
        #[inline(always)]
        pub(crate) unsafe fn plain(self) -> &'a mut [u8] {
            // SAFETY: valid and initialised for a stride by the field's invariant, and the caller's alone by its promise.
            unsafe { slice::from_raw_parts_mut(self.base.as_ptr(), S::LEN) }
        }

        #[inline(always)]
        fn cells<W: Word>(self) -> &'a [W::Cell] {
            // SAFETY: valid, initialised and aligned by the field's invariant; `W` is the ring's word (invariant W), which
            // divides the stride, and no word of an event reaches beyond the stride, nor into the notes.
            unsafe { cells::<W>(self.base, const { S::LEN.next_multiple_of(word_size(S::STRIDE)) }) }
        }

        /// Pulls the cache lines of the events in `count` slots, from this one on, into exclusive state on this core, so that the publisher
        /// gets them sooner, unless others read them meanwhile (docs/adr/0018). Does nothing except on x86-64.
        ///
        /// # Safety
        ///
        /// The slots are of the ring; no claim enters them while this call lasts (invariant G), and the last one of each is `DONE`.
        #[inline(always)]
        pub(crate) unsafe fn own_lines(self, count: usize) {
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
                    unsafe { lines::own::<8>(base, span, gap) };
                } else {
                    // SAFETY: as above.
                    unsafe { lines::own::<1>(base, span, gap) };
                }
            }
        }

        /// Where it lies.
        #[cfg(all(test, feature = "std"))]
        pub(in crate::ring) fn address(self) -> usize {
            self.base.addr().get()
        }

        /// Fetches the lines of the event by `fetch`; of small events that share a line, the first of them does.
        #[inline(always)]
        pub(crate) fn fetch_by(self, fetch: impl Fn(*const u8)) {
            if S::STRIDE >= LINE || self.base.addr().get() % LINE < S::STRIDE {
                (0..S::LEN).step_by(LINE).for_each(|offset| fetch(self.base.as_ptr().wrapping_add(offset)));
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
    pub(in crate::ring) unsafe fn cells<'a, W: Word>(base: NonNull<u8>, len: usize) -> &'a [W::Cell] {
        // SAFETY: the caller's promise; the word's cell has its size and alignment.
        unsafe { slice::from_raw_parts(base.as_ptr().cast::<W::Cell>(), len / size_of::<W>()) }
    }

    /// A payload lent to a Consumer, as plain bytes.
    pub(crate) struct Lent<'a>(&'a [u8]);

    impl<'a> Lent<'a> {
        #[inline]
        pub(in crate::ring) fn new(bytes: &'a [u8]) -> Self {
            Lent(bytes)
        }
    }

    impl Deref for Lent<'_> {
        type Target = [u8];

        #[inline]
        fn deref(&self) -> &[u8] {
            self.0
        }
    }
}
