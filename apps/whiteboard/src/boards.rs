//! The boards that are open, and their numbers.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard, Weak};

use crate::protocol::{BoardId, BoardName};

/// Names and numbers. A number is valid while anyone has the board open, and no other board gets it later; the store goes by
/// names. There are as many as connections and actions on their way to the disk hold open, and both are bounded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Boards(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    by_name: HashMap<BoardName, Weak<Entry>>,
    by_number: HashMap<BoardId, BoardName>,
    next: u32,
}

/// An open board; it is closed when the last clone is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Open(Arc<Entry>);

#[derive(Debug)]
struct Entry {
    boards: Boards,
    name: BoardName,
    number: BoardId,
}

impl Boards {
    /// Numbers boards from this one on. Who takes another in each run notices what another run has put into its rings.
    pub(crate) fn numbered_from(number: u32) -> Self {
        Boards(Arc::new(RwLock::new(Known { next: number, ..Known::default() })))
    }

    /// Opens this board, with a new number if nobody has it open.
    pub(crate) fn open(&self, name: &BoardName) -> Open {
        let mut known = self.known();
        if let Some(entry) = known.by_name.get(name).and_then(Weak::upgrade) {
            return Open(entry);
        }
        let number = known.unused();
        let entry = Arc::new(Entry { boards: self.clone(), name: name.clone(), number });
        known.by_name.insert(name.clone(), Arc::downgrade(&entry));
        known.by_number.insert(number, name.clone());
        Open(entry)
    }

    /// The board with this number, if it is open.
    pub(crate) fn name(&self, number: BoardId) -> Option<BoardName> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).by_number.get(&number).cloned()
    }

    /// The boards that are open.
    pub(crate) fn count(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).by_number.len()
    }

    fn known(&self) -> RwLockWriteGuard<'_, Known> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Returns a number that no board has, and none had for four thousand million boards.
    fn unused(&mut self) -> BoardId {
        loop {
            let number = BoardId::new(self.next);
            self.next = self.next.wrapping_add(1);
            if !self.by_number.contains_key(&number) {
                return number;
            }
        }
    }
}

impl Open {
    /// Its number.
    pub(crate) fn number(&self) -> BoardId {
        self.0.number
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut known = self.boards.known();
        known.by_number.remove(&self.number);
        // It may have been opened again already, under another number.
        if known.by_name.get(&self.name).is_some_and(|entry| entry.strong_count() == 0) {
            known.by_name.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: usize) -> BoardName {
        format!("board-{number}").parse().expect("a name")
    }

    #[test]
    fn an_open_board_keeps_its_number_and_no_other_has_it() {
        let boards = Boards::default();
        let [a, b, again] = [0, 1, 0].map(|number| boards.open(&name(number)));
        assert_ne!(a.number(), b.number());
        assert_eq!(again.number(), a.number());
        drop(a);
        assert_eq!(boards.name(again.number()), Some(name(0)), "someone has it");
        assert_eq!(boards.name(b.number()), Some(name(1)));
    }

    #[test]
    fn a_board_that_nobody_has_open_takes_nothing_and_its_number_is_not_used_again() {
        let boards = Boards::default();
        let number = boards.open(&name(0)).number();
        assert_eq!(boards.name(number), None);
        for board in 0..10_000 {
            assert_ne!(boards.open(&name(board)).number(), number);
        }
        let known = boards.known();
        assert_eq!((known.by_name.len(), known.by_number.len()), (0, 0));
    }
}
