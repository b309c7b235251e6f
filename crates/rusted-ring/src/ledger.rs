//! The ledger: what every reader received and lost, for anyone who asks, while the ring runs.

use core::iter::FusedIterator;

use crate::{
    Sequence,
    ring::{Mode, Name, RingRef, RingView, Slot, Snapshot, ViewOf},
    sync::Relaxed,
};

/// A ring's books, read from its own words: nothing is kept for it, and nobody waits for it.
///
/// Every [`ReaderStatus`] balances: what was claimed since the reader joined = received + lost + holes + shared + ahead.
/// It may be old while the ring runs; at rest it is exact.
pub struct Ledger<'a, R: RingRef> {
    view: ViewOf<'a, R>,
}

/// One reader's books, from one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReaderStatus {
    /// Its entry in the ring's table, from 0. Once it is dropped, another reader may have it.
    pub entry: usize,
    /// What it calls itself; empty if it gave no name.
    pub name: Name,
    /// Whether it is a Consumer, which the publishers wait for.
    pub gating: bool,
    /// The sequence at which it joined.
    pub joined: u64,
    /// The next sequence it wants.
    pub position: u64,
    /// Events it received.
    pub received: u64,
    /// Events that were overwritten before it came to them.
    pub lost: u64,
    /// Sequences that carried no event.
    pub holes: u64,
    /// How many times it was overtaken.
    pub laps: u64,
    /// Events that were for other workers of its stage; 0 outside a stage of several.
    pub shared: u64,
    /// Of the events received, those at which its stage's handler failed.
    pub failed: u64,
    /// How often its stage's handler was made anew after a failure.
    pub restarts: u64,
    /// Sequences claimed that it has not come to: its lag.
    pub ahead: u64,
}

impl<'a, R: RingRef> Ledger<'a, R> {
    /// The books of `ring`.
    pub fn of(ring: &'a R) -> Self {
        Ledger { view: ring.view() }
    }

    /// The next sequence to be claimed: how many there were since the ring began, holes included.
    pub fn claimed(&self) -> Sequence {
        Sequence::new(self.view.claimed(0))
    }

    /// Slots in the ring.
    pub fn capacity(&self) -> usize {
        self.view.capacity()
    }

    /// Living readers that found the table full, and so are not among [`readers`](Self::readers).
    pub fn unlisted(&self) -> u64 {
        self.view.header().table().unlisted().load(Relaxed)
    }

    /// The readers listed now, each from one moment of the iteration. Blocks only while a reader is counting a loss.
    pub fn readers(&self) -> Readers<'a, R> {
        Readers { view: self.view, listed: self.view.header().table().listed() }
    }

    /// The slowest listed reader's lag as a part of the capacity, at most 1.0; 0.0 without readers.
    pub fn pressure(&self) -> f32 {
        self.readers().map(|reader| self.view.pressure(reader.ahead)).fold(0.0, f32::max)
    }
}

/// The readers of a ring that were listed when this was made: see [`Ledger::readers`].
pub struct Readers<'a, R: RingRef> {
    view: ViewOf<'a, R>,
    /// A bit for each entry that is still to be shown.
    listed: u64,
}

impl<R: RingRef> Iterator for Readers<'_, R> {
    type Item = ReaderStatus;

    fn next(&mut self) -> Option<ReaderStatus> {
        let entry = self.listed.trailing_zeros();
        if entry == u64::BITS {
            return None;
        }
        self.listed &= !(1 << entry);
        Some(status(self.view, entry as usize))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl<R: RingRef> ExactSizeIterator for Readers<'_, R> {
    fn len(&self) -> usize {
        self.listed.count_ones() as usize
    }
}

impl<R: RingRef> FusedIterator for Readers<'_, R> {}

impl<R: RingRef> Clone for Readers<'_, R> {
    fn clone(&self) -> Self {
        Readers { view: self.view, listed: self.listed }
    }
}

impl<R: RingRef> core::fmt::Debug for Readers<'_, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// How often a status is taken again because its reader went on while it was taken.
const RETAKES: usize = 8;

fn status<S: Slot, M: Mode>(view: RingView<'_, S, M>, index: usize) -> ReaderStatus {
    let table = view.header().table();
    let mut taken = 0;
    loop {
        let Snapshot { name, gating, counters, position } = table.read(index);
        // Read after the position, and from it on: nothing lies ahead that is not claimed.
        let ahead = view.claimed(position) - position;
        taken += 1;
        // An observer that was away in between would show what was claimed meanwhile as the reader's lag.
        if taken < RETAKES && table.position(index) != position {
            continue;
        }
        return ReaderStatus {
            entry: index,
            name,
            gating,
            joined: counters.joined,
            position,
            received: counters.received(position),
            lost: counters.lost,
            holes: counters.holes,
            laps: counters.laps,
            shared: counters.shared,
            failed: counters.failed,
            restarts: counters.restarts,
            ahead,
        };
    }
}

impl<R: RingRef> core::fmt::Debug for Ledger<'_, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Ledger")
            .field("claimed", &self.claimed())
            .field("capacity", &self.capacity())
            .field("unlisted", &self.unlisted())
            .field("readers", &self.readers())
            .finish()
    }
}
