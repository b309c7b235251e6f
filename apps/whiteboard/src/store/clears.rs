//! What a `clear` hides is dropped from the disk in the end, and so is a clear that was undone.

use redb::{ReadTransaction, ReadableTable, TableDefinition};

use super::tables::{PLACE, Place, Tables};
use crate::protocol::BoardName;

/// Board and revision of a clear -> when it was made, or last undone or redone, by the store's clock, and what became
/// of it.
pub(super) const CLEARS: TableDefinition<'static, Place, (u64, u8)> = TableDefinition::new("clears");
/// That time, board and revision of each clear that waits for its time to pass.
pub(super) const DUE: TableDefinition<'static, (u64, &'static str, u64), ()> = TableDefinition::new("due");
/// Board and revision of each clear whose past is being dropped -> the first revision that was not looked at.
pub(super) const JOBS: TableDefinition<'static, Place, u64> = TableDefinition::new("jobs");

/// The size of each in the file.
pub(super) const CLEAR: u64 = PLACE + 8 + 1;
const DUE_ONE: u64 = 8 + PLACE;
const JOB: u64 = PLACE + 8;

/// It hides its past.
pub(super) const SHOWN: u8 = 0;
/// It was undone.
pub(super) const HIDDEN: u8 = 1;
/// Its past is gone or being dropped, for good.
pub(super) const DROPPED: u8 = 2;

/// A part of a board that is being dropped: everything on it from the first revision to the second, which is a clear's.
pub(super) struct Job {
    pub(super) board: String,
    pub(super) from: u64,
    pub(super) clear: u64,
}

impl Tables<'_> {
    /// Notes a clear.
    pub(super) fn note_clear(&mut self, board: &str, revision: u64) -> Result<(), redb::Error> {
        self.clears.insert((board, revision), (self.now, SHOWN))?;
        self.bytes += CLEAR;
        self.await_time(board, revision, self.now)?;
        self.change_board(board, |board| board.is_drawn_on = false)
    }

    /// Makes a clear wait from this time on.
    pub(super) fn await_time(&mut self, board: &str, revision: u64, time: u64) -> Result<(), redb::Error> {
        if self.due.insert((time, board, revision), ())?.is_none() {
            self.bytes += DUE_ONE;
        }
        Ok(())
    }

    /// Notes that an object, which may be a clear, was hidden or shown: a clear starts to wait again.
    pub(super) fn change_clear(&mut self, board: &str, object: u64, hides: bool) -> Result<(), redb::Error> {
        let clear = self.clears.get((board, object))?.map(|clear| clear.value());
        let Some((time, SHOWN | HIDDEN)) = clear else { return Ok(()) };
        self.await_no_more(board, object, time)?;
        self.clears.insert((board, object), (self.now, if hides { HIDDEN } else { SHOWN }))?;
        self.await_time(board, object, self.now)?;
        // What is back may be cleared again.
        if hides { self.change_board(board, |board| board.is_drawn_on = true) } else { Ok(()) }
    }

    /// Notes that a clear is gone.
    pub(super) fn forget_clear(&mut self, board: &str, revision: u64) -> Result<(), redb::Error> {
        let clear = self.clears.remove((board, revision))?.map(|clear| clear.value());
        if let Some((time, state)) = clear {
            self.freed(CLEAR);
            self.await_no_more(board, revision, time)?;
            if state == HIDDEN {
                // A page that knows of the clear, and not that it was undone, cannot learn that any more.
                let undone = self.marks.get((board, revision))?.map_or(revision, |undone| undone.value());
                self.change_board(board, |board| board.forgotten = board.forgotten.max(undone))?;
            }
        }
        Ok(())
    }

    /// Takes the first clear that has waited since before this time, and begins its end; returns whether there was one.
    pub(super) fn take_due(&mut self, before: u64) -> Result<bool, redb::Error> {
        let first = self.due.first()?.map(|(place, _)| {
            let (time, board, clear) = place.value();
            (time, board.to_owned(), clear)
        });
        let Some((time, board, clear)) = first.filter(|(time, ..)| *time < before) else { return Ok(false) };
        self.await_no_more(&board, clear, time)?;
        let state = self.clears.get((&board[..], clear))?.map(|clear| clear.value().1);
        match state {
            Some(SHOWN) => {
                let from = self.drop_past(&board, clear)?;
                if from == clear {
                    return Ok(true);
                }
                self.jobs.insert((&board[..], clear), from)?;
                self.bytes += JOB;
            }
            Some(HIDDEN) => self.drop_action(&board, clear)?,
            _ => {}
        }
        Ok(true)
    }

    /// Marks the past of this clear as gone for good; returns from where on the board was not cleared yet.
    pub(super) fn drop_past(&mut self, board: &str, clear: u64) -> Result<u64, redb::Error> {
        let before = self.clears.insert((board, clear), (self.now, DROPPED))?.map(|before| before.value());
        if let Some((time, SHOWN | HIDDEN)) = before {
            self.await_no_more(board, clear, time)?;
        }
        let mut from = clear;
        self.change_board(board, |board| {
            // A later one may have been due earlier.
            if clear > board.cleared {
                from = std::mem::replace(&mut board.cleared, clear);
            }
        })?;
        Ok(from)
    }

    /// The first part of a board that is being dropped.
    pub(super) fn job(&self) -> Result<Option<Job>, redb::Error> {
        Ok(self.jobs.first()?.map(|(place, from)| {
            let (board, clear) = place.value();
            Job { board: board.to_owned(), from: from.value(), clear }
        }))
    }

    /// Notes that all of it up to this revision was looked at.
    pub(super) fn has_done(&mut self, job: &Job, next: u64) -> Result<(), redb::Error> {
        let place = (&job.board[..], job.clear);
        if next < job.clear {
            self.jobs.insert(place, next)?;
        } else if self.jobs.remove(place)?.is_some() {
            self.freed(JOB);
        }
        Ok(())
    }

    fn await_no_more(&mut self, board: &str, revision: u64, time: u64) -> Result<(), redb::Error> {
        if self.due.remove((time, board, revision))?.is_some() {
            self.freed(DUE_ONE);
        }
        Ok(())
    }
}

/// Whether one of these objects of the board is a clear whose past is gone or being dropped.
pub(super) fn any_dropped(
    transaction: &ReadTransaction,
    board: &BoardName,
    mut objects: impl Iterator<Item = u64>,
) -> Result<bool, redb::Error> {
    let table = transaction.open_table(CLEARS)?;
    objects.try_fold(false, |any, object| {
        let clear = table.get((board.as_str(), object))?.map(|clear| clear.value());
        Ok(any || matches!(clear, Some((_, DROPPED))))
    })
}
