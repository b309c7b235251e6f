//! The one that updates.

use alloc::{vec, vec::Vec};
use core::{fmt, mem};

use bytemuck::bytes_of;

use super::{Cells, Hold, Latest, LatestJoinError, LatestRef};
use crate::{
    Corrupt, Sequence,
    ring::{Incident, Lease, memory::value::Value},
    sync::{Acquire, Ordering, Relaxed, Release, fence},
};

/// Updates the values of a [`Latest`](super::Latest), or of another handle `R` on cells, which have one such writer at a time. Dropped, it makes room for
/// the next one.
pub struct LatestWriter<T: Value, R: LatestRef<Value = T> = Latest<T>> {
    cells: R,
    /// The slot that each key has.
    has: Vec<usize>,
    /// The slots that are no key's.
    spares: Vec<usize>,
    /// The spare that is next, by its place in the circle.
    at: usize,
    /// How many spares are left of the round of the circle that the last scan began.
    left: usize,
    /// Of each slot the last scan that found it held.
    marks: Vec<u64>,
    /// The last version, and the number of the last scan.
    version: u64,
    pub(super) scan: u64,
}

impl<T: Value, R: LatestRef<Value = T>> LatestWriter<T, R> {
    pub(super) fn join(cells: R) -> Result<Self, LatestJoinError> {
        take(&cells)?;
        match Books::of::<R>(cells.cells()) {
            Ok(Books { has, spares, version }) => {
                let marks = vec![0; cells.cells().len()];
                Ok(LatestWriter { has, spares, at: 0, left: 0, marks, version, scan: 0, cells })
            }
            Err(corrupt) => {
                cells.note(Incident::Corrupt);
                leave(&cells);
                Err(LatestJoinError::Corrupt(corrupt))
            }
        }
    }

    /// Makes `value` the latest of `key`, and returns its version. Wait-free: it waits for no reader, copies the value once, and looks at each reader
    /// at most once, which it does about once in as many updates as there are readers.
    ///
    /// # Panics
    ///
    /// If there is no such key.
    #[inline]
    pub fn update(&mut self, key: usize, value: &T) -> u64 {
        // First, because it may panic.
        let _ = self.cells.cells().key(key);
        let slot = self.spare();
        let cells = self.cells.cells();
        let version = self.version + 1;
        self.version = version;
        cells.desk.updates.store(version, Relaxed);

        cells.stamp(slot).store(0, Relaxed);
        // LATEST-BEGIN: the empty stamp before any word of the value, with LATEST-VALIDATE.
        fence(Release);
        // SAFETY: invariant L: the slot is a spare of this round, so that no reader holds it; and there is no other writer.
        unsafe { cells.slot(slot).store(0, bytes_of(value)) };
        cells.stamp(slot).store(version, Relaxed);

        self.spares[self.at] = mem::replace(&mut self.has[key], slot);
        self.at = self.after(self.at);
        let key = cells.key(key);
        // LATEST-SLOT: the value and its stamp, with LATEST-SLOT-SEEN.
        key.slot.store(slot as u64, Release);
        // LATEST: the value, and the slot, with LATEST-SEEN.
        key.version.store(version, Release);
        version
    }

    /// Returns the next spare that nobody holds. Its place in the circle is `at`.
    #[inline]
    fn spare(&mut self) -> usize {
        loop {
            if self.left == 0 {
                self.scan();
            }
            self.left -= 1;
            let slot = self.spares[self.at];
            if self.marks[slot] != self.scan {
                return slot;
            }
            self.at = self.after(self.at);
        }
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        if at + 1 == self.spares.len() { 0 } else { at + 1 }
    }

