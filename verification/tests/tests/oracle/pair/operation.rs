//! What is done to a ring. Numbers that choose among readers wrap around; where there is nobody, nothing is done.

/// One step.
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operation {
    /// Publishes events of one type, of this length and longer.
    Publish { times: u8, len: u8, event_type: u32, may_wait: bool },
    /// Publishes such events in one call.
    PublishBatch { count: u8, len: u8, event_type: u32, may_wait: bool },
    /// A Subscriber joins.
    JoinReader(Joining),
    /// A Subscriber is cloned.
    CloneReader(u8),
    /// A Subscriber leaves.
    LeaveReader(u8),
    /// A Subscriber asks for events.
    Poll { who: u8, call: Call, times: u8 },
    /// A Consumer joins.
    JoinConsumer(Joining),
    /// A Consumer leaves.
    LeaveConsumer(u8),
    /// A Consumer is lent events, one by one or all that are ready; while it holds them, others are published.
    Receive { who: u8, all: bool, times: u8, published_meanwhile: u8, forgets: bool },
    /// The publisher leaves, and another one comes.
    ReplacePublisher,
}

/// Where a reader joins.
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Joining {
    Newest,
    Oldest,
    /// At a sequence: too old, retained, or not there yet.
    Around(u8),
}

/// Which of a Subscriber's calls.
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    TryRecv,
    /// On a ring of values, which has no such call, `TryRecv` as well.
    TryRead,
    /// Skips losses, and answers `Empty` for both ends.
    Next,
    /// Into room for this many events.
    TryReadBatch(u8),
}
