//! A Consumer's seat: its place at the gate, and the loans that rest on it.

use super::{
    entry::Entry,
    home::RingRef,
    lookup::Lookup,
    planes::Place,
    protocol::Seen,
    table::{Counters, Name},
};

/// A position that the writers wait for.
#[derive(Debug)]
pub(crate) struct ConsumerSeat<R: RingRef> {
    pub(super) entry: Entry<R>,
    /// # Invariant: at or beyond the position shown at the gate, so no claim enters the slots from there on (G).
    pub(super) next: Place,
    /// The position shown at the gate.
    released: u64,
    /// # Invariant: of this seat's ring, and filled in at or beyond `next` alone.
    pub(super) seen: Seen,
    /// The sequence behind the events that were lent out, which are not lent again; that of `next`, if none were.
    pub(super) lent_to: u64,
    counters: Counters,
}

impl<R: RingRef> ConsumerSeat<R> {
    /// Joins at `wanted`, or at the oldest sequence that no grant already made can overrun; none if the table is full.
    pub(crate) fn take(ring: R, wanted: u64) -> Option<Self> {
        let entry = Entry::take(ring)?;
        let first = entry.join_gate(wanted);
        let counters = Counters { joined: first, ..Counters::default() };
        entry.list(counters);
        let next = entry.ring().planes().place(first);
        Some(ConsumerSeat { entry, next, released: first, seen: Seen::default(), lent_to: first, counters })
    }

    #[inline]
    pub(crate) fn ring(&self) -> &R {
        self.entry.ring()
    }

    #[inline]
    pub(crate) fn position(&self) -> Place {
        self.next
    }

    pub(crate) fn counters(&self) -> Counters {
        self.counters
    }

    pub(crate) fn rename(&self, name: Name) {
        self.entry.rename(name);
    }

    /// What stands at the position.
    #[inline]
    pub(crate) fn look(&mut self) -> Lookup {
        let found = self.entry.ring().planes().look(self.next, &mut self.seen);
        if let Lookup::Lapped(q) = found {
            unreachable!("the gate let sequence {q} overrun a Consumer at {}", self.next.sequence);
        }
        found
    }

    /// Has the next look see all that is published by then, and not go by what was seen before.
    #[inline]
    pub(crate) fn look_afresh(&mut self) {
        self.seen = Seen::default();
    }

    /// Goes past the events that were lent.
    #[inline]
    pub(super) fn settle(&mut self) {
        let planes = self.entry.ring().planes();
        self.next = planes.beyond(self.next, self.lent_to - self.next.sequence);
        self.entry.advance(self.next.sequence);
        if self.next.sequence - self.released >= planes.stride_of_grants() {
            self.release();
        }
    }

    /// Goes past events that were lent, and whose loan was forgotten.
    #[inline]
    pub(crate) fn settle_forgotten(&mut self) {
        if self.lent_to != self.next.sequence {
            self.settle();
        }
    }

    /// Goes past the position, which carried no event.
    pub(crate) fn skip_hole(&mut self) {
        self.next = self.ring().planes().after(self.next);
        self.lent_to = self.next.sequence;
        self.counters.holes += 1;
        self.entry.count(self.counters, self.next.sequence);
        self.release();
    }

    /// Shows the position at the gate. Each store costs the next scan a cache miss, hence not at every event.
    pub(crate) fn release(&mut self) {
        if self.released != self.next.sequence {
            self.released = self.next.sequence;
            self.entry.release(self.released);
            self.ring().planes().header().opened().notify();
        }
    }
}
