//! What happens in a case.

use std::fmt;

use rusted_ring::{ClosePolicy, wait::WaitStrategy};

use crate::{case::Choose, rng::Rng};

#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) is_sole: bool,
    pub(super) capacity: usize,
    /// Which of the sizes of a slot.
    pub(super) size: u64,
    pub(super) closes: bool,
    /// Whether a publisher stays to the end, so that the ring does not close before.
    pub(super) is_kept: bool,
    pub(super) publishers: usize,
    pub(super) consumers: usize,
    pub(super) readers: usize,
    /// Of each publisher.
    pub(super) events: u64,
    /// One turn in this many is an odd one; 0 for none.
    pub(super) odd_turns: u64,
    pub(super) forgets: usize,
    /// One visit of a reader in this many ends at each event.
    pub(super) leaves: u64,
    /// Consumers come after others.
    pub(super) in_line: bool,
    /// One event in this many takes its reader a while.
    pub(super) slow: u64,
    /// Readers that come and go all at once, more than the ring lists.
    pub(super) has_crowd: bool,
    pub(super) strategy: WaitStrategy,
}

const CAPACITIES: [usize; 20] = [1, 1, 2, 2, 3, 4, 4, 5, 6, 7, 8, 9, 11, 13, 13, 16, 16, 64, 64, 1000];

impl Plan {
    /// The capacity of the last of the sizes, whose ring is a value.
    pub(super) const IN_A_VALUE: usize = 13;

    pub(super) fn of(rng: &mut Rng) -> Self {
        let is_sole = rng.one_in(2);
        let size = rng.below(4);
        let capacity = if size == 3 { Self::IN_A_VALUE } else { rng.one_of(&CAPACITIES) };
        let consumers = rng.below(5) as usize;
        let most = if rng.one_in(6) { 4000 } else { 500 };
        Plan {
            is_sole,
            capacity,
            size,
            closes: size != 3 && rng.one_in(2),
            is_kept: !rng.one_in(4),
            publishers: if is_sole { 1 } else { rng.up_to(3) as usize },
            consumers,
            readers: if consumers == 0 { rng.up_to(3) } else { rng.below(3) } as usize,
            events: 20 + rng.below(most),
            odd_turns: rng.one_of(&[0, 2, 8, 30]),
            forgets: if rng.one_in(4) { (capacity / 2).min(3) } else { 0 },
            leaves: rng.one_of(&[20, 100, 1000, 1_000_000]),
            in_line: rng.one_in(3),
            slow: rng.one_of(&[0, 0, 200, 20]),
            has_crowd: rng.one_in(8),
            strategy: rng.one_of(&[
                WaitStrategy::Park,
                WaitStrategy::Park,
                WaitStrategy::Park,
                WaitStrategy::Backoff,
                WaitStrategy::Yield,
            ]),
        }
    }

    pub(super) fn policy(&self) -> ClosePolicy {
        if self.closes { ClosePolicy::WithLastPublisher } else { ClosePolicy::Never }
    }

    /// Events of one batch at most.
    pub(super) const BATCH: u64 = 12;

    /// Whether the ring may be full for once: behind Consumers, or where publishers that were stopped hold all of it.
    pub(super) fn may_be_full(&self) -> bool {
        let held = (self.publishers as u64 - 1) * Self::BATCH + self.forgets as u64;
        self.consumers > 0 || !self.is_sole && self.capacity as u64 <= held
    }

    /// The most that a sole publisher enters beyond what it has published.
    pub(super) fn most_entered(&self) -> u64 {
        if self.is_sole { (self.capacity as u64 / 4).max(1) } else { 0 }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { capacity, size, publishers, consumers, readers, events, odd_turns, forgets, leaves, slow, .. } =
            self;
        let mode = if self.is_sole { "sole" } else { "many" };
        let policy = if self.closes { "closing" } else { "open" };
        let kept = if self.is_kept { ", kept" } else { "" };
        let line = if self.in_line { " in line" } else { "" };
        write!(
            f,
            "{mode} ring of {capacity}, size {size}, {policy}{kept}; {publishers} publishers of {events} events"
        )?;
        write!(
            f,
            " (odd turns 1 in {odd_turns}, forgets {forgets}); {consumers} Consumers{line} and {readers} Readers"
        )?;
        write!(f, ", that leave at 1 event in {leaves} and are slow at 1 in {slow}; they wait by {:?}", self.strategy)?;
        f.write_str(if self.has_crowd { ", and there is a crowd" } else { "" })
    }
}
