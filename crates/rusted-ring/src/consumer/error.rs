//! What a Consumer is told instead of an event.

use core::{error::Error, fmt};

const EMPTY: &str = "no event is ready: look again later, or wait for one with `recv`";
const CLOSED: &str = "the ring is closed, or the stages before have ended, and everything was received: no event will come, so drop this consumer";

/// The ring is closed, or those that go first have ended, and this Consumer has received everything that it will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLOSED)
    }
}

impl Error for Closed {}

/// Why `try_recv` or `recv_timeout` brought no event. A loss is not among it: a Consumer has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryRecvError {
    /// Nothing is ready, or nothing came in the time given. May change at once.
    Empty,
    /// The ring is closed, or those that go first have ended, and everything was received.
    Closed,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryRecvError::Empty => EMPTY,
            TryRecvError::Closed => CLOSED,
        })
    }
}

impl Error for TryRecvError {}
