//! The boards that were opened in this run, and their numbers.

use std::collections::HashMap;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use crate::protocol::{BoardId, BoardName};

/// So many boards have a number; names are small, but not for nothing.
const MOST: usize = 4096;

/// Names and numbers. A number holds as long as the server runs; what is stored goes by names.
#[derive(Debug, Default)]
pub(crate) struct Boards(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    ids: HashMap<BoardName, BoardId>,
    /// By number.
    names: Vec<BoardName>,
}

/// More boards than one run opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MOST} boards were opened since the server was started, and it opens no more")
    }
}

impl std::error::Error for TooMany {}

impl Boards {
    /// The number of this board, a new one if it has none yet.
    pub(crate) fn number(&self, name: &BoardName) -> Result<BoardId, TooMany> {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(&id) = known.ids.get(name) {
            return Ok(id);
        }
        let id = u32::try_from(known.names.len()).map(BoardId::new).map_err(|_| TooMany)?;
        if known.names.len() >= MOST {
            return Err(TooMany);
        }
        known.names.push(name.clone());
        known.ids.insert(name.clone(), id);
        Ok(id)
    }

    /// The board with this number, if there is one.
    pub(crate) fn name(&self, id: BoardId) -> Option<BoardName> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.names.get(usize::try_from(id.get()).ok()?).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: usize) -> BoardName {
        format!("board-{number}").parse().expect("a name")
    }

    #[test]
    fn a_board_keeps_its_number_and_no_other_has_it() {
        let boards = Boards::default();
        let [a, b] = [0, 1].map(|number| boards.number(&name(number)).expect("room"));
        assert_ne!(a, b);
        assert_eq!(boards.number(&name(0)), Ok(a));
        assert_eq!((boards.name(a), boards.name(b)), (Some(name(0)), Some(name(1))));
        assert_eq!(boards.name(BoardId::new(2)), None);
    }

    #[test]
    fn there_are_not_too_many() {
        let boards = Boards::default();
        for number in 0..MOST {
            assert!(boards.number(&name(number)).is_ok());
        }
        assert_eq!(boards.number(&name(MOST)), Err(TooMany));
        assert!(boards.number(&name(7)).is_ok(), "known ones are");
    }
}
