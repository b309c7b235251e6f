//! Cells in memory that several processes map.

use core::{error::Error, fmt, ptr::NonNull, slice};

use super::{Cells, Desk, Hold, Key, LatestJoinError, LatestReader, LatestRef, LatestWriter, Stamped, slots_for};
use crate::{
    ring::{
        Incident, Lease, Peers, Sealed,
        memory::{PayloadPlane, cache_line::CacheLine, slot::Slot, value::Value},
    },
    sync::{AtomicU64, Relaxed},
};

/// Latest-value cells in memory that several processes map: it does not believe what it finds there. A clone is another handle on the same cells.
///
/// What [`Latest`](super::Latest) promises holds among processes, too: reads are wait-free, wherever the writer is stopped or killed. A writer that was
/// killed in the middle of an update has a successor, and its value is seen whole or not at all. The entry of a reader that was killed is the next one's that
/// joins; until then it keeps one slot, of which there are enough. The crate `rusted-ring-shm` makes such cells, in files.
pub struct MappedLatest<T: Value, P: Peers> {
    /// Of memory that `peers` keeps; handed out for no longer than that.
    cells: Cells<'static, T>,
    peers: P,
}

/// Why there can be no such cells between processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LatestPlaceError {
    /// They were asked for without a key.
    NoKeys,
    /// They were asked for with more readers than can have leases.
    TooManyReaders {
        /// Readers that were asked for.
        asked: usize,
    },
    /// They exceed the address space.
    TooLarge,
}

impl fmt::Display for LatestPlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LatestPlaceError::NoKeys => f.write_str("there are no cells without a key: ask for at least 1"),
            LatestPlaceError::TooManyReaders { asked } => write!(
                f,
                "cells between processes have up to {READERS} readers, and {asked} were asked for: ask for fewer, or share one within a process"
            ),
            LatestPlaceError::TooLarge => {
                f.write_str("cells must fit the address space: ask for fewer keys, or smaller values")
            }
        }
    }
}

impl Error for LatestPlaceError {}

/// Readers of one set of cells, at most: each has a lease, as an entry of a ring's table has.
const READERS: usize = crate::ring::protocol::registry::TABLE_LEN;
const LINE: usize = align_of::<CacheLine<AtomicU64>>();

/// Where the parts lie, each on lines of its own.
#[derive(Clone, Copy, Debug)]
struct Layout {
    readers: usize,
    slots: usize,
    end: usize,
}

impl Layout {
    const KEYS: usize = size_of::<CacheLine<Desk>>();

    fn of<T: Value>(keys: usize, readers: usize) -> Result<Self, LatestPlaceError> {
        if keys == 0 {
            return Err(LatestPlaceError::NoKeys);
        }
        if readers > READERS {
            return Err(LatestPlaceError::TooManyReaders { asked: readers });
        }
        let ends = || {
            let readers_at = keys.checked_mul(size_of::<CacheLine<Key>>())?.checked_add(Self::KEYS)?;
            let slots_at = readers_at.checked_add(readers * LINE)?;
            let slots = slots_for(keys, readers).checked_mul(Stamped::<T>::STRIDE)?;
            let end = slots_at.checked_add(slots)?;
            (end < isize::MAX as usize).then_some(Layout { readers: readers_at, slots: slots_at, end })
        };
        ends().ok_or(LatestPlaceError::TooLarge)
    }
}

impl<T: Value, P: Peers> MappedLatest<T, P> {
    /// Bytes that cells for `keys` keys and `readers` readers take, from an aligned beginning.
    ///
    /// # Errors
    ///
    /// [`LatestPlaceError`], if there are no such cells.
    pub fn bytes_for(keys: usize, readers: usize) -> Result<usize, LatestPlaceError> {
        Layout::of::<T>(keys, readers).map(|layout| layout.end)
    }

