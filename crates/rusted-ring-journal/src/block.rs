//! Blocks: batches of records that are compressed to one, and unpacked once.

use rusted_ring_compression::{Packer, UnpackError, Unpacker};

use crate::format::{Kind, RECORD_HEAD, Record};

/// The bytes of a block's records, at most: whatever a file says, no more memory is taken for them.
pub(crate) const LONGEST: usize = 16 << 20;

/// Makes blocks.
#[derive(Debug)]
pub(crate) struct Blocks {
    packer: Packer,
    block: Vec<u8>,
}

impl Blocks {
    pub(crate) fn new(packer: Packer) -> Self {
        Blocks { packer, block: Vec::new() }
    }

    /// Makes a block of a batch of records that were [laid](Record::lay), of all sequences from one up to another. Whether it is shorter than the batch.
    pub(crate) fn make(&mut self, batch: &[u8], from: u64, to: u64, salt: u32) -> bool {
        let (Ok(span), true) = (u32::try_from(to - from), batch.len() <= LONGEST) else { return false };
        let Some(frame) = self.packer.pack(batch) else { return false };
        self.block.resize(RECORD_HEAD, 0);
        self.block.extend_from_slice(frame);
        Record { kind: Kind::Block { len: frame.len() as u32 }, sequence: from, span }.seal(&mut self.block, salt);
        self.block.len() < batch.len()
    }

    /// The block that was made last.
    pub(crate) fn block(&self) -> &[u8] {
        &self.block
    }
}

/// Gives each record of a batch that were [laid](Record::lay), the first one of sequence `from`, what it has outside a block.
pub(crate) fn seal_all(mut batch: &mut [u8], from: u64, salt: u32) {
    let mut sequence = from;
    while let Some(record) = Record::laid(batch, sequence) {
        record.seal(batch, salt);
        sequence = record.end();
        batch = &mut batch[record.size()..];
    }
}

/// A block that is read: its records, unpacked. They begin where the block's record does, and end with it.
#[derive(Debug)]
pub(crate) struct Block {
    unpacker: Unpacker,
    records: Vec<u8>,
    /// The next record's place and sequence.
    at: usize,
    sequence: u64,
    /// The bytes of the block in the file.
    size: usize,
}

impl Block {
    /// No block yet.
    pub(crate) fn new(unpacker: Unpacker) -> Self {
        Block { unpacker, records: Vec::new(), at: 0, sequence: 0, size: 0 }
    }

    /// Unpacks a block's frame. It is whole, or none of it is shown.
    pub(crate) fn open(&mut self, block: &Record, frame: &[u8]) -> Result<(), UnpackError> {
        (self.at, self.sequence, self.size) = (0, block.sequence, block.size());
        self.unpacker.unpack_into(frame, &mut self.records)?;
        let (mut rest, mut end) = (&self.records[..], block.sequence);
        while let Some(record) = Record::laid(rest, end) {
            (rest, end) = (&rest[record.size()..], record.end());
        }
        if !rest.is_empty() || end != block.end() {
            self.records.clear();
            return Err(UnpackError::Damaged);
        }
        Ok(())
    }

    /// Whether there are records left.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        self.at < self.records.len()
    }

    /// The next record; none behind the last.
    #[inline]
    pub(crate) fn peek(&self) -> Option<Record> {
        if self.is_open() { Record::laid(self.rest(), self.sequence) } else { None }
    }

    /// The bytes from the next record on.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.records[self.at..]
    }

    /// Goes past the record that was peeked. Returns the block's own bytes once it was the last, and 0 before.
    pub(crate) fn advance(&mut self, record: &Record) -> usize {
        (self.at, self.sequence) = (self.at + record.size(), record.end());
        if self.is_open() { 0 } else { self.size }
    }
}

#[cfg(test)]
mod tests {
    use rusted_ring_compression::Compression;

    use super::*;

