//! The answers to what a page sent.

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
    /// It was not accepted; the page sends it again later.
    Busy {
        /// The id the page gave it.
        action: u64,
    },
    /// It will never be accepted.
    Refused {
        /// The id the page gave it.
        action: u64,
        /// Why, for a person.
        reason: String,
    },
    /// This server hears the page.
    Alive,
}
