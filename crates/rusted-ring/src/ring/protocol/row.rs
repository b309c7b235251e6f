//! An entry of the table of readers: a line for the ledger and a line for the gate.

use super::name::{NAME_WORDS, Name};
use crate::{
    Sequence,
    ring::{memory::cache_line::CacheLine, protocol::version::Version},
    sync::{AtomicU64, Relaxed, const_unless_modelled, spin_loop},
};

/// How often a change is looked at that another process may have stopped in: for about a millisecond.
const LOOKS_AT_A_CHANGE: u32 = 1 << 15;

/// The counts of a reader. They change together, behind the entry's version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counters {
    pub(crate) joined: u64,
    pub(crate) lost: u64,
    pub(crate) holes: u64,
    pub(crate) laps: u64,
    /// Sequences left to fellow workers.
    pub(crate) shared: u64,
    /// Received, and its handler failed.
    pub(crate) failed: u64,
    /// Handlers made anew after a failure.
    pub(crate) restarts: u64,
    /// Events that a history had, and the ring no more.
    pub(crate) repaired: u64,
    /// The sequence below which it has made everything durable; none, if it keeps nothing.
    pub(crate) durable: Option<Sequence>,
}

impl Counters {
    /// Returns how many of the sequences below `position` were received; 0, if the numbers are not of one moment.
    pub(crate) fn received(&self, position: u64) -> u64 {
        let gone = [self.joined, self.lost, self.holes, self.shared, self.repaired];
        gone.iter().fold(position, |left, gone| left.saturating_sub(*gone))
    }
}

/// One entry from one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot {
    pub(crate) name: Name,
    /// Whether it is a Consumer's.
    pub(crate) gating: bool,
    pub(crate) counters: Counters,
    pub(crate) position: u64,
}

/// An entry: one reader's line of the ledger and, for a Consumer, its line of the gate.
#[repr(C)]
#[derive(Debug)]
pub(super) struct Row {
    pub(super) ledger: CacheLine<LedgerLine>,
    pub(super) gate: CacheLine<GateLine>,
}

/// Written by its reader at each event, read by observers.
#[repr(C)]
#[derive(Debug)]
pub(super) struct LedgerLine {
    /// Of the counters, and of what the gate line has behind it.
    pub(super) version: Version,
    pub(super) position: AtomicU64,
    pub(super) joined: AtomicU64,
    lost: AtomicU64,
    holes: AtomicU64,
    laps: AtomicU64,
    shared: AtomicU64,
    failed: AtomicU64,
}

/// Read by publishers at every refresh of the gate.
#[repr(C)]
#[derive(Debug)]
pub(super) struct GateLine {
    pub(super) released: AtomicU64,
    /// Of the name alone, for publishers, which touch no other line.
    pub(super) naming: Version,
    /// Behind the ledger line's version, as are the next three, and here because they are hardly ever read.
    name: [AtomicU64; NAME_WORDS],
    restarts: AtomicU64,
    /// Whether its owner is a Consumer, in the lowest bit: the mask is not behind the version, and may be another owner's by now. Above it, the number behind
    /// the sequence below which everything is durable; 0, if the owner says nothing of that.
    standing: AtomicU64,
    repaired: AtomicU64,
}

impl Row {
    const_unless_modelled! {
        pub(super) const fn empty() -> Self {
            Row {
                ledger: CacheLine(LedgerLine {
                    version: Version::new(),
                    position: AtomicU64::new(0),
                    joined: AtomicU64::new(0),
                    lost: AtomicU64::new(0),
                    holes: AtomicU64::new(0),
                    laps: AtomicU64::new(0),
                    shared: AtomicU64::new(0),
                    failed: AtomicU64::new(0),
                }),
                gate: CacheLine(GateLine {
                    released: AtomicU64::new(0),
                    naming: Version::new(),
                    name: [AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0)],
                    restarts: AtomicU64::new(0),
                    standing: AtomicU64::new(0),
                    repaired: AtomicU64::new(0),
                }),
            }
        }
    }

    /// Changes what the version guards; only the entry's owner calls it.
    pub(super) fn change(&self, change: impl FnOnce(&LedgerLine, &GateLine)) {
        let ledger = &self.ledger.0;
        ledger.version.change(|| change(ledger, &self.gate.0));
    }

    /// Returns the entry as it was at one moment. Waits until a change in progress is over. Another process may have stopped in one: there the
    /// wait ends, and the entry is as it stands.
    pub(super) fn read(&self, is_shared: bool) -> Snapshot {
        let Row { ledger: CacheLine(ledger), gate: CacheLine(gate) } = self;
        let read = || {
            let standing = gate.standing.load(Relaxed);
            let counters = Counters {
                joined: ledger.joined.load(Relaxed),
                lost: ledger.lost.load(Relaxed),
                holes: ledger.holes.load(Relaxed),
                laps: ledger.laps.load(Relaxed),
                shared: ledger.shared.load(Relaxed),
                failed: ledger.failed.load(Relaxed),
                restarts: gate.restarts.load(Relaxed),
                repaired: gate.repaired.load(Relaxed),
                durable: (standing >> 1).checked_sub(1).map(Sequence::new),
            };
            let position = ledger.position.load(Relaxed);
            Snapshot { name: name_of(gate), gating: standing & 1 == 1, counters, position }
        };
        let mut looks = 0;
        loop {
            if let Some(snapshot) = ledger.version.read(read) {
                return snapshot;
            }
            looks += 1;
            if is_shared && looks == LOOKS_AT_A_CHANGE {
                return read();
            }
            spin_loop();
        }
    }
}

pub(super) fn store_counters(ledger: &LedgerLine, gate: &GateLine, counters: Counters) {
    put(&ledger.joined, counters.joined);
    put(&ledger.lost, counters.lost);
    put(&ledger.holes, counters.holes);
    put(&ledger.laps, counters.laps);
    put(&ledger.shared, counters.shared);
    put(&ledger.failed, counters.failed);
    put(&gate.restarts, counters.restarts);
    put(&gate.repaired, counters.repaired);
    let gating = gate.standing.load(Relaxed) & 1;
    put(&gate.standing, counters.durable.map_or(0, |durable| (durable.get() + 1) << 1) | gating);
}

/// Notes whether the entry's owner is a Consumer.
pub(super) fn store_gating(gate: &GateLine, gating: bool) {
    put(&gate.standing, gate.standing.load(Relaxed) & !1 | u64::from(gating));
}

pub(super) fn store_name(gate: &GateLine, name: Name) {
    if name_of(gate) != name {
        gate.naming.change(|| gate.name.iter().zip(name.words()).for_each(|(cell, word)| cell.store(word, Relaxed)));
    }
}

/// The words of the name as they stand: whole for the entry's owner, and behind a version.
pub(super) fn name_of(gate: &GateLine) -> Name {
    Name::from_words(core::array::from_fn(|i| gate.name[i].load(Relaxed)))
}

/// Stores `value` where another stood; only the entry's owner calls it. What is not stored, no model looks for.
fn put(cell: &AtomicU64, value: u64) {
    if cell.load(Relaxed) != value {
        cell.store(value, Relaxed);
    }
}
