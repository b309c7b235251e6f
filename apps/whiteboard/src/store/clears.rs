//! What a `clear` hides goes from the disk in the end, unless it was undone.

use redb::{ReadTransaction, ReadableTable, Table, TableDefinition, TableError, WriteTransaction};

use super::record::Record;
use super::{ACTIONS, taken_by};
use crate::protocol::{self, BoardName, Kind};

/// Board and revision of a clear -> when it was made (seconds since 1970), and what became of it.
const CLEARS: TableDefinition<'static, (&'static str, u64), (u64, u8)> = TableDefinition::new("clears");
/// It hides its past.
const SHOWN: u8 = 0;
/// It was undone.
const HIDDEN: u8 = 1;
/// Its past is gone, for good.
const DROPPED: u8 = 2;

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

    /// Notes a stored action, if it is a clear, or hides or shows one.
    pub(super) fn note(&mut self, board: &BoardName, frame: &[u8]) -> Result<(), redb::Error> {
        let state = match protocol::kind(frame) {
            Some(Kind::Clear) => {
                self.table.insert((board.as_str(), protocol::revision(frame)), (self.now, SHOWN))?;
                return Ok(());
            }
            Some(Kind::Hide) => HIDDEN,
            Some(Kind::Show) => SHOWN,
            _ => return Ok(()),
        };
        for target in protocol::targets(frame) {
            let place = (board.as_str(), target);
            let clear = self.table.get(place)?.map(|clear| clear.value());
            if let Some((made, SHOWN | HIDDEN)) = clear {
                self.table.insert(place, (made, state))?;
            }
        }
        Ok(())
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

/// What was dropped.
#[derive(Debug, Default)]
pub(super) struct Dropped {
    pub(super) records: u64,
    pub(super) bytes: u64,
}

/// Drops some of what one clear hides that was made before `before` and is not hidden; whether there is more to do.
pub(super) fn drop_some(transaction: &WriteTransaction, before: u64) -> Result<(Dropped, bool), redb::Error> {
    let mut clears = transaction.open_table(CLEARS)?;
    let Some((board, clear)) = latest_of_a_board(&clears, before)? else {
        return Ok((Dropped::default(), false));
    };
    let mut actions = transaction.open_table(ACTIONS)?;
    let mut going = Vec::new();
    for entry in actions.range((&board[..], 0)..(&board[..], clear))? {
        let (place, record) = entry?;
        // What is damaged may be anything; it stays.
        if let Some(found) = Record::read(record.value())
            && protocol::kind(found.frame) != Some(Kind::Chat)
        {
            going.push((place.value().1, taken_by(record.value())));
            if going.len() == RECORDS {
                break;
            }
        }
    }
    let mut dropped = Dropped::default();
    for &(revision, bytes) in &going {
        actions.remove((&board[..], revision))?;
        dropped.records += 1;
        dropped.bytes += bytes;
    }
    if going.len() < RECORDS {
        // Its past is gone, and with it that of the clears before it.
        let done: Vec<(u64, u64)> = clears
            .range((&board[..], 0)..=(&board[..], clear))?
            .map(|entry| entry.map(|(place, clear)| (place.value().1, clear.value().0)))
            .collect::<Result<_, _>>()?;
        for (revision, made) in done {
            clears.insert((&board[..], revision), (made, DROPPED))?;
        }
    }
    Ok((dropped, true))
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
