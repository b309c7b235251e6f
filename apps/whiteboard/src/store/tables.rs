//! Everything that the store keeps, in one transaction, and what belongs together: an action with its id, with what it says
//! of others, and with what is said of it.

use redb::{ReadableTable, StorageError, Table, TableDefinition, TableError, WriteTransaction};

use super::chat::CHATS;
use super::clears::{CLEARS, DUE, JOBS};
use super::ids::{self, GONE, ID, ID_GONE, IDS};
use super::marks::{CHANGES, MARKS, SPENT};
use super::record::{Candidate, REST, Record};
use super::seal::Key;
use crate::protocol::{self, BoardName, ClientId, Kind};

/// Board and revision.
pub(super) type Place = (&'static str, u64);

/// Board and revision -> the action's record. Revisions are given once for all boards.
pub(super) const ACTIONS: TableDefinition<'static, Place, &'static [u8]> = TableDefinition::new("actions");
/// Board -> what is known of it as a whole: [`Board`], field by field. A board of which nothing is known has no entry.
pub(super) const BOARDS: TableDefinition<'static, &'static str, (u64, bool, u64, u64)> = TableDefinition::new("boards");

/// The size of a board and a revision as a key in the file.
pub(super) const PLACE: u64 = BoardName::MAX as u64 + 8;
/// The size of a known board.
const BOARD: u64 = BoardName::MAX as u64 + 3 * 8 + 1;

/// What is known of a board as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Board {
    /// How many chat messages it has.
    pub(super) chats: u64,
    /// Whether there may be something that a clear would hide.
    pub(super) is_drawn_on: bool,
    /// The revision of the clear whose hidden past is gone, or about to go; 0 = none.
    pub(super) cleared: u64,
    /// A page with a part of the board that ends before this revision cannot learn all the rest any more.
    pub(super) forgotten: u64,
}

/// The open tables.
pub(super) struct Tables<'a> {
    pub(super) actions: Table<'a, Place, &'static [u8]>,
    pub(super) ids: Table<'a, &'static ids::Key, u64>,
    pub(super) gone: Table<'a, (u64, &'static ids::Key), ()>,
    pub(super) boards: Table<'a, &'static str, (u64, bool, u64, u64)>,
    pub(super) clears: Table<'a, Place, (u64, u8)>,
    pub(super) due: Table<'a, (u64, &'static str, u64), ()>,
    pub(super) jobs: Table<'a, Place, u64>,
    pub(super) marks: Table<'a, Place, u64>,
    pub(super) changes: Table<'a, Place, (u64, bool)>,
    pub(super) spent: Table<'a, Place, ()>,
    pub(super) chats: Table<'a, Place, ()>,
    /// By the store's clock.
    pub(super) now: u64,
    /// What is in the tables.
    pub(super) bytes: u64,
}

/// The size of an action with its keys, without what else is noted of it.
pub(crate) fn cost(board: &BoardName, frame: &[u8]) -> u64 {
    (REST + board.as_str().len() + frame.len()) as u64 + PLACE + ID
}

impl Board {
    /// As it is stored.
    pub(super) fn of((chats, is_drawn_on, cleared, forgotten): (u64, bool, u64, u64)) -> Self {
        Board { chats, is_drawn_on, cleared, forgotten }
    }
}

impl<'a> Tables<'a> {
    /// All tables, made if they are missing; `bytes` is what is in them.
    pub(super) fn of(transaction: &'a WriteTransaction, now: u64, bytes: u64) -> Result<Self, TableError> {
        Ok(Tables {
            actions: transaction.open_table(ACTIONS)?,
            ids: transaction.open_table(IDS)?,
            gone: transaction.open_table(GONE)?,
            boards: transaction.open_table(BOARDS)?,
            clears: transaction.open_table(CLEARS)?,
            due: transaction.open_table(DUE)?,
            jobs: transaction.open_table(JOBS)?,
            marks: transaction.open_table(MARKS)?,
            changes: transaction.open_table(CHANGES)?,
            spent: transaction.open_table(SPENT)?,
            chats: transaction.open_table(CHATS)?,
            now,
            bytes,
        })
    }

