//! Where a reader begins.

use crate::{
    Sequence,
    ring::{Mode, RingView, Slot},
};

/// Where a Subscriber or Consumer joins its ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the next event to be published.
    Newest,
    /// At the oldest event that the ring retains. A Consumer may begin up to an eighth of the ring later, and on a ring of
    /// [long events](crate::Bytes#long-events) by the slots of two of these more.
    ///
    /// An event whose slot a claim has entered is not retained, even if the claim was given up.
    Oldest,
    /// At this sequence. If it is no longer retained, a Subscriber is told of the loss, and a Consumer silently joins as if by
    /// [`Oldest`](Start::Oldest). If it is not published yet, it counts as [`Newest`](Start::Newest).
    At(Sequence),
}

impl Start {
    pub(crate) fn resolve<S: Slot, M: Mode>(self, view: RingView<'_, S, M>) -> u64 {
        let claimed = view.claimed(0);
        match self {
            Start::Newest => claimed,
            Start::Oldest => claimed.saturating_sub(view.lap()),
            Start::At(sequence) => sequence.get().min(claimed),
        }
    }
}
