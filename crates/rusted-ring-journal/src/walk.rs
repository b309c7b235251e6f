//! A way through a segment, record by record, past what is damaged.

use std::{fs::File, io, os::unix::fs::FileExt};

use rusted_ring_compression::UnpackError;

use crate::{
    block::{self, Block},
    format::{Kind, Next, NoRecord, RECORD_HEAD, Record, SEGMENT_HEAD, next_whole},
    options::Dictionaries,
};

/// How much is read at a time.
const CHUNK: usize = 256 << 10;
/// How often as many bytes as a segment has are checked in it for what looks like a record behind damage. An event may hold any number of such.
const PATIENCE: u64 = 64;

/// A place in a segment, of which `len` bytes are known to be written.
#[derive(Debug)]
pub(crate) struct Walk {
    file: File,
    salt: u32,
    len: u64,
    /// Where the window lies in the file.
    offset: u64,
    window: Vec<u8>,
    /// The place in the window.
    at: usize,
    /// The block at this place, if there is one, and it is unpacked.
    block: Block,
    /// The sequence that the next record should have.
    sequence: u64,
    /// The bytes that may still be checked behind damage.
    budget: u64,
}

impl Walk {
    /// Begins at `offset`, where the record of `sequence` lies.
    pub(crate) fn new(
        file: File,
        salt: u32,
        len: u64,
        (offset, sequence): (u64, u64),
        dictionaries: &Dictionaries,
    ) -> Self {
        let (window, block) = (Vec::new(), Block::new(dictionaries.unpacker(block::LONGEST)));
        Walk { file, salt, len, offset, window, at: 0, block, sequence, budget: len.saturating_mul(PATIENCE) }
    }

    /// Begins at a segment's first record.
    pub(crate) fn through(file: File, salt: u32, len: u64, first: u64, dictionaries: &Dictionaries) -> Self {
        Self::new(file, salt, len, (SEGMENT_HEAD as u64, first), dictionaries)
    }

    /// The sequence that the next record should have: what lies between it and the record's own is damaged.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Where the next record lies in the file; that of a block, where the block does.
    pub(crate) fn place(&self) -> u64 {
        self.offset + self.at as u64
    }

    /// Notes that more was written.
    pub(crate) fn grow(&mut self, len: u64) {
        self.len = self.len.max(len);
    }

    /// The next whole record, also in a block, which is unpacked once and is itself never shown; none, at the end of what is written.
    ///
    /// # Errors
    ///
    /// What the system says; and `Unsupported` for a block that is whole, and whose codec or dictionary is not here.
    pub(crate) fn peek(&mut self) -> io::Result<Option<Record>> {
        loop {
            if let Some(record) = self.block.peek() {
                return Ok(Some(record));
            }
            let left = self.len.saturating_sub(self.place());
            if left == 0 {
                return Ok(None);
            }
            match Record::read(&self.window[self.at..], self.salt) {
                Ok(record) if record.sequence >= self.sequence => {
                    let Kind::Block { .. } = record.kind else { return Ok(Some(record)) };
                    match self.block.open(&record, &self.window[self.at..][RECORD_HEAD..record.size()]) {
                        Ok(()) => {}
                        Err(UnpackError::Damaged | UnpackError::TooLong { .. }) => self.skip_damage()?,
                        Err(unknown) => return Err(io::Error::new(io::ErrorKind::Unsupported, unknown)),
                    }
                }
                Err(NoRecord::Short(size)) if size as u64 <= left => self.fill(size.max(CHUNK))?,
                Ok(_) | Err(_) => self.skip_damage()?,
            }
        }
    }

    /// The event of a record that was peeked.
    pub(crate) fn event(&self, record: &Record) -> &[u8] {
        let from = if self.block.is_open() { self.block.rest() } else { &self.window[self.at..] };
        &from[RECORD_HEAD..record.size()]
    }

    /// Goes past a record that was peeked.
    pub(crate) fn advance(&mut self, record: &Record) {
        self.at += if self.block.is_open() { self.block.advance(record) } else { record.size() };
        self.sequence = record.end();
    }

    /// Goes to the next whole record behind a place that has none, or to the end.
    fn skip_damage(&mut self) -> io::Result<()> {
        self.at += 1;
        let mut wanted = CHUNK;
        loop {
            self.fill(wanted)?;
            let left = self.len.saturating_sub(self.place());
            match next_whole(&self.window, left, self.sequence, self.salt, &mut self.budget) {
                Next::Whole(at) => {
                    self.at = at;
                    return Ok(());
                }
                Next::Open(at) if at as u64 + RECORD_HEAD as u64 > left => {
                    self.at = self.window.len();
                    return Ok(());
                }
                // More of it is needed.
                Next::Open(0) => wanted = wanted.saturating_mul(4),
                Next::Open(at) => (self.at, wanted) = (at, CHUNK),
            }
        }
    }

    /// Moves the window to the place, with so many bytes, or what there is.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        let place = self.place();
        let left = self.len.saturating_sub(place).min(usize::MAX as u64) as usize;
        self.window.resize(wanted.min(left), 0);
        (self.offset, self.at) = (place, 0);
        let mut got = 0;
        while got < self.window.len() {
            match self.file.read_at(&mut self.window[got..], place + got as u64) {
                // Somebody cut the file.
                Ok(0) => break,
                Ok(count) => got += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if got < self.window.len() {
            self.window.truncate(got);
            self.len = place + got as u64;
        }
        Ok(())
    }
}
