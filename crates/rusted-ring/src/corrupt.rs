//! What a ring says whose words cannot be.

use core::{error::Error, fmt};

/// A ring between processes has words in it that no publisher and no reader of this library leaves there: a process has written over them.
///
/// Nothing in this process was harmed. A ring of one process is never corrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Corrupt {
    /// What is wrong.
    pub what: &'static str,
    /// The number that was found.
    pub found: u64,
}

impl Corrupt {
    pub(crate) const NEXT: &'static str = "its next sequence is beyond the last one that there can be, 2^62 - 2";
    pub(crate) const OVERRUN: &'static str =
        "a publisher went past a consumer that had not left its slot, with a sequence beyond the gate";

    pub(crate) fn new(what: &'static str, found: u64) -> Self {
        Corrupt { what, found }
    }
}

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Corrupt { what, found } = self;
        write!(
            f,
            "the ring is corrupt: {what}: {found}; a process that may write it has written over it: end its processes, remove it, and \
             create it again"
        )
    }
}

impl Error for Corrupt {}
