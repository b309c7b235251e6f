//! The crowds' own books: what was published, and what an endpoint received of it.

use std::{collections::BTreeMap, ops::Range};

use super::{Consumer, Subscriber};
use crate::{Closes, Mode, Sequence, ledger::Ledger, subscriber::Lagged};

/// Events in the order of one thread: their sequences and values.
pub(super) type Events = Vec<(u64, u64)>;

/// The value of a publisher's event.
pub(super) fn event(publisher: u64, number: u64) -> u64 {
    publisher << 32 | number
}

/// All that was published, by sequence.
pub(super) struct Published(BTreeMap<u64, u64>);

impl Published {
    /// What each of the publishers says that it published.
    pub(super) fn by(publishers: Vec<Events>) -> Self {
        let mut published = BTreeMap::new();
        for events in publishers {
            assert!(events.is_sorted_by_key(|&(sequence, _)| sequence), "a publisher's sequences rise");
            for (sequence, value) in events {
                assert_eq!(published.insert(sequence, value), None, "sequence {sequence} was given twice");
            }
        }
        Published(published)
    }

    /// Counts for a reader that missed nothing: it heard `each` events of each of `publishers`, in their publisher's order.
    pub(super) fn heard_whole(heard: &Heard, publishers: u64, each: u64) -> Self {
        for publisher in 0..publishers {
            let values = heard.events.iter().map(|&(_, value)| value).filter(|value| value >> 32 == publisher);
            assert!(
                values.eq((0..each).map(|number| event(publisher, number))),
                "publisher {publisher}: {:x?}",
                heard.events
            );
        }
        assert_eq!(heard.events.len() as u64, publishers * each);
        Published(heard.events.iter().copied().collect())
    }

    pub(super) fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// Checks that a Consumer was given everything between where it joined and where it stopped, and nothing else.
    pub(super) fn is_whole_in(&self, heard: &Heard) {
        let meant = self.0.range(heard.joined..heard.next).map(|(&sequence, &value)| (sequence, value));
        assert!(meant.eq(heard.events.iter().copied()), "published {:x?}, received {heard:x?}", self.0);
    }

    /// Checks what a Subscriber was given, and at rest its books, after `claimed` sequences.
    pub(super) fn is_partly_in<const CAP: usize, M: Mode, C: Closes>(
        &self,
        (reader, heard): &(Subscriber<CAP, M, C>, Heard),
        claimed: u64,
    ) {
        let received: BTreeMap<u64, u64> = heard.events.iter().copied().collect();
        for (sequence, value) in &received {
            assert_eq!(self.0.get(sequence), Some(value), "sequence {sequence}");
        }
        for (sequence, _) in self.0.range(heard.joined..reader.next_sequence().get()) {
            let is_lost = heard.lost.iter().any(|range| range.contains(sequence));
            assert_ne!(received.contains_key(sequence), is_lost, "{sequence} was not either received or lost");
        }
        assert_eq!((reader.received(), reader.lost()), (heard.events.len() as u64, heard.lost()));
        let counted = reader.received() + reader.lost() + reader.holes() + reader.lag();
        assert_eq!(heard.joined + counted, claimed, "claimed since it joined");
        assert_eq!(Ledger::of(reader.ring()).claimed().get(), claimed);
    }
}

/// What one endpoint received, by its own count.
#[derive(Debug)]
pub(super) struct Heard {
    joined: u64,
    events: Events,
    lost: Vec<Range<u64>>,
    /// Where a Consumer stopped.
    next: u64,
}

impl Heard {
    pub(super) fn from(joined: Sequence) -> Self {
        Heard { joined: joined.get(), events: Events::new(), lost: Vec::new(), next: joined.get() }
    }

    pub(super) fn event(&mut self, sequence: u64, value: u64) {
        assert!(sequence >= self.next, "sequence {sequence} after {self:x?}");
        self.events.push((sequence, value));
        self.next = sequence + 1;
    }

    pub(super) fn loss(&mut self, lagged: Lagged) {
        assert!(lagged.from.get() >= self.next && lagged.count() > 0, "{lagged:?} after {self:x?}");
        self.lost.push(lagged.from.get()..lagged.to.get());
        self.next = lagged.to.get();
    }

    /// The same, up to its Consumer's last position; the Consumer's figures must agree with it.
    pub(super) fn agreeing_with<const CAP: usize, M: Mode, C: Closes>(
        mut self,
        consumer: &Consumer<CAP, M, C>,
    ) -> Self {
        self.next = consumer.next_sequence().get();
        assert_eq!(consumer.received(), self.events.len() as u64);
        assert_eq!(self.joined + consumer.received() + consumer.holes(), self.next);
        self
    }

    fn lost(&self) -> u64 {
        self.lost.iter().map(|range| range.end - range.start).sum()
    }

    /// How many sequences up to where a Consumer stopped carried no event.
    pub(super) fn holes(&self) -> u64 {
        self.next - self.joined - self.events.len() as u64
    }

    pub(super) fn next(&self) -> u64 {
        self.next
    }
}
