//! A Consumer's seat: its place at the gate, and the loans that rest on it.

use super::{
    entry::Entry,
    event::Head,
    home::RingRef,
    lookup::Lookup,
    planes::Place,
    table::{Counters, Name},
};

/// A position that the writers wait for.
#[derive(Debug)]
pub(crate) struct ConsumerSeat<R: RingRef> {
    entry: Entry<R>,
    /// # Invariant: at or beyond the position shown at the gate, so no claim enters the slots from there on (G).
    pub(super) next: Place,
    /// The position shown at the gate.
    released: u64,
    /// # Invariant: set only once `DONE` of `next` was acquired, and cleared when `next` moves.
    pub(super) ready: Option<Head>,
    /// How many events from `next` on were lent out; they are not lent again.
    pub(super) lent: u64,
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
        Some(ConsumerSeat { entry, next, released: first, ready: None, lent: 0, counters })
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
        let found = self.ring().planes().look(self.next);
        match found {
            Lookup::Event(head) => self.ready = Some(head),
            Lookup::Lapped(q) => unreachable!("the gate let sequence {q} overrun a Consumer at {}", self.next.sequence),
            _ => {}
        }
        found
    }

    /// Goes past the events that were lent.
    #[inline]
    pub(crate) fn settle(&mut self) {
        if self.lent > 0 {
            self.advance(self.lent);
            self.lent = 0;
            self.entry.advance(self.next.sequence);
            if self.next.sequence - self.released >= self.ring().planes().stride_of_grants() {
                self.release();
            }
        }
    }

    /// Goes past the position, which carried no event.
    pub(crate) fn skip_hole(&mut self) {
        self.advance(1);
        self.counters.holes += 1;
        self.entry.count(self.counters, self.next.sequence);
        self.release();
    }

    #[inline]
    fn advance(&mut self, by: u64) {
        self.ready = None;
        self.next = self.ring().planes().beyond(self.next, by);
    }

    /// Shows the position at the gate. Each store costs the next scan a cache miss, hence not at every event.
    #[inline]
    pub(crate) fn release(&mut self) {
        if self.released != self.next.sequence {
            self.released = self.next.sequence;
            self.entry.release(self.released);
            self.ring().planes().header().opened().notify();
        }
    }
}
