//! Where an overtaken Subscriber goes on.

/// Where a Subscriber goes on after publishers overtook it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resync {
    /// An eighth of the ring past the oldest event still whole, so that it is not overtaken again before the publishers
    /// advance by as much. Loses as little as is safe: what a sole publisher's claim has entered, and not published, costs exactly
    /// that.
    #[default]
    Margin,
    /// At the next event to be published: for readers to which only the present counts.
    Newest,
}

impl Resync {
    /// The sequence to go on at for a reader at `from`, on a ring of `lap` slots of which all below `claimed` were claimed, and all
    /// below `entered` may have been written to.
    pub(super) fn target(self, from: u64, lap: u64, claimed: u64, entered: u64) -> u64 {
        let whole = entered.saturating_sub(lap);
        match self {
            // The slot was entered by a claim that has published nothing there, and may never: it costs what it may have written.
            Resync::Margin if claimed <= from + lap => whole,
            Resync::Margin => whole + lap / 8,
            Resync::Newest => claimed,
        }
    }
}
