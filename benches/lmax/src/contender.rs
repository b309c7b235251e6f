//! What a Rust contender does for a workload.

use crate::wait::Wait;

/// A ring, and the endpoints on it.
pub(crate) trait Contender {
    /// A ring of `capacity` longs with this many endpoints; the consumers are there before the first event.
    fn open(
        capacity: usize,
        producers: usize,
        consumers: usize,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>);
}

/// A producer. Dropped with all others, it closes the ring.
pub(crate) trait Publish: Send {
    /// Whether there was room.
    fn publish(&mut self, value: i64) -> bool;
    /// How many of `values` there was room for, from the first on.
    fn publish_batch(&mut self, values: &[i64]) -> usize;
}

/// What a look at a ring found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Events,
    Nothing,
    /// Nothing, for ever: the producers are gone.
    Closed,
}

/// A consumer.
pub(crate) trait Receive: Send {
    /// Hands over all that is ready, in order.
    fn receive(&mut self, handle: impl FnMut(i64)) -> Look;
    /// Waits for the next event; none, once the ring is closed.
    fn next(&mut self, wait: Wait) -> Option<i64>;
}
