//! What becomes of what a page sent, as it is told.

/// The answer to one submitted action, or to a page that asked for a sign of life.
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
    /// This server hears the page.
    Alive,
}
