//! What a Consumer is told instead of an event.

use core::{error::Error, fmt};

/// The ring's table of readers is full, so its publishers cannot wait for one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyConsumers;

impl fmt::Display for TooManyConsumers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ring's table of 64 readers is full, and a consumer needs an entry: drop a reader, or use a Subscriber, which may be unlisted")
    }
}

impl Error for TooManyConsumers {}

/// Why no Consumer came after others.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JoinAfterError {
    /// The ring's table of readers is full.
    TooManyConsumers,
    /// One of those to come after is on another ring.
    AnotherRing,
}

#[cfg(feature = "std")]
impl fmt::Display for JoinAfterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JoinAfterError::TooManyConsumers => TooManyConsumers.fmt(f),
            JoinAfterError::AnotherRing => f.write_str(
                "a consumer comes after consumers of its own ring, and one of these is on another: have it receive from the \
                 ring that they publish to",
            ),
        }
    }
}

#[cfg(feature = "std")]
impl Error for JoinAfterError {}

/// The ring is closed, or those that go first have ended, and this Consumer has received everything that it will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

const CLOSED: &str = "the ring is closed, or the stages before have ended, and everything was received";

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
    /// The ring is closed, or those that go first have ended, and everything was received.
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
    /// The ring is closed, or those that go first have ended, and everything was received.
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
