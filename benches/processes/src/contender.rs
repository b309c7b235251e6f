//! What a contender can do.

use crate::payload::Words;
use crate::poll::Poll;

/// A way to carry events from one process to another.
pub(crate) trait Contender {
    /// Makes the channel `name`, with room for `slots` events, and is the process that writes it.
    fn writer<const W: usize>(name: &str, slots: usize) -> anyhow::Result<impl Publish<W>>;

    /// Joins the channel `name`, which is there, as the process that reads it.
    fn reader<const W: usize>(name: &str, slots: usize) -> anyhow::Result<impl Receive<W>>;
}

/// The end that writes.
pub(crate) trait Publish<const W: usize> {
    /// Called once the reader has joined, and before anything is measured.
    fn begin(&mut self) {}

    /// Publishes the whole event that begins with `first`, and waits for room as `poll` says.
    fn publish(&mut self, first: u64, poll: Poll);
}

/// The end that reads.
pub(crate) trait Receive<const W: usize> {
    /// Shows the next event, if there is one; returns whether there was.
    fn receive(&mut self, see: impl FnOnce(&Words<W>)) -> bool;
}
