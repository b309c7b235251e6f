//! What went wrong on a ring that processes share, as it is noted.

/// Something that a process met on a ring that it shares with others, and dealt with: see [`Peers::note`](super::mapped::Peers::note).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Incident {
    /// The ring's words were such as nobody leaves there: [`Corrupt`](crate::Corrupt).
    Corrupt,
    /// A reader's process had ended, and its entry was freed.
    DeadReader,
    /// The sole publisher's process had ended, and another took its place.
    DeadPublisher,
    /// A sequence was given up by a reader that waited for it: its publisher was stopped, or killed, in the middle of a publish.
    GivenUp,
    /// A slot was freed in which a publisher had been killed.
    FreedSlot,
}

impl Incident {
    /// All of them, in an order that does not change.
    pub const ALL: [Incident; 5] =
        [Incident::Corrupt, Incident::DeadReader, Incident::DeadPublisher, Incident::GivenUp, Incident::FreedSlot];
}
