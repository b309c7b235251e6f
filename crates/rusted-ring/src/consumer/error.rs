//! What a Consumer is told instead of an event.

use core::{error::Error, fmt};

/// The ring's table of readers is full, so its writers cannot wait for one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyConsumers;

impl fmt::Display for TooManyConsumers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ring's table of 64 readers is full, and a consumer needs an entry: drop a reader, or use a Reader, which may be unlisted")
    }
}

impl Error for TooManyConsumers {}

/// The ring is closed, and this Consumer has received everything in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

const CLOSED: &str = "the ring is closed, and everything in it was received";

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLOSED)
    }
}

impl Error for Closed {}

/// Why `try_recv` brought no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryRecvError {
    /// Nothing is ready; may change at once.
    Empty,
    /// The ring is closed and was received to its end.
    Closed,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryRecvError::Empty => "no event is ready",
            TryRecvError::Closed => CLOSED,
        })
    }
}

impl Error for TryRecvError {}

/// Why `recv_timeout` brought no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecvTimeoutError {
    /// Nothing was ready by the deadline.
    Timeout,
    /// The ring is closed and was received to its end.
    Closed,
}

impl fmt::Display for RecvTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RecvTimeoutError::Timeout => "no event came before the deadline",
            RecvTimeoutError::Closed => CLOSED,
        })
    }
}

impl Error for RecvTimeoutError {}
