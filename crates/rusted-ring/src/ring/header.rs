//! The words of a ring that are not slots.

use super::{
    memory::cache_line::CacheLine,
    protocol::{lifecycle::Lifecycle, registry::Table},
    storage::RingRef,
};
use crate::{
    foreign::FirstPanic,
    permit::Permit,
    sync::{AtomicU64, Relaxed, const_unless_modelled},
    wait::Notifier,
};

/// The header; all zero is a valid, empty ring.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Header {
    /// One publisher: the next sequence to be published, and so to be claimed. Many: a hint, at or below the next to be claimed, where
    /// a claim starts its walk.
    pub(super) cursor: CacheLine<AtomicU64>,
    /// One publisher: the slots of sequences below may have been entered. At or beyond the cursor; only grows. On a line of its own,
    /// because it is stored while readers poll the cursor. Many: not used.
    pub(super) intent: CacheLine<AtomicU64>,
    pub(super) gate: CacheLine<Gate>,
    pub(super) lifecycle: CacheLine<Lifecycle>,
    /// Where readers sleep. They are notified when a sequence is published or becomes a hole, and when the ring closes.
    pub(super) readers: CacheLine<Notifier>,
    /// Where publishers sleep behind the gate. They are notified when a Consumer moves or leaves, and when a held slot is let go.
    pub(super) publishers: CacheLine<Notifier>,
    pub(super) table: Table,
}

/// How far the publishers may go; see `gate.rs`.
#[repr(C)]
#[derive(Debug)]
pub(super) struct Gate {
    /// Sequences below are granted. Only grows.
    pub(super) limit: AtomicU64,
    /// No grant was or will be made beyond, by any scan that a joining Consumer cannot be seen by. Only grows.
    pub(super) horizon: AtomicU64,
    /// One publisher: from this sequence on it has skipped none. Only grows. On this line because it is stored as seldom.
    pub(super) skipped: AtomicU64,
    /// Many publishers: how they end their claims. On this line because each claim has loaded it.
    pub(super) permit: Permit,
}

impl Header {
    const_unless_modelled! {
        pub(crate) const fn new() -> Self {
            Header {
                cursor: CacheLine(AtomicU64::new(0)),
                intent: CacheLine(AtomicU64::new(0)),
                gate: CacheLine(Gate {
                    limit: AtomicU64::new(0),
                    horizon: AtomicU64::new(0),
                    skipped: AtomicU64::new(0),
                    permit: Permit::new(),
                }),
                lifecycle: CacheLine(Lifecycle::new()),
                readers: CacheLine(Notifier::new()),
                publishers: CacheLine(Notifier::new()),
                table: Table::empty(),
            }
        }
    }

    #[inline]
    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    /// The sequence below which publishers may enter slots, or an earlier one.
    #[inline]
    pub(super) fn granted(&self) -> u64 {
        self.gate.0.limit.load(Relaxed)
    }

    /// The sequence from which on a sole publisher has skipped none. Exact for a reader below the cursor that it has acquired.
    #[inline]
    pub(super) fn skipped_below(&self) -> u64 {
        self.gate.0.skipped.load(Relaxed)
    }

    /// Where readers sleep.
    #[inline]
    pub(crate) fn readers(&self) -> &Notifier {
        &self.readers.0
    }

    /// Where publishers sleep.
    #[inline]
    pub(crate) fn publishers(&self) -> &Notifier {
        &self.publishers.0
    }

    /// Has processes that share the ring sleep and wake together.
    #[cfg(not(any(loom, shuttle)))]
    pub(super) fn share(&self) {
        self.readers().share();
        self.publishers().share();
    }

    /// Whether it is as it was made: nothing was claimed by a publisher that is the only one, nobody is registered, and it is not shared.
    #[cfg(not(any(loom, shuttle)))]
    pub(super) fn is_unused(&self) -> bool {
        let words = [&self.cursor.0, &self.intent.0, &self.gate.0.limit, &self.gate.0.horizon, &self.gate.0.skipped];
        words.iter().all(|word| word.load(Relaxed) == 0)
            && self.lifecycle.0.is_unused()
            && self.table.owned() == 0
            && self.table.unlisted().load(Relaxed) == 0
            && !self.readers().is_shared()
    }

    /// Frees the entries of readers whose processes have ended, and wakes who waited for them; of Consumers alone.
    #[cold]
    pub(crate) fn free_dead(&self, ring: &impl RingRef) {
        if self.table.free_dead_consumers(ring) {
            self.publishers().notify();
        }
    }

    /// Wakes all readers and publishers. The caller has finished its own state.
    pub(crate) fn notify_all(&self) {
        let mut panics = FirstPanic::default();
        self.readers().notify_by(&mut panics);
        self.publishers().notify_by(&mut panics);
        panics.pass_on();
    }
}
