//! Reading a board's past, a part at a time.

use std::sync::Arc;
use std::time::Duration;

use rusted_ring::Sequence;
use rusted_ring::subscriber::{History, Kept};
use rusted_ring_journal::{Journal, ReadError, Reader};

use super::entry::{ACTION, BEGAN, Entry, LONGEST, beginning};
use crate::protocol::{self, BoardName};
use crate::store::Store;

/// A part has about so many bytes of a board, at most.
const PART: usize = 256 << 10;
/// For a part, about so many bytes of all boards are read, at most.
const READ: usize = 2 << 20;
/// What a record costs beside its bytes.
const RECORD: usize = 32;

/// Where in the journal a part begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) epoch: u32,
    pub(crate) sequence: u64,
}

/// A part of a board's past.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// Its entries, one after the other: milliseconds u64, length of the name u8, name, length of the frame u16, frame. One without a frame stands for
    /// what the journal lacks.
    pub(crate) entries: Vec<u8>,
    /// Where the next part begins.
    pub(crate) next: Place,
    /// Whether there is one now.
    pub(crate) more: bool,
    /// The bytes that were read for it.
    pub(crate) read: usize,
}

/// The runs of the journal, the oldest first.
#[derive(Debug)]
pub(super) struct Past {
    store: Arc<Store>,
    runs: Vec<Run>,
}

/// A run of a server.
#[derive(Debug)]
struct Run {
    epoch: u32,
    reader: Reader,
    /// The last revision of it that the store ever had; none while it goes on.
    through: Option<u64>,
}

impl Past {
    /// What an opened journal has, once the store is completed from it.
    pub(super) fn of(journal: &Journal, store: Arc<Store>) -> Self {
        let mut runs = Vec::new();
        let mut through = u64::MAX;
        for epoch in journal.epochs().iter().rev() {
            let mut reader = journal.reader(epoch.number);
            runs.push(Run { epoch: epoch.number, reader: reader.clone(), through: Some(through) });
            // What an earlier run had, and the store did not have when this one began, it never had.
            let mut bytes = [0; 16];
            if let Ok(Kept::Event { event_type: BEGAN, .. }) = reader.read(epoch.oldest, epoch.end, &mut bytes)
                && let Some((number, last)) = beginning(&bytes)
                && number == store.number()
            {
                through = through.min(last);
            }
        }
        runs.reverse();
        Past { store, runs }
    }

    /// The run that begins now.
    pub(super) fn goes_on(&mut self, epoch: u32, reader: Reader) {
        // It began behind what the store has now.
        if let Ok(last) = self.store.last_revision() {
            for run in &mut self.runs {
                run.through = run.through.map(|through| through.min(last));
            }
        }
        self.runs.push(Run { epoch, reader, through: None });
    }

    /// Waits until the run that goes on has everything before `end` in files, or nothing is written any more, or the time is over.
    pub(super) fn wait(&self, end: u64, timeout: Duration) {
        if let (Some(run), Some(last)) = (self.runs.last(), end.checked_sub(1)) {
            run.reader.clone().wait(Sequence::new(last), timeout);
        }
    }

    /// The part that begins there, with actions up to the revision `committed`: none is shown before it is on disk.
    pub(super) fn part(&self, board: &BoardName, from: Place, committed: u64) -> Result<Part, ReadError> {
        let mut part = Part { next: from, ..Part::default() };
        let mut bytes = vec![0; LONGEST];
        for run in self.runs.iter().skip_while(|run| run.epoch < from.epoch) {
            let mut reader = run.reader.clone();
            let oldest = reader.oldest().map_or(0, Sequence::get);
            let asked = if run.epoch == from.epoch { from.sequence } else { 0 };
            if run.epoch == from.epoch && asked < oldest {
                // What was there when that place was given was removed meanwhile.
                part.push(0, b"", b"");
            }
            part.next = Place { epoch: run.epoch, sequence: asked.max(oldest) };
            let through = run.through.unwrap_or(committed);
            let Some(end) = reader.end() else { continue };
            while part.next.sequence < end.get() {
                if part.entries.len() >= PART || part.read >= READ {
                    part.more = true;
                    return Ok(part);
                }
                part.read += RECORD;
                let step = match reader.read(Sequence::new(part.next.sequence), end, &mut bytes)? {
                    Kept::Event { len, event_type: ACTION } => {
                        part.read += len;
                        let entry = bytes.get(..len).and_then(Entry::read);
                        let of_store = entry.filter(|entry| entry.store == self.store.number());
                        if let Some(entry) = of_store {
                            if protocol::revision(entry.frame) > through {
                                if run.through.is_none() {
                                    // All behind it is not on disk, either.
                                    return Ok(part);
                                }
                            } else if entry.board == board.as_str() && protocol::check_action(entry.frame).is_ok() {
                                part.push(entry.time, entry.name, entry.frame);
                            }
                        }
                        1
                    }
                    Kept::Event { .. } => 1,
                    Kept::Holes(count) => count.max(1),
                    Kept::Missing(count) => {
                        part.push(0, b"", b"");
                        count.max(1)
                    }
                    Kept::NotYet => return Ok(part),
                };
                part.next.sequence += step;
            }
        }
        Ok(part)
    }
}

impl Part {
    fn push(&mut self, time: u64, name: &[u8], frame: &[u8]) {
        self.entries.extend_from_slice(&time.to_le_bytes());
        self.entries.push(name.len() as u8);
        self.entries.extend_from_slice(name);
        // An action is shorter than 16 KiB.
        self.entries.extend_from_slice(&(frame.len() as u16).to_le_bytes());
        self.entries.extend_from_slice(frame);
    }
}
