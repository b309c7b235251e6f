//! The registry of readers: a table in the ring of their names, positions and losses, and the right to one entry of it.

use super::name::{NAME_WORDS, Name};
use crate::{
    ring::{
        memory::cache_line::CacheLine,
        protocol::version::Version,
        storage::{Lease, RingRef},
    },
    sync::{Acquire, AtomicU8, AtomicU64, Relaxed, Release, const_unless_modelled, spin_loop},
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
const JOINING: u64 = 1 << 63;

/// How many of a ring's lines a look at another Consumer's position is worth.
const LINES_A_LOOK: u64 = 4;

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
}

impl Counters {
    /// Returns how many of the sequences below `position` were received; 0, if the numbers are not of one moment.
    pub(crate) fn received(&self, position: u64) -> u64 {
        [self.joined, self.lost, self.holes, self.shared].iter().fold(position, |left, gone| left.saturating_sub(*gone))
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
struct Row {
    ledger: CacheLine<LedgerLine>,
    gate: CacheLine<GateLine>,
}

/// Written by its reader at each event, read by observers.
#[repr(C)]
#[derive(Debug)]
struct LedgerLine {
    /// Of the counters, and of what the gate line has behind it.
    version: Version,
    position: AtomicU64,
    joined: AtomicU64,
    lost: AtomicU64,
    holes: AtomicU64,
    laps: AtomicU64,
    shared: AtomicU64,
    failed: AtomicU64,
}

/// Read by publishers at every refresh of the gate.
#[repr(C)]
#[derive(Debug)]
struct GateLine {
    released: AtomicU64,
    /// Of the name alone, for publishers, which touch no other line.
    naming: Version,
    /// Behind the ledger line's version, as are the next two, and here because they are hardly ever read.
    name: [AtomicU64; NAME_WORDS],
    restarts: AtomicU64,
    /// Whether its owner is a Consumer: the mask is not behind the version, and may be another owner's by now.
    gating: AtomicU8,
}

impl Row {
    const_unless_modelled! {
        const fn empty() -> Self {
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
                    gating: AtomicU8::new(0),
                }),
            }
        }
    }

    /// Changes what the version guards; only the entry's owner calls it.
    fn change(&self, change: impl FnOnce(&LedgerLine, &GateLine)) {
        let ledger = &self.ledger.0;
        ledger.version.change(|| change(ledger, &self.gate.0));
    }
}

/// The table: three masks with a bit an entry, and the entries.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Table {
    masks: CacheLine<Masks>,
    entries: [Row; TABLE_LEN],
}

#[repr(C)]
#[derive(Debug)]
struct Masks {
    /// Entries that have an owner.
    registered: AtomicU64,
    /// Entries that observers may read: registered, and filled in.
    listed: AtomicU64,
    /// Entries whose position the publishers wait for.
    gating: AtomicU64,
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
    pub(super) fn owned(&self) -> u64 {
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
    fn are_beyond(&self, mut others: u64, end: u64, lines: u64) -> bool {
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

    /// Returns one entry as it was at one moment. Waits until a change in progress is over. Another process may have stopped in one: there the
    /// wait ends, and the entry is as it stands.
    pub(crate) fn read(&self, index: usize, is_shared: bool) -> Snapshot {
        let Row { ledger: CacheLine(ledger), gate: CacheLine(gate) } = &self.entries[index];
        let read = || Snapshot {
            name: name_of(gate),
            gating: gate.gating.load(Relaxed) == 1,
            counters: Counters {
                joined: ledger.joined.load(Relaxed),
                lost: ledger.lost.load(Relaxed),
                holes: ledger.holes.load(Relaxed),
                laps: ledger.laps.load(Relaxed),
                shared: ledger.shared.load(Relaxed),
                failed: ledger.failed.load(Relaxed),
                restarts: gate.restarts.load(Relaxed),
            },
            position: ledger.position.load(Relaxed),
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
        self.table().entries.get(self.index)
    }

    /// Shows the entry, yet without a name, to observers, as a Consumer's if it gates the publishers by now.
    pub(crate) fn list(&self, counters: Counters) {
        let Some(lines) = self.lines() else { return };
        let masks = &self.table().masks.0;
        let gating = masks.gating.load(Relaxed) >> self.index & 1;
        lines.change(|ledger, gate| {
            store_counters(ledger, gate, counters);
            ledger.position.store(counters.joined, Relaxed);
            store_name(gate, Name::default());
            gate.gating.store(gating as u8, Relaxed);
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
        self.table().masks.0.gating.fetch_or(1 << self.index, Release);
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
        let others = self.table().masks.0.gating.load(Relaxed) & !(1 << self.index);
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

fn store_counters(ledger: &LedgerLine, gate: &GateLine, counters: Counters) {
    put(&ledger.joined, counters.joined);
    put(&ledger.lost, counters.lost);
    put(&ledger.holes, counters.holes);
    put(&ledger.laps, counters.laps);
    put(&ledger.shared, counters.shared);
    put(&ledger.failed, counters.failed);
    put(&gate.restarts, counters.restarts);
}

fn store_name(gate: &GateLine, name: Name) {
    if name_of(gate) != name {
        gate.naming.change(|| gate.name.iter().zip(name.words()).for_each(|(cell, word)| cell.store(word, Relaxed)));
    }
}

/// The words of the name as they stand: whole for the entry's owner, and behind a version.
fn name_of(gate: &GateLine) -> Name {
    Name::from_words(core::array::from_fn(|i| gate.name[i].load(Relaxed)))
}

/// Stores `value` where another stood; only the entry's owner calls it. What is not stored, no model looks for.
fn put(cell: &AtomicU64, value: u64) {
    if cell.load(Relaxed) != value {
        cell.store(value, Relaxed);
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
