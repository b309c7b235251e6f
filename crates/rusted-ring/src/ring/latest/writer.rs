//! The one that updates.

use alloc::boxed::Box;
use core::fmt;

use bytemuck::bytes_of;

use super::{Cells, Hold, Latest, LatestJoinError, LatestRef};
use crate::{
    Corrupt, Sequence,
    ring::{
        Incident, Lease,
        memory::value::Value,
        storage::room::{NoMemory, Room, given},
    },
    sync::{Acquire, AtomicU64, Ordering, Relaxed, Release, fence},
};

/// Updates the values of a [`Latest`](super::Latest), or of another handle `R` on cells, which have one such writer at a time. Dropped, it makes room for
/// the next one.
pub struct LatestWriter<T: Value, R: LatestRef<Value = T> = Latest<T>> {
    cells: R,
    /// Where the cells have no room for its books.
    own: Option<Books>,
    /// The spare that is next, by its place in the circle.
    at: usize,
    /// How many spares are left of the round of the circle that the last scan began.
    left: usize,
    /// The last version, and the number of the last scan.
    version: u64,
    pub(super) scan: u64,
}

impl<T: Value, R: LatestRef<Value = T>> LatestWriter<T, R> {
    pub(super) fn join(cells: R) -> Result<Self, LatestJoinError> {
        take(&cells)?;
        let view = cells.cells();
        let own = view.books.is_none().then(|| Books::of(given(Books::room(view.keys.len(), view.len()))));
        match books(view, &own).fill::<R>(view) {
            Ok(version) => Ok(LatestWriter { own, at: 0, left: 0, version, scan: 0, cells }),
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

        let books = books(cells, &self.own);
        books.spares[self.at].store(books.has[key].load(Relaxed), Relaxed);
        books.has[key].store(slot as u64, Relaxed);
        self.at = after(books, self.at);
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
            let books = books(self.cells.cells(), &self.own);
            let slot = books.spares[self.at].load(Relaxed) as usize;
            if books.marks[slot].load(Relaxed) != self.scan {
                return slot;
            }
            self.at = after(books, self.at);
        }
    }

    /// Marks what readers hold, and chooses for those that are choosing; a round of the circle begins.
    #[cold]
    fn scan(&mut self) {
        self.scan += 1;
        // LATEST-SCAN: what keys have, before a reader's word is looked at, with LATEST-HOLD; and the values there, before it is
        // changed, with LATEST-HELPED.
        fence(Ordering::SeqCst);
        let cells = self.cells.cells();
        let books = books(cells, &self.own);
        for reader in cells.readers {
            // LATEST-HELD: what the reader has read of slots that it let go of, with LATEST-LET-GO.
            let mut found = reader.0.load(Acquire);
            if let Hold::Choosing(key) = Hold::from_bits(found)
                && let Some(slot) = books.has.get(key)
            {
                // LATEST-HELP: as LATEST-HELD, also if it fails: since it was looked at, the reader may have let go of another
                // slot, and be choosing again.
                match reader.0.compare_exchange(
                    found,
                    Hold::Slot(slot.load(Relaxed) as usize).to_bits(),
                    Acquire,
                    Acquire,
                ) {
                    // A key has this slot: it is no spare of this round.
                    Ok(_) => continue,
                    // The reader has chosen, and may be choosing again already: that sees what keys have now.
                    Err(now) => found = now,
                }
            }
            match Hold::from_bits(found) {
                Hold::Slot(slot) if slot < books.marks.len() => books.marks[slot].store(self.scan, Relaxed),
                // Whoever wrote that holds nothing, and keeps nobody from anything.
                Hold::Slot(_) if R::SHARED => self.cells.note(Incident::Corrupt),
                Hold::Slot(slot) => unreachable!("a reader holds slot {slot}, which there is not"),
                Hold::Free | Hold::Nothing | Hold::Choosing(_) => {}
            }
        }
        self.left = books.spares.len();
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

/// The books of the writer, which it alone reads and writes: those of the cells, or its own.
#[inline]
fn books<'a, T>(cells: Cells<'a, T>, own: &'a Option<Books>) -> &'a Books {
    match (cells.books, own) {
        (Some(books), _) | (None, Some(books)) => books,
        (None, None) => unreachable!("a writer has books"),
    }
}

/// The place in the circle after `at`.
#[inline]
fn after(books: &Books, at: usize) -> usize {
    if at + 1 == books.spares.len() { 0 } else { at + 1 }
}

/// What a writer knows of the slots. Made of the keys when it joins.
#[derive(Debug)]
pub(super) struct Books {
    /// The slot that each key has.
    has: Box<[AtomicU64]>,
    /// The slots that are no key's.
    spares: Box<[AtomicU64]>,
    /// Of each slot the last scan that found it held.
    marks: Box<[AtomicU64]>,
}

impl Books {
    /// Room for the books of so many keys and slots: what keys have, the spares, the marks.
    pub(super) fn room(keys: usize, slots: usize) -> Result<[Room<AtomicU64>; 3], NoMemory> {
        Ok([Room::of(keys)?, Room::of(slots - keys)?, Room::of(slots)?])
    }

    pub(super) fn of(room: [Room<AtomicU64>; 3]) -> Self {
        let [has, spares, marks] = room.map(|room| room.filled(|| AtomicU64::new(0)));
        Books { has, spares, marks }
    }

    /// Makes the books of what the keys have, whatever the writer before was at when it ended: the slots that keys have are whole, and all others are
    /// spares. Returns the last version.
    fn fill<R: LatestRef>(&self, cells: Cells<'_, R::Value>) -> Result<u64, Corrupt> {
        const A_KEYS: u64 = 1;
        self.marks.iter().for_each(|mark| mark.store(0, Relaxed));
        let mut version = cells.desk.updates.load(Relaxed);
        for (key, has) in cells.keys.iter().zip(&self.has) {
            let slot = key.0.slot.load(Relaxed);
            let is_free = |mark: &&AtomicU64| mark.load(Relaxed) != A_KEYS;
            let mark = self.marks.get(slot as usize).filter(is_free);
            mark.ok_or(Corrupt::of_cells(Corrupt::KEY, slot))?.store(A_KEYS, Relaxed);
            has.store(slot, Relaxed);
            // Nobody's word alone is believed, for no version is used twice.
            version = version.max(key.0.version.load(Relaxed)).max(cells.stamp(slot as usize).load(Relaxed));
        }
        if version > Sequence::LAST.get() {
            return Err(Corrupt::of_cells(Corrupt::UPDATES, version));
        }
        let mut spares = self.spares.iter();
        for (slot, mark) in self.marks.iter().enumerate() {
            if mark.load(Relaxed) == A_KEYS {
                mark.store(0, Relaxed);
            } else if let Some(spare) = spares.next() {
                spare.store(slot as u64, Relaxed);
            }
        }
        Ok(version)
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
