//! A reader's entry in its ring's table: taken, filled in and given back by its one owner.

use super::{
    home::RingRef,
    table::{Counters, Name, TABLE_LEN, Table},
};
use crate::sync::Relaxed;

/// The right to one entry of its ring's table; dropped, it gives the entry back.
///
/// It is made here alone, cannot be cloned, and keeps the handle of the ring whose entry it is: so nobody fills in,
/// moves or gives back what is another's, nor does so in another ring's table.
#[derive(Debug)]
pub(crate) struct Entry<R: RingRef> {
    ring: R,
    /// Past the table's end for who found it full.
    index: usize,
}

impl<R: RingRef> Entry<R> {
    /// A free entry; none if the table is full. Lock-free.
    pub(crate) fn take(ring: R) -> Option<Self> {
        let index = ring.planes().header().table().take()?;
        Some(Entry { ring, index })
    }

    /// A free entry; if the table is full, a place among the unlisted, who are only counted. Lock-free.
    pub(crate) fn take_or_count(ring: R) -> Self {
        let table = ring.planes().header().table();
        let index = table.take().unwrap_or_else(|| {
            table.unlisted().fetch_add(1, Relaxed);
            TABLE_LEN
        });
        Entry { ring, index }
    }

    #[inline]
    pub(crate) fn ring(&self) -> &R {
        &self.ring
    }

    /// The table, and where in it; none for who found it full.
    #[inline]
    fn found(&self) -> Option<(&Table, usize)> {
        (self.index < TABLE_LEN).then(|| (self.ring.planes().header().table(), self.index))
    }

    /// Shows the entry to observers, as a Consumer's if it gates the publishers by now.
    pub(crate) fn list(&self, counters: Counters) {
        if let Some((table, index)) = self.found() {
            table.list(index, counters);
        }
    }

    pub(crate) fn rename(&self, name: Name) {
        if let Some((table, index)) = self.found() {
            table.rename(index, name);
        }
    }

    /// Shows a new position, with the counters unchanged.
    #[inline]
    pub(crate) fn advance(&self, position: u64) {
        if let Some((table, index)) = self.found() {
            table.advance(index, position);
        }
    }

    /// Shows new counters and a new position, together.
    pub(crate) fn count(&self, counters: Counters, position: u64) {
        if let Some((table, index)) = self.found() {
            table.count(index, counters, position);
        }
    }

    /// Makes the entry visible at the gate, holding no slot yet.
    pub(super) fn begin_joining(&self) {
        if let Some((table, index)) = self.found() {
            table.begin_joining(index);
        }
    }

    /// Makes the entry hold the publishers at `wanted`, or where a scan has moved it forward to; its position.
    pub(super) fn end_joining(&self, wanted: u64) -> u64 {
        self.found().map_or(wanted, |(table, index)| table.end_joining(index, wanted))
    }

    /// Moves the position at the gate.
    #[inline]
    pub(super) fn release(&self, position: u64) {
        if let Some((table, index)) = self.found() {
            table.release(index, position);
        }
    }

    /// Whether no other Consumer wants what lies below `end`, as far as a glance worth `lines` cache lines shows.
    #[inline]
    pub(super) fn is_last(&self, end: u64, lines: u64) -> bool {
        self.found().is_some_and(|(table, index)| table.is_last(index, end, lines))
    }

    /// Which entry it is.
    #[cfg(all(any(loom, shuttle), test))]
    pub(crate) fn index(&self) -> usize {
        self.index
    }
}

impl<R: RingRef> Drop for Entry<R> {
    fn drop(&mut self) {
        let header = self.ring.planes().header();
        match self.found() {
            Some((table, index)) => {
                if table.free(index) {
                    header.opened().notify();
                }
            }
            None => _ = header.table().unlisted().fetch_sub(1, Relaxed),
        }
    }
}
