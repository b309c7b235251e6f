//! Where an overtaken Reader goes on.

/// Where a Reader goes on after writers overtook it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resync {
    /// An eighth of the ring past the oldest event still whole, so that it is not overtaken again before the writers
    /// advance by as much. Loses as little as is safe.
    #[default]
    Margin,
    /// At the next event to be published, for whom only the present counts.
    Newest,
}

impl Resync {
    /// The sequence to go on at, on a ring of `lap` slots of which all below `claimed` were claimed.
    pub(super) fn target(self, claimed: u64, lap: u64) -> u64 {
        match self {
            Resync::Margin => claimed.saturating_sub(lap) + lap / 8,
            Resync::Newest => claimed,
        }
    }
}