    /// A batch of events of these lengths, from sequence 70 on, behind a time.
    fn batch(lens: &[u32]) -> (Vec<u8>, u64) {
        let mut bytes = Vec::new();
        let mut sequence = 70;
        let time = (Kind::Time, 0);
        let kinds = lens.iter().map(|len| (Kind::Event { len: *len, event_type: 9 }, 1));
        for (kind, span) in [time].into_iter().chain(kinds).chain([(Kind::Holes, 5)]) {
            let record = Record { kind, sequence, span };
            let at = bytes.len();
            bytes.resize(at + record.size(), sequence as u8);
            record.lay(&mut bytes[at..]);
            sequence = record.end();
        }
        (bytes, sequence)
    }

    fn made(bytes: &[u8], to: u64) -> (Record, Vec<u8>) {
        let mut blocks = Blocks::new(Packer::new(&Compression::Lz4));
        assert!(blocks.make(bytes, 70, to, 3));
        let record = Record::read(blocks.block(), 3).unwrap();
        (record, blocks.block()[RECORD_HEAD..].to_vec())
    }

    #[test]
    fn a_block_is_its_batch() {
        let (bytes, end) = batch(&[100, 0, 300]);
        let (record, frame) = made(&bytes, end);
        assert_eq!((record.sequence, record.end()), (70, 78));
        let mut block = Block::new(Unpacker::new(LONGEST));
        block.open(&record, &frame).unwrap();
        let (mut sealed, mut passed) = (bytes.clone(), 0);
        seal_all(&mut sealed, 70, 3);
        let mut rest = &sealed[..];
        while let Some(shown) = block.peek() {
            assert_eq!(passed, 0);
            assert_eq!(Record::read(rest, 3), Ok(shown));
            assert_eq!(block.rest()[RECORD_HEAD..shown.size()], rest[RECORD_HEAD..shown.size()]);
            rest = &rest[shown.size()..];
            passed += block.advance(&shown);
        }
        assert_eq!((rest.len(), passed), (0, record.size()));
        // What was sealed, because a write failed, is as good.
        let (record, frame) = made(&sealed, end);
        block.open(&record, &frame).unwrap();
        assert_eq!(block.peek().map(|record| record.sequence), Some(70));
    }

    #[test]
    fn a_batch_that_does_not_shrink_or_stands_for_too_much_is_no_block() {
        let mut blocks = Blocks::new(Packer::new(&Compression::Lz4));
        let (bytes, end) = batch(&[]);
        // Shorter as a frame, and not as a block.
        assert!(!blocks.make(&bytes, 70, end, 3));
        let (bytes, end) = batch(&[300]);
        assert!(blocks.make(&bytes, 70, end, 3));
        assert!(!blocks.make(&bytes, 70, 70 + (1 << 32), 3));
        assert!(!blocks.make(&vec![0; LONGEST + 1], 70, end, 3));
    }

    #[test]
    fn a_frame_that_is_not_a_batch_is_shown_none_of() {
        let (bytes, end) = batch(&[100, 300]);
        let mut block = Block::new(Unpacker::new(LONGEST));
        let mut is_damaged = |bytes: &[u8], to| {
            let (record, frame) = made(bytes, to);
            assert_eq!(block.open(&record, &frame), Err(UnpackError::Damaged));
            assert_eq!(block.peek(), None);
        };
        // Too few sequences, too many, an end in the middle of a record, bytes behind the last, and another block.
        is_damaged(&bytes, end - 1);
        is_damaged(&bytes, end + 1);
        is_damaged(&bytes[..bytes.len() - 1], end);
        is_damaged(&[&bytes[..], &[0; 8]].concat(), end);
        let inner = Record { kind: Kind::Block { len: 300 }, sequence: 70, span: 1 };
        let mut nested = vec![0; inner.size()];
        inner.lay(&mut nested);
        is_damaged(&nested, 71);
        // A span that goes beyond all sequences.
        let (record, frame) = made(&bytes, end);
        let far = Record { sequence: u64::MAX - 5, span: 5, ..record };
        assert_eq!(block.open(&far, &frame), Err(UnpackError::Damaged));
    }
}
