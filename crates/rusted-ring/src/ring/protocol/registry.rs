//! The registry of readers: a table in the ring of their names, positions and losses.

use super::{
    name::Name,
    row::{Row, Snapshot, name_of},
};
use crate::{
    ring::{
        memory::cache_line::CacheLine,
        storage::{Lease, RingRef},
    },
    sync::{Acquire, AtomicU64, Relaxed, Release, const_unless_modelled},
};

/// Entries in the table; one bit each of its masks.
pub(crate) const TABLE_LEN: usize = if cfg!(loom) {
    3
} else if cfg!(shuttle) {
    8
} else {
    64
};

/// Beside a position at the gate: its Consumer is joining, and begins there at the earliest. No sequence has this bit.
pub(super) const JOINING: u64 = 1 << 63;

/// How many of a ring's lines a look at another Consumer's position is worth.
pub(super) const LINES_A_LOOK: u64 = 4;

/// The table: three masks with a bit an entry, and the entries.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Table {
    masks: CacheLine<Masks>,
    entries: [Row; TABLE_LEN],
}

#[repr(C)]
#[derive(Debug)]
pub(super) struct Masks {
    /// Entries that have an owner.
    registered: AtomicU64,
    /// Entries that observers may read: registered, and filled in.
    pub(super) listed: AtomicU64,
    /// Entries whose position the publishers wait for.
    pub(super) gating: AtomicU64,
    /// Living readers that found the table full.
    unlisted: AtomicU64,
}

impl Table {
    const_unless_modelled! {
        pub(crate) const fn empty() -> Self {
            Table {
                masks: CacheLine(Masks {
                    registered: AtomicU64::new(0),
                    listed: AtomicU64::new(0),
                    gating: AtomicU64::new(0),
                    unlisted: AtomicU64::new(0),
                }),
                #[cfg(not(any(loom, shuttle)))]
                entries: [const { Row::empty() }; TABLE_LEN],
                #[cfg(any(loom, shuttle))]
                entries: core::array::from_fn(|_| Row::empty()),
            }
        }
    }

    /// Registers in a free entry whose lease this process gets, and returns its index; `None`, if the table is full. Lock-free.
    pub(super) fn register<R: RingRef>(&self, ring: &R) -> Option<usize> {
        let (mut registered, mut held_elsewhere) = (0u64, 0);
        loop {
            let index = (registered | held_elsewhere).trailing_ones() as usize;
            if index >= TABLE_LEN {
                return None;
            }
            if !ring.hold(Lease::Reader(index)) {
                held_elsewhere |= 1 << index;
                continue;
            }
            // TABLE-TAKE: Acquire, with TABLE-FREE: the previous owner's last stores come before ours.
            match self.masks.0.registered.compare_exchange_weak(registered, registered | 1 << index, Acquire, Relaxed) {
                Ok(_) => return Some(index),
                Err(found) => registered = found,
            }
            // SAFETY: held a moment ago, by this call, which lost the entry to another reader.
            unsafe { ring.give_back(Lease::Reader(index)) };
        }
    }

    /// Returns the bits of the entries that have an owner, or look as if they had one.
    pub(in crate::ring) fn owned(&self) -> u64 {
        let Masks { registered, listed, gating, .. } = &self.masks.0;
        registered.load(Relaxed) | listed.load(Relaxed) | gating.load(Relaxed)
    }

    /// Returns the bits of the entries whose position the publishers wait for.
    pub(super) fn gating(&self) -> u64 {
        self.masks.0.gating.load(Relaxed)
    }

    /// Frees an entry, as its owner's last act with it. Returns whether the publishers waited for the owner.
    pub(super) fn free(&self, index: usize) -> bool {
        let others = !(1 << index);
        // GATE-LEAVE: Release, with GATE-SCAN: a publisher that no longer sees the Consumer sees that it has left every slot.
        let gating = self.masks.0.gating.fetch_and(others, Release);
        self.masks.0.listed.fetch_and(others, Relaxed);
        // TABLE-FREE: Release, with TABLE-TAKE.
        self.masks.0.registered.fetch_and(others, Release);
        gating & !others != 0
    }

