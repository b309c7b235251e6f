//! What is done to a ring, as the fuzzer's bytes say it.

use arbitrary::Arbitrary;

use crate::real::Call;

/// One step. Numbers that choose among readers wrap around, and a step for which there is nobody does nothing.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Operation {
    /// Publishes events of one type, of this length and longer.
    Publish { times: u8, len: u8, event_type: u32, may_wait: bool },
    /// A Reader joins.
    JoinReader(From),
    /// A Reader is cloned.
    CloneReader(u8),
    /// A Reader leaves.
    LeaveReader(u8),
    /// A Reader asks for events.
    Poll { who: u8, how: Asking, times: u8 },
    /// A Consumer joins.
    JoinConsumer(From),
    /// A Consumer leaves.
    LeaveConsumer(u8),
    /// A Consumer is lent events; while it holds each, others are published.
    Receive { who: u8, times: u8, published_meanwhile: u8, forgets: bool },
    /// The writer leaves, and another one comes.
    ReplaceWriter,
}

/// Where a reader joins.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum From {
    /// At the next event.
    Newest,
    /// At the oldest event retained.
    Oldest,
    /// At a sequence: too old, retained, or not there yet.
    Around(u8),
}

/// By which of a Reader's calls.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Asking {
    /// `try_recv`.
    TryRecv,
    /// `try_read`.
    TryRead,
    /// The iterator's `next`.
    Next,
}

impl Asking {
    pub(crate) fn call(self) -> Call {
        match self {
            Asking::TryRecv => Call::TryRecv,
            Asking::TryRead => Call::TryRead,
            Asking::Next => Call::Next,
        }
    }
}
