//! What a ring, or cells, say whose words cannot be.

use core::{error::Error, fmt};

/// A ring between processes, or latest-value cells between them, have words in them that nothing in this library leaves there: a process has written
/// over them.
///
/// Nothing in this process was harmed. What is one process's is never corrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Corrupt {
    /// Whose words they are.
    whose: &'static str,
    /// What is wrong.
    pub what: &'static str,
    /// The number that was found.
    pub found: u64,
}

impl Corrupt {
    pub(crate) const NEXT: &'static str = "its next sequence is beyond the last one that there can be, 2^62 - 2";
    pub(crate) const OVERRUN: &'static str =
        "a publisher went past a consumer that had not left its slot, with a sequence beyond the gate";

    #[cfg(feature = "alloc")]
    pub(crate) const KEY: &'static str = "a key's slot is none that there is, or another key's, too";
    #[cfg(feature = "alloc")]
    pub(crate) const HOLD: &'static str = "a reader's word was changed to what no writer makes it";
    #[cfg(feature = "alloc")]
    pub(crate) const UNWRITTEN: &'static str = "a key that was updated has a slot without a value";
    #[cfg(feature = "alloc")]
    pub(crate) const UPDATES: &'static str = "there were more updates than there can be, 2^62 - 2";

    pub(crate) fn new(what: &'static str, found: u64) -> Self {
        Corrupt { whose: "the ring is", what, found }
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn of_cells(what: &'static str, found: u64) -> Self {
        Corrupt { whose: "the latest-value cells are", what, found }
    }
}

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Corrupt { whose, what, found } = self;
        write!(
            f,
            "{whose} corrupt: {what}: {found}; a process that may write there has written over it: end its processes, remove the file, and create it again"
        )
    }
}

impl Error for Corrupt {}
