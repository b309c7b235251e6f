//! What a `clear` hides goes from the disk in the end, unless it was undone.

use redb::{ReadableTable, Table, TableDefinition, TableError, WriteTransaction};

use super::record::Record;
use super::{ACTIONS, taken_by};
use crate::protocol::{self, BoardName, Kind};

/// Board and revision of a clear whose past is still here -> when it was made (seconds since 1970), and whether it is
/// hidden.
const CLEARS: TableDefinition<'static, (&'static str, u64), (u64, bool)> = TableDefinition::new("clears");

/// So many records are looked at in one transaction: the next commit waits for it.
const RECORDS: usize = 4096;

/// Makes the table if it is missing.
pub(super) fn make_table(transaction: &WriteTransaction) -> Result<(), TableError> {
    transaction.open_table(CLEARS).map(drop)
}

/// Notes what becomes of clears.
pub(super) struct Clears<'a> {
    table: Table<'a, (&'static str, u64), (u64, bool)>,
    now: u64,
}

impl<'a> Clears<'a> {
    /// Clears that are made in this transaction are made `now`.
    pub(super) fn of(transaction: &'a WriteTransaction, now: u64) -> Result<Self, TableError> {
        Ok(Clears { table: transaction.open_table(CLEARS)?, now })
    }

    /// Notes a stored action, if it is a clear, or hides or shows one.
    pub(super) fn note(&mut self, board: &BoardName, frame: &[u8]) -> Result<(), redb::Error> {
        let hidden = match protocol::kind(frame) {
            Some(Kind::Clear) => {
                self.table.insert((board.as_str(), protocol::revision(frame)), (self.now, false))?;
                return Ok(());
            }
            Some(Kind::Hide) => true,
            Some(Kind::Show) => false,
            _ => return Ok(()),
        };
        for target in protocol::targets(frame) {
            let place = (board.as_str(), target);
            let made = self.table.get(place)?.map(|clear| clear.value().0);
            if let Some(made) = made {
                self.table.insert(place, (made, hidden))?;
            }
        }
        Ok(())
    }
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
        let done: Vec<u64> = clears
            .range((&board[..], 0)..=(&board[..], clear))?
            .map(|entry| Ok(entry?.0.value().1))
            .collect::<Result<_, redb::Error>>()?;
        for revision in done {
            clears.remove((&board[..], revision))?;
        }
    }
    Ok((dropped, true))
}

/// The last such clear of some board that has one.
fn latest_of_a_board(
    clears: &impl ReadableTable<(&'static str, u64), (u64, bool)>,
    before: u64,
) -> Result<Option<(String, u64)>, redb::Error> {
    let mut latest: Option<(String, u64)> = None;
    for entry in clears.iter()? {
        let (place, clear) = entry?;
        let ((board, revision), (made, hidden)) = (place.value(), clear.value());
        if latest.as_ref().is_some_and(|(found, _)| found != board) {
            break;
        }
        if made < before && !hidden {
            latest = Some((board.to_owned(), revision));
        }
    }
    Ok(latest)
}
