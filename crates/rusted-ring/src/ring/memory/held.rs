//! A slot in its owner's hands: filled at once, or bit by bit.

use crate::{
    ring::memory::{
        payload::Payload,
        slot::Slot,
        tag::{Head, HeadCell, Tag},
    },
    words::word_size,
};

/// A slot that its holder owns.
pub(in crate::ring) struct Held<'a, S: Slot, T> {
    tag: &'a Tag<T, S::Head>,
    /// # Invariant: the holder owns the slot (O) and entered it below the limit (G), while it has this.
    payload: Payload<'a, S>,
}

impl<'a, S: Slot, T> Held<'a, S, T> {
    /// # Safety
    ///
    /// The field's invariant, for the slot that `tag` and `payload` are of.
    #[inline]
    pub(in crate::ring) unsafe fn new((tag, payload): (&'a Tag<T, S::Head>, Payload<'a, S>)) -> Self {
        Held { tag, payload }
    }

    #[inline]
    pub(in crate::ring) fn tag(&self) -> &'a Tag<T, S::Head> {
        self.tag
    }

    /// Writes the whole event; `data` must fit the slot.
    #[inline(always)]
    pub(in crate::ring) fn fill(&mut self, data: &[u8], event_type: u32) {
        // First, so that data which is still in registers goes from there into the slot.
        self.store(0, data);
        self.tag.head.store(Head { len: data.len() as u32, event_type });
    }

    /// Writes as much of a long event as lies in this slot, under `head`; `data` must fit the slot.
    pub(in crate::ring) fn fill_under(&mut self, head: Head, data: &[u8]) {
        self.store(0, data);
        self.tag.head.store(head);
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
        let word = const { word_size(S::STRIDE) };
        if !draft.len.is_multiple_of(word) {
            self.store(draft.len / word, &draft.word[..draft.len % word]);
        }
        self.tag.head.store(Head { len: draft.len as u32, event_type });
    }

    #[inline(always)]
    fn store(&mut self, first_word: usize, bytes: &[u8]) {
        // SAFETY: invariants O and G, by the field's invariant.
        unsafe { self.payload.own() }.store(first_word, bytes);
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
}
