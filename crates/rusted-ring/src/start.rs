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
    /// At the oldest event the ring retains; for a Consumer, up to an eighth of the ring younger, and on a ring of
    /// [long events](crate::Bytes#long-events), by the slots of two of these more.
    ///
    /// An event whose slot a claim has entered is not retained, also if the claim was given up.
    Oldest,
    /// At this sequence. One that is not retained any more is reported to a Subscriber as a loss, and a Consumer joins, without a word, as
    /// if by [`Oldest`](Start::Oldest); one that was not published yet counts as [`Newest`](Start::Newest).
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
