//! Which `hide` or `show` was the last to name an object. One that is the last for no object says nothing any more, and is
//! dropped: so a board does not grow by hiding and showing again and again, nor by hiding what is not there.

use redb::{ReadTransaction, ReadableTable, TableDefinition};

use super::tables::{ACTIONS, PLACE, Place, Tables, is_object};
use crate::protocol::{self, BoardName, Kind};

/// Board and object -> the last `hide` or `show` that names it.
pub(super) const MARKS: TableDefinition<'static, Place, u64> = TableDefinition::new("marks");
/// Board and `hide` or `show` -> for how many objects it is the last, and whether it hides.
pub(super) const CHANGES: TableDefinition<'static, Place, (u64, bool)> = TableDefinition::new("changes");
/// Those that are the last for none.
pub(super) const SPENT: TableDefinition<'static, Place, ()> = TableDefinition::new("spent");

/// The size of each in the file.
const MARK: u64 = PLACE + 8;
const CHANGE: u64 = PLACE + 8 + 1;
const SPENT_ONE: u64 = PLACE;

/// The most that is noted of an action of this kind, apart from the action itself.
pub(crate) fn mark_cost(kind: Kind, frame: &[u8]) -> u64 {
    match kind {
        Kind::Hide | Kind::Show => protocol::targets(frame).count() as u64 * MARK + CHANGE,
        _ => 0,
    }
}

impl Tables<'_> {
    /// Notes a `hide` or a `show`.
    pub(super) fn note_change(&mut self, board: &str, frame: &[u8], hides: bool) -> Result<(), redb::Error> {
        let revision = protocol::revision(frame);
        let mut named = 0;
        for object in protocol::targets(frame) {
            if !self.is_object(board, object)? {
                continue;
            }
            let before = self.marks.insert((board, object), revision)?.map(|before| before.value());
            match before {
                // Named twice.
                Some(before) if before == revision => continue,
                Some(before) => self.is_last_of_one_less(board, before)?,
                None => self.bytes += MARK,
            }
            named += 1;
            self.change_clear(board, object, hides)?;
        }
        if named == 0 {
            return self.spend(board, revision);
        }
        self.changes.insert((board, revision), (named, hides))?;
        self.bytes += CHANGE;
        Ok(())
    }

    /// Notes that a `hide` or a `show` is gone.
    pub(super) fn forget_change(&mut self, board: &str, frame: &[u8]) -> Result<(), redb::Error> {
        let revision = protocol::revision(frame);
        if self.spent.remove((board, revision))?.is_some() {
            self.freed(SPENT_ONE);
        }
        if self.changes.remove((board, revision))?.is_none() {
            return Ok(());
        }
        self.freed(CHANGE);
        for object in protocol::targets(frame) {
            let last = self.marks.get((board, object))?.map(|last| last.value());
            if last == Some(revision) {
                self.marks.remove((board, object))?;
                self.freed(MARK);
            }
        }
        Ok(())
    }

    /// Notes that an object is gone.
    pub(super) fn unmark(&mut self, board: &str, object: u64) -> Result<(), redb::Error> {
        let Some(last) = self.marks.remove((board, object))?.map(|last| last.value()) else { return Ok(()) };
        self.freed(MARK);
        self.is_last_of_one_less(board, last)
    }

    /// Takes out the first that says nothing any more.
    pub(super) fn take_spent(&mut self) -> Result<Option<(String, u64)>, redb::Error> {
        let first = self.spent.first()?.map(|(place, _)| (place.value().0.to_owned(), place.value().1));
        if let Some((board, revision)) = &first {
            self.spent.remove((&board[..], *revision))?;
            self.freed(SPENT_ONE);
        }
        Ok(first)
    }

    fn is_last_of_one_less(&mut self, board: &str, revision: u64) -> Result<(), redb::Error> {
        let change = self.changes.get((board, revision))?.map(|change| change.value());
        match change {
            Some((objects @ 2.., hides)) => {
                self.changes.insert((board, revision), (objects - 1, hides))?;
                Ok(())
            }
            Some(_) => {
                self.changes.remove((board, revision))?;
                self.freed(CHANGE);
                self.spend(board, revision)
            }
            None => Ok(()),
        }
    }

    fn spend(&mut self, board: &str, revision: u64) -> Result<(), redb::Error> {
        self.spent.insert((board, revision), ())?;
        self.bytes += SPENT_ONE;
        Ok(())
    }
}

/// Whether hiding these objects of the board, or showing them, changes anything.
pub(super) fn any_changes(
    transaction: &ReadTransaction,
    board: &BoardName,
    mut objects: impl Iterator<Item = u64>,
    hides: bool,
) -> Result<bool, redb::Error> {
    let board = board.as_str();
    let actions = transaction.open_table(ACTIONS)?;
    let (marks, changes) = (transaction.open_table(MARKS)?, transaction.open_table(CHANGES)?);
    objects.try_fold(false, |any, object| {
        if any || !actions.get((board, object))?.is_some_and(|record| is_object(record.value())) {
            return Ok(any);
        }
        let last = marks.get((board, object))?.map(|last| last.value());
        let change = last.map(|last| changes.get((board, last))).transpose()?.flatten();
        Ok(change.is_some_and(|change| change.value().1) != hides)
    })
}

/// Whether one of these objects of the board does not exist.
pub(super) fn any_is_gone(
    transaction: &ReadTransaction,
    board: &BoardName,
    mut objects: impl Iterator<Item = u64>,
) -> Result<bool, redb::Error> {
    let actions = transaction.open_table(ACTIONS)?;
    objects.try_fold(false, |any, object| Ok(any || actions.get((board.as_str(), object))?.is_none()))
}
