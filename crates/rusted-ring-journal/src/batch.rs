//! A batch: records that are appended at once.

use rusted_ring_compression::{Compression, Packer};

use crate::{
    block::{Blocks, seal_all},
    format::{RECORD_HEAD, Record},
};

/// A batch is written once it has so many bytes.
const FULL: usize = 1 << 20;
/// The bytes that two of its noted places are apart, at least.
const NOTE_EVERY: u64 = 64 << 10;

#[derive(Debug)]
pub(crate) struct Batch {
    /// What begins the CRCs: it depends on the segment that the batch goes to.
    salt: u32,
    /// The longest event.
    longest: usize,
    records: Vec<u8>,
    filled: usize,
    /// Sequence and place of some of the records.
    places: Vec<(u64, u64)>,
    /// How it is compressed, if it is to be.
    blocks: Option<Blocks>,
    /// Whether it was, and so became shorter.
    is_block: bool,
}

impl Batch {
    pub(crate) fn new(longest: usize, compression: Option<&Compression>) -> Self {
        let records = vec![0; FULL + 8 * RECORD_HEAD + longest];
        let blocks = compression.map(|compression| Blocks::new(Packer::new(compression)));
        Batch { salt: 0, longest, records, filled: 0, places: Vec::new(), blocks, is_block: false }
    }

    /// Begins anew, in a segment of this salt.
    pub(crate) fn begin(&mut self, salt: u32) {
        self.clear();
        self.salt = salt;
        self.places.clear();
    }

    pub(crate) fn clear(&mut self) {
        self.filled = 0;
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.filled == 0
    }

    /// Whether it is to be written before more is taken.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.filled >= FULL
    }

    /// The room for the next event's bytes.
    #[inline]
    pub(crate) fn room(&mut self) -> &mut [u8] {
        &mut self.records[self.filled + RECORD_HEAD..][..self.longest]
    }

    /// Takes the record of the event in the [`room`](Self::room).
    #[inline]
    pub(crate) fn push(&mut self, record: Record) {
        let place = self.filled as u64;
        if self.places.last().is_none_or(|(_, last)| place >= last + NOTE_EVERY) {
            self.places.push((record.sequence, place));
        }
        let bytes = &mut self.records[self.filled..];
        if self.blocks.is_some() {
            record.lay(bytes);
        } else {
            record.seal(bytes, self.salt);
        }
        self.filled += record.size();
    }

    /// Takes a record with what it has behind its head. There is room for an event afterwards, however full it is.
    pub(crate) fn put(&mut self, record: Record, body: &[u8]) {
        let needed = self.filled + record.size() + RECORD_HEAD + self.longest;
        if self.records.len() < needed {
            self.records.resize(needed, 0);
        }
        self.records[self.filled + RECORD_HEAD..][..body.len()].copy_from_slice(body);
        self.push(record);
    }

    /// Makes ready what is to be written: all sequences from one up to another. More may be taken afterwards, before it is made ready again.
    pub(crate) fn finish(&mut self, from: u64, to: u64) {
        let Some(blocks) = &mut self.blocks else { return };
        let records = &mut self.records[..self.filled];
        self.is_block = blocks.make(records, from, to, self.salt);
        if !self.is_block {
            seal_all(records, from, self.salt);
        }
    }

    /// What is to be written, once it was [made ready](Self::finish).
    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.blocks {
            Some(blocks) if self.is_block => blocks.block(),
            _ => &self.records[..self.filled],
        }
    }

    /// Sequence and place in these bytes of some records, the first one's among them.
    pub(crate) fn places(&self) -> &[(u64, u64)] {
        if self.is_block { &self.places[..1] } else { &self.places }
    }
}
