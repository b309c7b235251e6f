//! What a `clear` hides goes from the disk in the end, unless it was undone.

use redb::{ReadTransaction, ReadableTable, Table, TableDefinition, TableError, WriteTransaction};

use super::ids::{self, Gone};
use super::record::Record;
use super::{ACTIONS, PLACE, left_by};
use crate::protocol::{self, BoardName, Kind};

/// Board and revision of a clear -> when it was made, by the store's clock, and what became of it.
pub(super) const CLEARS: TableDefinition<'static, (&'static str, u64), (u64, u8)> = TableDefinition::new("clears");
/// What a clear takes in the file beside its record.
pub(super) const CLEAR: u64 = PLACE + 8 + 1;

/// It hides its past.
const SHOWN: u8 = 0;
/// It was undone.
const HIDDEN: u8 = 1;
/// Its past is gone, for good.
pub(super) const DROPPED: u8 = 2;

/// So many records are looked at in one transaction: the next commit waits for it.
const RECORDS: usize = 4096;

/// Makes the table if it is missing.
pub(super) fn make_table(transaction: &WriteTransaction) -> Result<(), TableError> {
    transaction.open_table(CLEARS).map(drop)
}

/// Notes what becomes of clears.
pub(super) struct Clears<'a> {
    table: Table<'a, (&'static str, u64), (u64, u8)>,
    now: u64,
}

impl<'a> Clears<'a> {
    /// Clears that are made in this transaction are made `now`.
    pub(super) fn of(transaction: &'a WriteTransaction, now: u64) -> Result<Self, TableError> {
        Ok(Clears { table: transaction.open_table(CLEARS)?, now })
    }

    /// Notes a stored action, if it is a clear, or hides or shows one; the bytes that the note takes.
    pub(super) fn note(&mut self, board: &BoardName, frame: &[u8]) -> Result<u64, redb::Error> {
        let state = match protocol::kind(frame) {
            Some(Kind::Clear) => {
                self.table.insert((board.as_str(), protocol::revision(frame)), (self.now, SHOWN))?;
                return Ok(CLEAR);
            }
            Some(Kind::Hide) => HIDDEN,
            Some(Kind::Show) => SHOWN,
            _ => return Ok(0),
        };
        for target in protocol::targets(frame) {
            let place = (board.as_str(), target);
            let clear = self.table.get(place)?.map(|clear| clear.value());
            if let Some((made, SHOWN | HIDDEN)) = clear {
                self.table.insert(place, (made, state))?;
            }
        }
        Ok(0)
    }
}

/// Whether one of these objects of the board is a clear whose past is gone.
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

/// Whether some clear hides what is still there.
pub(super) fn any_waits(transaction: &WriteTransaction) -> Result<bool, redb::Error> {
    Ok(latest_of_a_board(&transaction.open_table(CLEARS)?, u64::MAX)?.is_some())
}

/// Drops some of what one clear hides that was made before `before` and is not hidden: the bytes that this freed;
/// `None` if there is no such clear.
pub(super) fn drop_some(transaction: &WriteTransaction, now: u64, before: u64) -> Result<Option<u64>, redb::Error> {
    let mut clears = transaction.open_table(CLEARS)?;
    let Some((board, clear)) = latest_of_a_board(&clears, before)? else { return Ok(None) };
    let mut actions = transaction.open_table(ACTIONS)?;
    let mut gone = Gone::of(transaction, now)?;
    let mut going = Vec::new();
    let mut freed = 0;
    for entry in actions.range((&board[..], 0)..(&board[..], clear))? {
        let (place, record) = entry?;
        // What is damaged may be anything; it stays.
        if let Some(Record { client, frame, .. }) = Record::read(record.value())
            && protocol::kind(frame) != Some(Kind::Chat)
        {
            going.push(place.value().1);
            gone.note(&ids::key(client, protocol::action(frame)))?;
            freed += left_by(record.value());
            if going.len() == RECORDS {
                break;
            }
        }
    }
    for &revision in &going {
        actions.remove((&board[..], revision))?;
    }
    if going.len() < RECORDS {
        // Its past is gone, and in it the clears before.
        let before: Vec<u64> = clears
            .range((&board[..], 0)..(&board[..], clear))?
            .map(|entry| entry.map(|(place, _)| place.value().1))
            .collect::<Result<_, _>>()?;
        for revision in before {
            clears.remove((&board[..], revision))?;
            freed += CLEAR;
        }
        clears.insert((&board[..], clear), (now, DROPPED))?;
    }
    Ok(Some(freed))
}

/// The last such clear of some board that has one.
fn latest_of_a_board(
    clears: &impl ReadableTable<(&'static str, u64), (u64, u8)>,
    before: u64,
) -> Result<Option<(String, u64)>, redb::Error> {
    let mut latest: Option<(String, u64)> = None;
    for entry in clears.iter()? {
        let (place, clear) = entry?;
        let ((board, revision), (made, state)) = (place.value(), clear.value());
        if latest.as_ref().is_some_and(|(found, _)| found != board) {
            break;
        }
        if made < before && state == SHOWN {
            latest = Some((board.to_owned(), revision));
        }
    }
    Ok(latest)
}
