//! A way through a segment, record by record, past what is damaged.

use std::{fs::File, io, os::unix::fs::FileExt};

use crate::format::{Next, NoRecord, RECORD_HEAD, Record, SEGMENT_HEAD, next_whole};

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
    /// The sequence that the next record should have.
    sequence: u64,
    /// The bytes that may still be checked behind damage.
    budget: u64,
}

impl Walk {
    /// Begins at `offset`, where the record of `sequence` lies.
    pub(crate) fn new(file: File, salt: u32, len: u64, offset: u64, sequence: u64) -> Self {
        Walk { file, salt, len, offset, window: Vec::new(), at: 0, sequence, budget: len.saturating_mul(PATIENCE) }
    }

    /// Begins at a segment's first record.
    pub(crate) fn through(file: File, salt: u32, len: u64, first: u64) -> Self {
        Self::new(file, salt, len, SEGMENT_HEAD as u64, first)
    }

    /// The sequence that the next record should have: what lies between it and the record's own is damaged.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Where the next record lies in the file.
    pub(crate) fn place(&self) -> u64 {
        self.offset + self.at as u64
    }

    /// Notes that more was written.
    pub(crate) fn grow(&mut self, len: u64) {
        self.len = self.len.max(len);
    }

    /// The next whole record; none, at the end of what is written.
    pub(crate) fn peek(&mut self) -> io::Result<Option<Record>> {
        loop {
            let left = self.len.saturating_sub(self.place());
            if left == 0 {
                return Ok(None);
            }
            match Record::read(&self.window[self.at..], self.salt) {
                Ok(record) if record.sequence >= self.sequence => return Ok(Some(record)),
                Err(NoRecord::Short(size)) if size as u64 <= left => self.fill(size.max(CHUNK))?,
                Ok(_) | Err(_) => self.skip_damage()?,
            }
        }
    }

    /// The event of a record that was peeked.
    pub(crate) fn event(&self, record: &Record) -> &[u8] {
        &self.window[self.at..][RECORD_HEAD..record.size()]
    }

    /// Goes past a record that was peeked.
    pub(crate) fn advance(&mut self, record: &Record) {
        self.at += record.size();
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
