//! What goes wrong when publishing.

use core::{error::Error, fmt};

use crate::ring::{NoClaim, Refused};

const FULL: &str = "the ring is full: its slowest consumer has not left the next slot yet";
const STAYED_FULL: &str = "the ring stayed full until the deadline: a consumer is too slow, or stopped";
const EXHAUSTED: &str = "the ring has given out its last sequence, 2^62 - 2: make a new ring";

/// An event exceeds what the ring takes.
pub(crate) struct TooLarge {
    pub(super) data_len: usize,
    pub(super) max_size: usize,
}

fn too_large(f: &mut fmt::Formatter<'_>, data_len: usize, max_size: usize) -> fmt::Result {
    write!(
        f,
        "the event has {data_len} bytes, and this ring takes {max_size}: use a larger size class, or a ring that is made for long events"
    )
}

/// Each error's cases by their cause: a ring that is full, `$full`, one that is exhausted, and an event that is too large.
macro_rules! causes {
    ($($error:ident: $full:expr $(, $too_large:ident)?;)*) => {$(
        impl From<NoClaim> for $error {
            fn from(cause: NoClaim) -> Self {
                match cause {
                    NoClaim::Full => $full,
                    NoClaim::Exhausted => $error::Exhausted,
                }
            }
        }

        $(impl From<TooLarge> for $error {
            fn from($too_large { data_len, max_size }: TooLarge) -> Self {
                $error::$too_large { data_len, max_size }
            }
        })?
    )*};
}

causes! {
    TryPublishError: TryPublishError::Full, TooLarge;
    PublishError: unreachable!("a wait without a deadline ends only when the ring is no longer full"), TooLarge;
    PublishTimeoutError: PublishTimeoutError::Timeout, TooLarge;
    TryClaimError: TryClaimError::Full;
    ClaimError: unreachable!("a wait without a deadline ends only when the ring is no longer full");
    ClaimTimeoutError: ClaimTimeoutError::Timeout;
}

/// Why a ring could not be joined by a publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JoinError {
    /// The ring closed with its last publisher, for good.
    Closed,
    /// The ring takes one publisher at a time, and has one.
    Occupied,
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JoinError::Closed => {
                "the ring closed when its last publisher left: make a new ring, or one that never closes"
            }
            JoinError::Occupied => {
                "the ring takes one publisher at a time and has one: drop it first, or use a ring of mode Many"
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
    /// The data exceeds what an event of this ring may have.
    TooLarge {
        /// Bytes offered.
        data_len: usize,
        /// Bytes of an event at most.
        max_size: usize,
    },
    /// All of the ring's sequences are used up; the last is [`Sequence::LAST`](crate::Sequence::LAST).
    Exhausted,
}

impl fmt::Display for TryPublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            TryPublishError::Full => f.write_str(FULL),
            TryPublishError::TooLarge { data_len, max_size } => too_large(f, data_len, max_size),
            TryPublishError::Exhausted => f.write_str(EXHAUSTED),
        }
    }
}

impl Error for TryPublishError {}

/// Why `publish` published nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishError {
    /// The data exceeds what an event of this ring may have.
    TooLarge {
        /// Bytes offered.
        data_len: usize,
        /// Bytes of an event at most.
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
    /// The data exceeds what an event of this ring may have.
    TooLarge {
        /// Bytes offered.
        data_len: usize,
        /// Bytes of an event at most.
        max_size: usize,
    },
    /// All of the ring's sequences are used up; the last is [`Sequence::LAST`](crate::Sequence::LAST).
    Exhausted,
}

impl fmt::Display for PublishTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            PublishTimeoutError::Timeout => f.write_str(STAYED_FULL),
            PublishTimeoutError::TooLarge { data_len, max_size } => too_large(f, data_len, max_size),
            PublishTimeoutError::Exhausted => f.write_str(EXHAUSTED),
        }
    }
}

impl Error for PublishTimeoutError {}

/// Why `try_claim` claimed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryClaimError {
    /// A Consumer has not left the next slot yet.
    Full,
    /// All of the ring's sequences are used up; the last is [`Sequence::LAST`](crate::Sequence::LAST).
    Exhausted,
}

impl fmt::Display for TryClaimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryClaimError::Full => FULL,
            TryClaimError::Exhausted => EXHAUSTED,
        })
    }
}

impl Error for TryClaimError {}

/// Why `claim` claimed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimError {
    /// All of the ring's sequences are used up; the last is [`Sequence::LAST`](crate::Sequence::LAST).
    Exhausted,
}

impl fmt::Display for ClaimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXHAUSTED)
    }
}

impl Error for ClaimError {}

/// Why `claim_timeout` claimed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimTimeoutError {
    /// The ring was still full at the deadline.
    Timeout,
    /// All of the ring's sequences are used up; the last is [`Sequence::LAST`](crate::Sequence::LAST).
    Exhausted,
}

impl fmt::Display for ClaimTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ClaimTimeoutError::Timeout => STAYED_FULL,
            ClaimTimeoutError::Exhausted => EXHAUSTED,
        })
    }
}

impl Error for ClaimTimeoutError {}

/// The claim took too long: its sequence was given up by those who waited for it, and is a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked;

impl fmt::Display for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the claim was held for too long, others went on, and its event was given up: claim and write it again",
        )
    }
}

impl Error for Revoked {}

/// What was to be appended exceeds what is left of the claim's slot; nothing of it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom {
    /// Bytes offered.
    pub data_len: usize,
    /// Bytes left in the slot.
    pub remaining: usize,
}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NoRoom { data_len, remaining } = self;
        write!(f, "{data_len} bytes do not fit the {remaining} left in the slot: use a larger size class")
    }
}

impl Error for NoRoom {}
