//! The right to one entry of the table of readers.

use super::{
    name::Name,
    registry::{JOINING, LINES_A_LOOK, TABLE_LEN, Table},
    row::{Counters, Row, store_counters, store_gating, store_name},
};
use crate::{
    ring::storage::{Lease, RingRef},
    sync::{Relaxed, Release},
};

/// The right to one entry of its ring's table; dropped, it gives the entry back.
///
/// It is made here alone, cannot be cloned, and keeps the handle of the ring whose entry it is: so nobody fills in,
/// moves or gives back what is another's, nor does so in another ring's table.
#[derive(Debug)]
pub(crate) struct Entry<R: RingRef> {
    ring: R,
    /// Beyond the table's end, if the table was full: by so much as the number of its place among the unlisted, where these have places.
    index: usize,
}

impl<R: RingRef> Entry<R> {
    /// Registers in a free entry; `None`, if the table is full. Lock-free.
    pub(crate) fn register(ring: R) -> Option<Self> {
        let index = ring.view().header().table().register_or_succeed(&ring)?;
        Some(Entry { ring, index })
    }

    /// Registers in a free entry. If the table is full, the reader is only counted among the unlisted. Lock-free.
    pub(crate) fn register_or_count(ring: R) -> Self {
        let table = ring.view().header().table();
        let index = table.register_or_succeed(&ring).unwrap_or_else(|| {
            if R::SHARED {
                let places = 0..TABLE_LEN;
                return TABLE_LEN
                    + places.into_iter().find(|place| ring.hold(Lease::Unlisted(*place))).unwrap_or(TABLE_LEN);
            }
            table.unlisted().fetch_add(1, Relaxed);
            TABLE_LEN
        });
        Entry { ring, index }
    }

    #[inline]
    pub(crate) fn ring(&self) -> &R {
        &self.ring
    }

    #[inline]
    fn table(&self) -> &Table {
        self.ring.view().header().table()
    }

    /// Returns the entry's row; `None`, if the table was full.
    #[inline]
    fn lines(&self) -> Option<&Row> {
        self.table().row(self.index)
    }

    /// Shows the entry, yet without a name, to observers, as a Consumer's if it gates the publishers by now.
    pub(crate) fn list(&self, counters: Counters) {
        let Some(lines) = self.lines() else { return };
        let masks = self.table().masks();
        let gating = masks.gating.load(Relaxed) >> self.index & 1 == 1;
        lines.change(|ledger, gate| {
            store_counters(ledger, gate, counters);
            ledger.position.store(counters.joined, Relaxed);
            store_name(gate, Name::default());
            store_gating(gate, gating);
        });
        // Relaxed: an observer that sees the bit and then reads the entry is past LEDGER-WRITE-BEGIN by LEDGER-READ-END.
        masks.listed.fetch_or(1 << self.index, Relaxed);
    }

    pub(crate) fn rename(&self, name: Name) {
        if let Some(lines) = self.lines() {
            lines.change(|_, gate| store_name(gate, name));
        }
    }

    /// Shows a new position, with the counters unchanged.
    #[inline]
    pub(crate) fn advance(&self, position: u64) {
        if let Some(lines) = self.lines() {
            lines.ledger.0.position.store(position, Relaxed);
        }
    }

    /// Shows new counters and a new position, together.
    pub(crate) fn count(&self, counters: Counters, position: u64) {
        if let Some(lines) = self.lines() {
            lines.change(|ledger, gate| {
                store_counters(ledger, gate, counters);
                ledger.position.store(position, Relaxed);
            });
        }
    }

    /// Makes the entry visible at the gate as a Consumer's that is joining: it holds no slot yet.
    ///
    /// The exchange on the horizon that follows orders both before every scan that must see them.
    pub(in crate::ring) fn begin_joining(&self) {
        let Some(lines) = self.lines() else { return };
        // GATE-JOIN: Release, with GATE-SCAN: a scan that still has the bit of a former owner sees the slots that one left.
        lines.gate.0.released.store(JOINING, Release);
        // GATE-JOIN: Release, with GATE-SCAN: a publisher that sees the bit does not take a former owner's position for this one's.
        self.table().masks().gating.fetch_or(1 << self.index, Release);
    }

    /// Makes the entry hold the publishers at `wanted`, or where a scan has moved it to, and returns that position. Lock-free: a retry
    /// means that a scan has.
    pub(in crate::ring) fn end_joining(&self, wanted: u64) -> u64 {
        let Some(lines) = self.lines() else { return wanted };
        let released = &lines.gate.0.released;
        let mut floor = released.load(Relaxed);
        loop {
            let position = wanted.max(floor & !JOINING);
            // Relaxed: the exchange takes the last value of all, and no event was read that the publishers could be shown. What
            // GATE-JOIN handed on goes on with it, as an exchange does not end that.
            match released.compare_exchange_weak(floor, position, Relaxed, Relaxed) {
                Ok(_) => return position,
                Err(moved) => floor = moved,
            }
        }
    }

    /// Moves the position at the gate.
    #[inline]
    pub(in crate::ring) fn release(&self, position: u64) {
        if let Some(lines) = self.lines() {
            // GATE-RELEASE: Release, with GATE-SCAN: a publisher that sees the position sees the slots before it left.
            lines.gate.0.released.store(position, Release);
        }
    }

    /// True if every other Consumer appears to have passed `end`, where `lines` cache lines of the ring lie below.
    ///
    /// A heuristic: each look at another Consumer's position may miss the cache, which costs about what it costs a publisher to win a few
    /// lines of the ring back, so positions are read only where enough lines pay for it.
    #[inline]
    pub(in crate::ring) fn is_last(&self, end: u64, lines: u64) -> bool {
        if self.index >= TABLE_LEN {
            return false;
        }
        // Relaxed, and what is found may be old: nothing hangs on it but speed.
        let others = self.table().masks().gating.load(Relaxed) & !(1 << self.index);
        others == 0 || lines >= LINES_A_LOOK && self.table().are_beyond(others, end, lines)
    }

    /// Which entry it is.
    #[cfg(all(any(loom, shuttle), test))]
    pub(crate) fn index(&self) -> usize {
        self.index
    }
}

impl<R: RingRef> Drop for Entry<R> {
    fn drop(&mut self) {
        let header = self.ring.view().header();
        match self.index.checked_sub(TABLE_LEN) {
            None => {}
            Some(place @ 0..TABLE_LEN) if R::SHARED => {
                // SAFETY: held since the reader was counted, and it is dropped.
                return unsafe { self.ring.give_back(Lease::Unlisted(place)) };
            }
            Some(_) if R::SHARED => return,
            Some(_) => {
                header.table().unlisted().fetch_sub(1, Relaxed);
                return;
            }
        }
        let gated = header.table().free(self.index);
        // SAFETY: held since the entry was registered, and its owner is dropped.
        unsafe { self.ring.give_back(Lease::Reader(self.index)) };
        if gated {
            header.publishers().notify();
        }
    }
}
