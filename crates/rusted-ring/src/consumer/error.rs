//! What a Consumer is told instead of an event.

use core::{error::Error, fmt};

use crate::Corrupt;

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
    /// The ring is one between processes, and corrupt.
    Corrupt(Corrupt),
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryRecvError::Empty => f.write_str(EMPTY),
            TryRecvError::Closed => f.write_str(CLOSED),
            TryRecvError::Corrupt(corrupt) => corrupt.fmt(f),
        }
    }
}

impl Error for TryRecvError {}

impl TryRecvError {
    /// What it says to a wait without a deadline, on a ring that lends.
    ///
    /// # Panics
    ///
    /// If the ring is corrupt: its processes were trusted.
    #[cold]
    pub(crate) fn ends_a_wait(self) -> Closed {
        match self {
            TryRecvError::Closed => Closed,
            TryRecvError::Corrupt(corrupt) => panic!("{corrupt}"),
            TryRecvError::Empty => unreachable!("a wait without a deadline ends only with an answer"),
        }
    }
}

/// Why `copy` brought no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CopyError {
    /// The ring is closed, or those that go first have ended, and everything was received.
    Closed,
    /// The ring is one between processes, and corrupt.
    Corrupt(Corrupt),
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CopyError::Closed => f.write_str(CLOSED),
            CopyError::Corrupt(corrupt) => corrupt.fmt(f),
        }
    }
}

impl Error for CopyError {}