    /// Returns the slowest Consumer's position at the gate, or the first found at or below `held`; `u64::MAX` without Consumers.
    /// Consumers that are joining will begin at or beyond `floor`.
    ///
    /// A Consumer that comes after others joins after them. The scan begins with the last, because they hold the publishers most often.
    pub(super) fn slowest(&self, held: Option<u64>, floor: u64) -> u64 {
        let mut slowest = u64::MAX;
        // GATE-SCAN: Acquire, with GATE-LEAVE and GATE-RELEASE.
        let mut gating = self.masks.0.gating.load(Acquire);
        while let Some(index) = gating.checked_ilog2() {
            // GATE-SCAN: Acquire, with GATE-RELEASE.
            let mut position = self.entries[index as usize].gate.0.released.load(Acquire);
            if position & JOINING != 0 {
                position = self.move_joining(index as usize, position, floor);
            }
            slowest = slowest.min(position);
            if Some(position) <= held {
                break;
            }
            gating &= !(1 << index);
        }
        slowest
    }

    /// Makes a Consumer that was seen joining begin at or beyond `floor`. Returns where it begins at the earliest, or its position, if it
    /// has joined meanwhile. Lock-free: a retry means that another scan has moved it, or that it has joined.
    #[cold]
    fn move_joining(&self, index: usize, mut seen: u64, floor: u64) -> u64 {
        while seen < JOINING | floor {
            // GATE-SCAN: Acquire, with GATE-RELEASE, where it has joined, and gone on; and with GATE-JOIN, where another owner of
            // the entry is joining by now.
            match self.entries[index].gate.0.released.compare_exchange_weak(seen, JOINING | floor, Acquire, Acquire) {
                Ok(_) => return floor,
                Err(now) if now & JOINING == 0 => return now,
                Err(now) => seen = now,
            }
        }
        seen & !JOINING
    }

    /// Whether all Consumers of the mask have come to `end`, as far as a look at them is worth `lines` cache lines.
    pub(super) fn are_beyond(&self, mut others: u64, end: u64, lines: u64) -> bool {
        if lines < LINES_A_LOOK * u64::from(others.count_ones()) {
            return false;
        }
        // The youngest first: it comes after others, most often.
        while let Some(index) = others.checked_ilog2() {
            if self.position(index as usize) < end {
                return false;
            }
            others &= !(1 << index);
        }
        true
    }

    /// Returns the row of an entry; none beyond the table's end.
    #[inline]
    pub(super) fn row(&self, index: usize) -> Option<&Row> {
        self.entries.get(index)
    }

    #[inline]
    pub(super) fn masks(&self) -> &Masks {
        &self.masks.0
    }

    pub(crate) fn unlisted(&self) -> &AtomicU64 {
        &self.masks.0.unlisted
    }

    /// Returns the bits of the entries that may be read.
    pub(crate) fn listed(&self) -> u64 {
        self.masks.0.listed.load(Relaxed)
    }

    /// Returns one entry's position now.
    pub(crate) fn position(&self, index: usize) -> u64 {
        self.entries[index].ledger.0.position.load(Relaxed)
    }

    /// Returns one entry as it was at one moment: [`Row::read`].
    pub(crate) fn read(&self, index: usize, is_shared: bool) -> Snapshot {
        self.entries[index].read(is_shared)
    }

    /// Returns a Consumer that is at or below `held` at the gate: its entry, its position there, and its name, which is empty while it
    /// changes; `None`, if all have gone on by now. Touches no line that a Consumer writes at each event.
    ///
    /// Relaxed: nothing rests on the answer.
    #[inline]
    pub(super) fn holder(&self, held: u64) -> Option<(usize, u64, Name)> {
        let mut gating = self.masks.0.gating.load(Relaxed);
        while let Some(index) = gating.checked_ilog2() {
            let gate = &self.entries[index as usize].gate.0;
            // One that is joining holds nobody, and its mark is beyond every sequence.
            let position = gate.released.load(Relaxed);
            if position <= held {
                let name = gate.naming.read(|| name_of(gate)).unwrap_or_default();
                // Unless it has gone on: then the name may be that of the entry's next owner.
                if gate.released.load(Relaxed) == position {
                    return Some((index as usize, position, name));
                }
            }
            gating &= !(1 << index);
        }
        None
    }
}

#[cfg(all(test, feature = "alloc", not(any(loom, shuttle))))]
mod tests {
    use super::*;
    use crate::HeapRing;

    #[test]
    fn every_entry_is_given_once() {
        let ring = HeapRing::<8>::new(4);
        let table = ring.view().header().table();
        let register = || table.register(&ring);
        let registered: Vec<_> = std::iter::from_fn(register).collect();
        assert_eq!(registered, (0..TABLE_LEN).collect::<Vec<_>>());
        table.free(17);
        assert_eq!((register(), register()), (Some(17), None));
        assert_eq!(table.register_or_succeed(&ring), None, "nobody is taken for dead in one process");
    }
}
