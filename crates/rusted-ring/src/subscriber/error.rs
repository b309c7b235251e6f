//! What a Subscriber is told instead of an event.

use core::{error::Error, fmt};

use crate::Sequence;

/// Events were overwritten before this Subscriber came to them.
///
/// Said once for each time it happens. The events from `from` up to, not including, `to` are counted as lost, and
/// the Subscriber stands at `to`, usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lagged {
    /// The first sequence lost.
    pub from: Sequence,
    /// Where the Subscriber goes on.
    pub to: Sequence,
}

impl Lagged {
    /// Returns how many sequences were lost.
    pub fn count(&self) -> u64 {
        self.to.get() - self.from.get()
    }
}

impl fmt::Display for Lagged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the publishers lapped this reader: {} sequences from {} on are lost, and it goes on at {}: read sooner, use a \
             larger ring, or a Consumer, which publishers wait for",
            self.count(),
            self.from,
            self.to
        )
    }
}

impl Error for Lagged {}

const EMPTY: &str = "no event is ready: look again later, or wait for one with `recv`";
const CLOSED: &str = "the ring is closed, and everything in it was read: no event will come, so drop this reader";

/// Why `try_recv` or `recv_timeout` brought no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryRecvError {
    /// Nothing is ready, or nothing came in the time given. May change at once.
    Empty,
    /// Events were lost.
    Lagged(Lagged),
    /// The ring is closed and was read to its end.
    Closed,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryRecvError::Empty => f.write_str(EMPTY),
            TryRecvError::Lagged(lagged) => lagged.fmt(f),
            TryRecvError::Closed => f.write_str(CLOSED),
        }
    }
}

impl Error for TryRecvError {}

/// Why `recv` brought no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecvError {
    /// Events were lost.
    Lagged(Lagged),
    /// The ring is closed and was read to its end.
    Closed,
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecvError::Lagged(lagged) => lagged.fmt(f),
            RecvError::Closed => f.write_str(CLOSED),
        }
    }
}

impl Error for RecvError {}

impl From<TryRecvError> for RecvError {
    fn from(error: TryRecvError) -> Self {
        match error {
            TryRecvError::Empty => unreachable!("a wait without a deadline ends only with an answer"),
            TryRecvError::Lagged(lagged) => RecvError::Lagged(lagged),
            TryRecvError::Closed => RecvError::Closed,
        }
    }
}