    /// Adds an action whose revision is later than all before.
    pub(super) fn add(&mut self, board: &str, client: ClientId, frame: &[u8], key: &Key) -> Result<(), redb::Error> {
        let revision = protocol::revision(frame);
        let record = Record { board, client, frame }.bytes(key);
        if self.actions.insert((board, revision), &record[..])?.is_some() {
            return Err(StorageError::Corrupted(format!("revision {revision} is there already")).into());
        }
        self.ids.insert(&ids::key(client, protocol::action(frame)), revision)?;
        self.bytes += PLACE + record.len() as u64 + ID;
        self.note(board, frame)
    }

    /// Notes what a stored action means for others.
    pub(super) fn note(&mut self, board: &str, frame: &[u8]) -> Result<(), redb::Error> {
        let revision = protocol::revision(frame);
        match protocol::kind(frame) {
            Some(Kind::Clear) => self.note_clear(board, revision),
            Some(Kind::Hide) => self.note_change(board, frame, true),
            Some(Kind::Show) => self.note_change(board, frame, false),
            Some(Kind::Chat) => self.note_chat(board, revision),
            Some(kind) if kind.is_object() => self.change_board(board, |board| board.is_drawn_on = true),
            _ => Ok(()),
        }
    }

    /// Drops an action with everything that belongs to it; its id stays for a time. Damaged data may be anything, and stays.
    pub(super) fn drop_action(&mut self, board: &str, revision: u64) -> Result<(), redb::Error> {
        let Some(record) = self.actions.get((board, revision))?.map(|record| record.value().to_vec()) else {
            return Ok(());
        };
        let Some(Record { client, frame, .. }) = Record::read(&record) else { return Ok(()) };
        self.actions.remove((board, revision))?;
        self.gone.insert((self.now, &ids::key(client, protocol::action(frame))), ())?;
        self.bytes = (self.bytes + ID_GONE).saturating_sub(PLACE + record.len() as u64);
        match protocol::kind(frame) {
            Some(Kind::Clear) => self.forget_clear(board, revision)?,
            Some(Kind::Hide | Kind::Show) => self.forget_change(board, frame)?,
            Some(Kind::Chat) => self.forget_chat(board, revision)?,
            _ => {}
        }
        self.unmark(board, revision)
    }

    /// Changes what is known of a board.
    pub(super) fn change_board(&mut self, name: &str, change: impl FnOnce(&mut Board)) -> Result<(), redb::Error> {
        let before = self.boards.get(name)?.map(|board| Board::of(board.value()));
        let mut after = before.unwrap_or_default();
        change(&mut after);
        if before.is_none() && after != Board::default() {
            self.bytes += BOARD;
        }
        if after == Board::default() {
            if self.boards.remove(name)?.is_some() {
                self.freed(BOARD);
            }
        } else if before != Some(after) {
            let Board { chats, is_drawn_on, cleared, forgotten } = after;
            self.boards.insert(name, (chats, is_drawn_on, cleared, forgotten))?;
        }
        Ok(())
    }

    /// Whether there is an object with this revision on the board.
    pub(super) fn is_object(&self, board: &str, revision: u64) -> Result<bool, redb::Error> {
        Ok(self.actions.get((board, revision))?.is_some_and(|record| is_object(record.value())))
    }

    /// Notes that the tables hold this much less.
    pub(super) fn freed(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

/// Returns the action at this place, if its record is whole and belongs to this place.
pub(super) fn whole<'a>((board, revision): (&str, u64), record: &'a [u8]) -> Option<Record<'a>> {
    Record::read(record).filter(|record| record.board == board && protocol::revision(record.frame) == revision)
}

/// Whether this is the record of an object.
pub(super) fn is_object(record: &[u8]) -> bool {
    let record = Candidate::at_start_of(record).and_then(|candidate| candidate.record());
    record.and_then(|record| protocol::kind(record.frame)).is_some_and(Kind::is_object)
}
