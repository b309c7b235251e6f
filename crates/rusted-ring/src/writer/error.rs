//! What goes wrong when publishing.

use core::{error::Error, fmt};

use crate::ring::{ClaimError, Refused};

const EXHAUSTED: &str = "the ring has given out its last sequence, 2^62 - 2: make a new ring";

fn too_large(f: &mut fmt::Formatter<'_>, data_len: usize, max_size: usize) -> fmt::Result {
    write!(f, "the event has {data_len} bytes, and a slot of this ring holds {max_size}: use a larger size class")
}

/// Why a ring could not be joined by a writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JoinError {
    /// The ring closed with its last writer, for good.
    Closed,
    /// The ring takes one writer at a time, and has one.
    Occupied,
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JoinError::Closed => "the ring closed when its last writer left: make a new ring, or one that never closes",
            JoinError::Occupied => {
                "the ring takes one writer at a time and has one: drop it first, or use a ring of mode Many"
            }
        })
    }
}

impl Error for JoinError {}

impl From<Refused> for JoinError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Closed => JoinError::Closed,
            Refused::Occupied => JoinError::Occupied,
        }
    }
}

/// Why `try_publish` published nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryPublishError {
    /// A Consumer has not left the next slot yet.
    Full,
    /// The data exceeds the ring's slots.
    TooLarge {
        /// Bytes offered.
        data_len: usize,
        /// Bytes a slot holds.
        max_size: usize,
    },
    /// All of the ring's sequences are used up; the last is [`Sequence::LAST`](crate::Sequence::LAST).
    Exhausted,
}

impl fmt::Display for TryPublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            TryPublishError::Full => {
                f.write_str("the ring is full: its slowest consumer has not left the next slot yet")
            }
            TryPublishError::TooLarge { data_len, max_size } => too_large(f, data_len, max_size),
            TryPublishError::Exhausted => f.write_str(EXHAUSTED),
        }
    }
}

impl Error for TryPublishError {}

impl From<ClaimError> for TryPublishError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Full => TryPublishError::Full,
            ClaimError::Exhausted => TryPublishError::Exhausted,
        }
    }
}

/// Why `publish` published nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishError {
    /// The data exceeds the ring's slots.
    TooLarge {
        /// Bytes offered.
        data_len: usize,
        /// Bytes a slot holds.
        max_size: usize,
    },
    /// All of the ring's sequences are used up; the last is [`Sequence::LAST`](crate::Sequence::LAST).
    Exhausted,
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            PublishError::TooLarge { data_len, max_size } => too_large(f, data_len, max_size),
            PublishError::Exhausted => f.write_str(EXHAUSTED),
        }
    }
}

impl Error for PublishError {}

/// Why `publish_timeout` published nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishTimeoutError {
    /// The ring was still full at the deadline.
    Timeout,
    /// The data exceeds the ring's slots.
    TooLarge {
        /// Bytes offered.
        data_len: usize,
        /// Bytes a slot holds.
        max_size: usize,
    },
    /// All of the ring's sequences are used up; the last is [`Sequence::LAST`](crate::Sequence::LAST).
    Exhausted,
}

impl fmt::Display for PublishTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            PublishTimeoutError::Timeout => {
                f.write_str("the ring stayed full until the deadline: a consumer is too slow, or stopped")
            }
            PublishTimeoutError::TooLarge { data_len, max_size } => too_large(f, data_len, max_size),
            PublishTimeoutError::Exhausted => f.write_str(EXHAUSTED),
        }
    }
}

impl Error for PublishTimeoutError {}

impl From<TryPublishError> for PublishTimeoutError {
    fn from(error: TryPublishError) -> Self {
        match error {
            TryPublishError::Full => PublishTimeoutError::Timeout,
            TryPublishError::TooLarge { data_len, max_size } => PublishTimeoutError::TooLarge { data_len, max_size },
            TryPublishError::Exhausted => PublishTimeoutError::Exhausted,
        }
    }
}

impl From<TryPublishError> for PublishError {
    fn from(error: TryPublishError) -> Self {
        match error {
            TryPublishError::Full => {
                unreachable!("a wait without a deadline ends only when the ring is no longer full")
            }
            TryPublishError::TooLarge { data_len, max_size } => PublishError::TooLarge { data_len, max_size },
            TryPublishError::Exhausted => PublishError::Exhausted,
        }
    }
}
