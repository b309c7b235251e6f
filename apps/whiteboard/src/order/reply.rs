//! What becomes of an action, as its sender is told.

/// The answer to one submitted action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// It has this place in the board's order; it counts as saved once that revision is committed.
    At {
        /// The id the page gave it.
        action: u64,
        /// Its place.
        revision: u64,
    },
    /// It was not taken; the page sends it again later.
    Busy {
        /// The id the page gave it.
        action: u64,
    },
    /// It will never be taken.
    Refused {
        /// The id the page gave it.
        action: u64,
        /// Why, for a person.
        reason: String,
    },
}
