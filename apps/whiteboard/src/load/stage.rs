//! The stages of a run, as its clients are told.

use tokio::time::Instant;

/// One stage after the other, in this order.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// Clients connect and become live.
    Gather,
    /// They send what is due, since this moment.
    Run(Instant),
    /// They send nothing new.
    Stop,
    /// They leave once they have everything up to this revision.
    Reach(u64),
    /// They leave at once.
    Over,
}