    /// Marks what readers hold, and chooses for those that are choosing; a round of the circle begins.
    #[cold]
    fn scan(&mut self) {
        self.scan += 1;
        // LATEST-SCAN: what keys have, before a reader's word is looked at, with LATEST-HOLD; and the values there, before it is
        // changed, with LATEST-HELPED.
        fence(Ordering::SeqCst);
        for reader in self.cells.cells().readers {
            // LATEST-HELD: what the reader has read of slots that it let go of, with LATEST-LET-GO.
            let mut found = reader.0.load(Acquire);
            if let Hold::Choosing(key) = Hold::from_bits(found)
                && let Some(slot) = self.has.get(key)
            {
                // LATEST-HELP: as LATEST-HELD, also if it fails: since it was looked at, the reader may have let go of another
                // slot, and be choosing again.
                match reader.0.compare_exchange(found, Hold::Slot(*slot).to_bits(), Acquire, Acquire) {
                    // A key has this slot: it is no spare of this round.
                    Ok(_) => continue,
                    // The reader has chosen, and may be choosing again already: that sees what keys have now.
                    Err(now) => found = now,
                }
            }
            match Hold::from_bits(found) {
                Hold::Slot(slot) if slot < self.marks.len() => self.marks[slot] = self.scan,
                // Whoever wrote that holds nothing, and keeps nobody from anything.
                Hold::Slot(_) if R::SHARED => self.cells.note(Incident::Corrupt),
                Hold::Slot(slot) => unreachable!("a reader holds slot {slot}, which there is not"),
                Hold::Free | Hold::Nothing | Hold::Choosing(_) => {}
            }
        }
        self.left = self.spares.len();
    }
}

/// Takes the place of the writer, if there is none.
fn take<R: LatestRef>(cells: &R) -> Result<(), LatestJoinError> {
    let taken = &cells.cells().desk.taken;
    if R::SHARED {
        if !cells.hold(Lease::Publisher) {
            return Err(LatestJoinError::Occupied);
        }
        // What it stored is seen all the same: the kernel gave its lease back after that.
        if taken.swap(1, Relaxed) != 0 {
            cells.note(Incident::DeadPublisher);
        }
        return Ok(());
    }
    // LATEST-TAKE: all that the writer before stored, with LATEST-LEAVE.
    taken.compare_exchange(0, 1, Acquire, Relaxed).map(drop).map_err(|_| LatestJoinError::Occupied)
}

/// Leaves the place of the writer, which the caller has.
fn leave<R: LatestRef>(cells: &R) {
    // LATEST-LEAVE: all that this writer stored, with LATEST-TAKE.
    cells.cells().desk.taken.store(0, Release);
    // SAFETY: the caller has it, and has ended.
    unsafe { cells.give_back(Lease::Publisher) };
}

/// What a writer finds when it joins.
struct Books {
    has: Vec<usize>,
    spares: Vec<usize>,
    version: u64,
}

impl Books {
    /// Whatever the writer before was at when it ended: the slots that keys have are whole, and all others are spares.
    fn of<R: LatestRef>(cells: Cells<'_, R::Value>) -> Result<Self, Corrupt> {
        let mut is_spare = vec![true; cells.len()];
        let (mut has, mut version) = (Vec::with_capacity(cells.keys.len()), cells.desk.updates.load(Relaxed));
        for key in cells.keys {
            let slot = key.0.slot.load(Relaxed);
            match is_spare.get_mut(slot as usize) {
                Some(is_spare @ true) => *is_spare = false,
                _ => return Err(Corrupt::of_cells(Corrupt::KEY, slot)),
            }
            has.push(slot as usize);
            // Nobody's word alone is believed, for no version is used twice.
            version = version.max(key.0.version.load(Relaxed)).max(cells.stamp(slot as usize).load(Relaxed));
        }
        if version > Sequence::LAST.get() {
            return Err(Corrupt::of_cells(Corrupt::UPDATES, version));
        }
        let spares = is_spare.iter().enumerate().filter_map(|(slot, is_spare)| is_spare.then_some(slot)).collect();
        Ok(Books { has, spares, version })
    }
}

impl<T: Value, R: LatestRef<Value = T>> Drop for LatestWriter<T, R> {
    fn drop(&mut self) {
        leave(&self.cells);
    }
}

impl<T: Value, R: LatestRef<Value = T>> fmt::Debug for LatestWriter<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LatestWriter").field("updates", &self.version).finish_non_exhaustive()
    }
}