    /// The cells for `keys` keys and `readers` readers at `base`, which were [begun](Self::begin), or are zeros.
    ///
    /// Nothing is written.
    ///
    /// # Errors
    ///
    /// [`LatestPlaceError`], if there are no such cells.
    ///
    /// # Safety
    ///
    /// - `base` is aligned to a page, and [`bytes_for`](Self::bytes_for) bytes from it on stay mapped, to be read and written, for as long as `peers` or a clone
    ///   of it lives.
    /// - This process touches these bytes through handles made by this function alone, of the same numbers, and of values of the same size.
    pub unsafe fn at(base: NonNull<u8>, keys: usize, readers: usize, peers: P) -> Result<Self, LatestPlaceError> {
        let layout = Layout::of::<T>(keys, readers)?;
        // SAFETY: of each, in bounds of the layout, which the caller has mapped (M).
        let at = |offset| unsafe { base.add(offset) };
        // SAFETY: invariant M: mapped and aligned; a desk is atomics, of which any bytes are values.
        let desk = unsafe { at(0).cast::<CacheLine<Desk>>().as_ref() };
        // SAFETY: as above, for as many keys.
        let keys_of = unsafe { slice::from_raw_parts(at(Layout::KEYS).cast().as_ptr(), keys) };
        // SAFETY: as above, for as many readers.
        let readers_of = unsafe { slice::from_raw_parts(at(layout.readers).cast().as_ptr(), readers) };
        let len = slots_for(keys, readers);
        // SAFETY: invariant M: mapped, aligned by the layout, and touched as payloads alone.
        let slots = unsafe { PayloadPlane::new(at(layout.slots), len * Stamped::<T>::STRIDE) };
        // SAFETY: of as many slots.
        let cells = unsafe { Cells::new(&desk.0, keys_of, readers_of, slots, len, None) };
        Ok(MappedLatest { cells, peers })
    }

    /// Gives each key a slot, where there are zeros. To be called once, before another process has the memory.
    pub fn begin(&self) {
        for (slot, key) in self.cells.keys.iter().enumerate() {
            key.0.slot.store(slot as u64, Relaxed);
        }
    }

    /// Makes the writer. Wait-free; takes time in proportion to the keys, and memory for its books.
    ///
    /// # Errors
    ///
    /// [`LatestJoinError::Occupied`], while there is one, in any process; [`LatestJoinError::Corrupt`].
    pub fn writer(&self) -> Result<LatestWriter<T, Self>, LatestJoinError> {
        LatestWriter::join(self.clone())
    }

    /// Makes a reader. It takes the place of one whose process has ended, if there is no other.
    ///
    /// # Errors
    ///
    /// [`LatestJoinError::TooManyReaders`], if as many live as the cells were made for.
    pub fn reader(&self) -> Result<LatestReader<T, Self>, LatestJoinError> {
        LatestReader::join(self.clone())
    }

    /// Returns how many keys there are.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.cells.keys.len()
    }

    /// The processes that share the cells.
    pub fn peers(&self) -> &P {
        &self.peers
    }

    /// Frees the entries of readers whose processes have ended, and so what they held.
    pub fn free_dead(&self) {
        for (index, reader) in self.cells.readers.iter().enumerate() {
            let word = &reader.0;
            if word.load(Relaxed) == Hold::Free.to_bits() || !self.hold(Lease::Reader(index)) {
                continue;
            }
            if word.swap(Hold::Free.to_bits(), Relaxed) != Hold::Free.to_bits() {
                self.note(Incident::DeadReader);
            }
            // SAFETY: held by this call, which has ended.
            unsafe { self.give_back(Lease::Reader(index)) };
        }
    }
}

impl<T: Value, P: Peers> Clone for MappedLatest<T, P> {
    fn clone(&self) -> Self {
        MappedLatest { cells: self.cells, peers: self.peers.clone() }
    }
}

impl<T: Value, P: Peers> fmt::Debug for MappedLatest<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedLatest")
            .field("keys", &self.cells.keys.len())
            .field("readers", &self.cells.readers.len())
            .field("updates", &self.cells.desk.updates.load(Relaxed))
            .finish_non_exhaustive()
    }
}

impl<T: Value, P: Peers> Sealed for MappedLatest<T, P> {}

impl<T: Value, P: Peers> LatestRef for MappedLatest<T, P> {
    type Value = T;

    const SHARED: bool = true;

    #[inline]
    fn cells(&self) -> Cells<'_, T> {
        self.cells
    }

    fn hold(&self, lease: Lease) -> bool {
        self.peers.hold(lease)
    }

    unsafe fn give_back(&self, lease: Lease) {
        // SAFETY: the caller's promise.
        unsafe { self.peers.give_back(lease) };
    }

    fn note(&self, incident: Incident) {
        self.peers.note(incident);
    }
}
