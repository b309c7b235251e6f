//! The records of a file, those in chunks among them, one after another and with bounded memory.

use std::{
    fs::{File, OpenOptions},
    io::Read,
    ops::Range,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use mcap::{
    McapError,
    records::op,
    sans_io::linear_reader::{LinearReadEvent, LinearReader, LinearReaderOptions},
};
use rustix::fs::OFlags;

use crate::{
    Unreadable,
    chunk::{Chunk, LONGEST},
};

/// Bytes that are read at a time.
const STEP: usize = 1 << 16;
/// Bytes before a record's own: its kind and its length.
const HEAD: u64 = 1 + 8;

/// Reads a file's records.
pub(crate) struct Records {
    file: File,
    reader: LinearReader,
    /// Where in the file the next record begins that is in no chunk.
    next: u64,
    /// Where in the file the record begins that was found last; or its chunk.
    at: u64,
    /// That record; or its chunk.
    record: Vec<u8>,
    chunk: Chunk,
    /// Where in the chunk the record lies that was found last, if it is in one.
    in_chunk: Option<Range<usize>>,
}

impl Records {
    pub(crate) fn open(path: &Path) -> Result<Self, Unreadable> {
        // To open what is no file may wait, unless one asks not to.
        let file = OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits() as i32).open(path);
        let file = file.map_err(Unreadable::Io)?;
        let found = file.metadata().map_err(Unreadable::Io)?;
        if !found.is_file() {
            return Err(Unreadable::Foreign("it is no plain file"));
        }
        if found.len() < mcap::MAGIC.len() as u64 {
            return Err(Unreadable::Foreign("it is no MCAP file"));
        }
        let options = LinearReaderOptions::default()
            .with_emit_chunks(true)
            .with_validate_data_section_crc(true)
            .with_validate_summary_section_crc(true)
            .with_check_finishes_after_end_magic(true)
            .with_record_length_limit(LONGEST);
        let (reader, begin) = (LinearReader::new_with_options(options), mcap::MAGIC.len() as u64);
        let chunk = Chunk::default();
        Ok(Records { file, reader, next: begin, at: begin, record: Vec::new(), chunk, in_chunk: None })
    }

    /// Where it is whole up to.
    pub(crate) fn whole(&self) -> u64 {
        self.next
    }

    /// What is wrong with the record that was found last.
    pub(crate) fn damaged(&self, what: impl Into<String>) -> Unreadable {
        Unreadable::Damaged { at: self.at, what: what.into() }
    }

    /// Goes to the next record, and returns its kind; none behind the last.
    pub(crate) fn advance(&mut self) -> Result<Option<u8>, Unreadable> {
        loop {
            if self.in_chunk.is_some() {
                if let Some((kind, at)) = self.chunk.advance().map_err(|what| self.damaged(what))? {
                    self.in_chunk = Some(at);
                    return Ok(Some(kind));
                }
                self.in_chunk = None;
            }
            match self.advance_in_file()? {
                Some(op::CHUNK) => {
                    self.chunk.open(&self.record).map_err(|what| self.damaged(what))?;
                    self.in_chunk = Some(0..0);
                }
                other => return Ok(other),
            }
        }
    }

    /// The record that was found last.
    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.in_chunk {
            Some(at) => self.chunk.bytes(at.clone()),
            None => &self.record,
        }
    }

    fn advance_in_file(&mut self) -> Result<Option<u8>, Unreadable> {
        self.at = self.next;
        while let Some(event) = self.reader.next_event() {
            match event.map_err(|error| unreadable(error, self.at))? {
                // It may ask for as much as a forged length claims.
                LinearReadEvent::ReadRequest(_) => {
                    let read = self.file.read(self.reader.insert(STEP)).map_err(Unreadable::Io)?;
                    self.reader.notify_read(read);
                }
                LinearReadEvent::Record { opcode: 0, .. } => return Err(self.damaged("a record is of no kind")),
                LinearReadEvent::Record { opcode, data } => {
                    self.next += HEAD + data.len() as u64;
                    self.record.clear();
                    self.record.extend_from_slice(data);
                    return Ok(Some(opcode));
                }
            }
        }
        Ok(None)
    }
}

fn unreadable(error: McapError, at: u64) -> Unreadable {
    match error {
        McapError::UnexpectedEof => Unreadable::Unfinished { at },
        McapError::BadMagic if at == mcap::MAGIC.len() as u64 => Unreadable::Foreign("it is no MCAP file"),
        other => Unreadable::Damaged { at, what: other.to_string() },
    }
}
