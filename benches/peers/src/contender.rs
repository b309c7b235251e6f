//! What everything that is measured has in common.

use crate::payload::Tally;
use crate::poll::Poll;

/// How many ends are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) writers: usize,
    pub(crate) readers: usize,
}

impl Shape {
    pub(crate) const PAIR: Shape = Shape { writers: 1, readers: 1 };
}

/// Something that carries events from threads to threads.
pub(crate) trait Contender {
    /// The ends of one that was just made: payloads of `W` words, which is `N` bytes, in `CAP` slots.
    ///
    /// It is asked only for shapes that its row in the table does not refuse.
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>);
}

/// Something whose readers can come after one another.
pub(crate) trait Staged {
    /// A writer of single words into `CAP` slots, and three readers, each of which is handed a word once the one before has
    /// left it.
    fn stages<const CAP: usize>()
    -> (impl Publish + 'static, impl Receive + 'static, impl Receive + 'static, impl Receive + 'static);
}

/// Where events go in.
pub(crate) trait Publish: Send {
    /// Publishes the event of this sequence, waiting by `poll` while there is no room.
    fn publish(&mut self, sequence: u64, poll: Poll);

    /// Publishes the `BATCH` events that begin with this sequence.
    fn publish_batch(&mut self, _first: u64, _poll: Poll) {
        unreachable!("the table refuses batches to those that have none");
    }
}

/// Where events come out.
pub(crate) trait Receive: Send {
    /// Hands `tally` what is ready, one event where one can be had; returns whether there was any.
    fn receive(&mut self, tally: &mut Tally) -> bool;

    /// Hands over all that is ready, or up to `BATCH`.
    fn receive_batch(&mut self, tally: &mut Tally) -> bool {
        self.receive(tally)
    }
}
