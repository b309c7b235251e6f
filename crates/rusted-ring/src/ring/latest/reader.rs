//! Those that ask what the value is now.

use core::fmt;

#[cfg(not(any(loom, shuttle)))]
use super::MappedLatest;
use super::{Cells, Hold, Key, Latest, LatestJoinError, LatestRef, Stamped, Versioned};
#[cfg(not(any(loom, shuttle)))]
use crate::ring::Peers;
use crate::{
    Corrupt,
    ring::{
        Incident, Lease,
        memory::{slot::Slot, value::Value},
    },
    sync::{Acquire, AtomicU64, Ordering, Relaxed, Release, fence},
};

/// Reads the values of a [`Latest`](super::Latest), or of another handle `R` on cells. Dropped, it makes room for another one.
pub struct LatestReader<T: Value, R: LatestRef<Value = T> = Latest<T>> {
    cells: R,
    /// # Invariant: the index of an entry that this reader took, and nobody else.
    index: usize,
}

impl<T: Value> LatestReader<T> {
    /// Returns the latest value of `key`, and its version; none if it was never updated. Wait-free: the value is copied at most twice.
    ///
    /// # Panics
    ///
    /// If there is no such key.
    #[inline]
    pub fn get(&mut self, key: usize) -> Option<Versioned<T>> {
        self.newer(key, 0)
    }

    /// Returns the latest value of `key`, if it is newer than `version`, which is of the same key. Wait-free: the value is copied at most
    /// twice, and not at all if it has not changed.
    ///
    /// ```
    /// # let latest = rusted_ring::Latest::<u64>::new(1, 1);
    /// # let (mut writer, mut reader) = (latest.writer()?, latest.reader()?);
    /// # writer.update(0, &1);
    /// let mut seen = 0;
    /// for _frame in 0..3 {
    ///     if let Some(now) = reader.newer(0, seen) {
    ///         seen = now.version;
    ///         println!("it is {} now", now.value);
    ///     }
    /// }
    /// # Ok::<(), rusted_ring::latest::LatestJoinError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no such key.
    #[inline]
    pub fn newer(&mut self, key: usize, version: u64) -> Option<Versioned<T>> {
        match self.look(key, version) {
            Ok(found) => found,
            Err(_) => unreachable!("the cells of one process are never corrupt"),
        }
    }
}

#[cfg(not(any(loom, shuttle)))]
impl<T: Value, P: Peers> LatestReader<T, MappedLatest<T, P>> {
    /// Returns the latest value of `key`, and its version; none if it was never updated. Wait-free: the value is copied at most twice, wherever its
    /// writer was stopped or killed.
    ///
    /// # Errors
    ///
    /// [`Corrupt`], if the key's words cannot be.
    ///
    /// # Panics
    ///
    /// If there is no such key.
    #[inline]
    pub fn get(&mut self, key: usize) -> Result<Option<Versioned<T>>, Corrupt> {
        self.newer(key, 0)
    }

    /// Returns the latest value of `key`, if it is newer than `version`, which is of the same key. Wait-free as [`get`](Self::get) is; the value is
    /// not copied at all if it has not changed.
    ///
    /// # Errors
    ///
    /// [`Corrupt`], if the key's words cannot be.
    ///
    /// # Panics
    ///
    /// If there is no such key.
    #[inline]
    pub fn newer(&mut self, key: usize, version: u64) -> Result<Option<Versioned<T>>, Corrupt> {
        self.look(key, version).inspect_err(|_| self.cells.note(Incident::Corrupt))
    }
}

impl<T: Value, R: LatestRef<Value = T>> LatestReader<T, R> {
    pub(super) fn join(cells: R) -> Result<Self, LatestJoinError> {
        let readers = cells.cells().readers;
        match (0..readers.len()).find(|index| take(&cells, *index)) {
            Some(index) => Ok(LatestReader { cells, index }),
            None => Err(LatestJoinError::TooManyReaders { readers: readers.len() }),
        }
    }

    #[inline]
    fn look(&mut self, key: usize, version: u64) -> Result<Option<Versioned<T>>, Corrupt> {
        let cells = self.cells.cells();
        let found = cells.key(key);
        // LATEST-SEEN: the value of this version, with LATEST and LATEST-COMPLETE.
        let shown = found.version.load(Acquire);
        if shown <= version {
            return Ok(None);
        }
        match copy(cells, sound::<R>(cells, found.slot.load(Relaxed))?, shown) {
            Some(value) => Ok(Some(Versioned { value, version: shown })),
            None => self.hold(key).map(Some),
        }
    }

    /// Holds the slot that `key` has, copies it, and lets go.
    #[cold]
    pub(crate) fn hold(&mut self, key: usize) -> Result<Versioned<T>, Corrupt> {
        let cells = self.cells.cells();
        let held = &cells.readers[self.index].0;
        let choosing = Hold::Choosing(key).to_bits();
        let key = cells.key(key);

        // An exchange, which hands on what the last LATEST-LET-GO released; a store would not.
        held.swap(choosing, Relaxed);
        // LATEST-HOLD: the reader's word before it looks what the key has, with LATEST-SCAN.
        fence(Ordering::SeqCst);
        let found = choose::<R>(cells, key, held, choosing).and_then(|slot| {
            let value = copy_held::<R>(cells, slot);
            match cells.stamp(slot).load(Relaxed) {
                0 if R::SHARED => Err(Corrupt::of_cells(Corrupt::UNWRITTEN, slot as u64)),
                version => Ok(Versioned { value, version }),
            }
        });
        if let Ok(Versioned { version, .. }) = found {
            // Others go by the version, which the writer shows last, and may not see less than this reader has. It is at most one
            // update of this key behind, so one exchange does: if that fails, the version is no longer behind.
            let shown = key.version.load(Relaxed);
            if shown < version {
                // LATEST-COMPLETE: the value of this version, with LATEST-SEEN.
                _ = key.version.compare_exchange(shown, version, Release, Relaxed);
            }
        }
        // LATEST-LET-GO: all that was read of the slot, with LATEST-HELD.
        held.store(Hold::Nothing.to_bits(), Release);
        found
    }
}

/// Takes the entry of this index, if it is nobody's.
fn take<R: LatestRef>(cells: &R, index: usize) -> bool {
    let word = &cells.cells().readers[index].0;
    let [free, nothing] = [Hold::Free, Hold::Nothing].map(Hold::to_bits);
    // An exchange, as in `hold`: it hands on what the reader before has released, and the fence LATEST-HOLD acquires it, before
    // this reader lets go of anything.
    if !R::SHARED {
        return word.compare_exchange(free, nothing, Relaxed, Relaxed).is_ok();
    }
    let is_ours = cells.hold(Lease::Reader(index));
    // Whatever is left there is of a process that ended.
    if is_ours && word.swap(nothing, Relaxed) != free {
        cells.note(Incident::DeadReader);
    }
    is_ours
}

/// Has the reader, which said that it is choosing, hold the slot that `key` has.
#[inline]
fn choose<R: LatestRef>(
    cells: Cells<'_, R::Value>,
    key: &Key,
    held: &AtomicU64,
    choosing: u64,
) -> Result<usize, Corrupt> {
    // LATEST-SLOT-SEEN: the value in the slot, with LATEST-SLOT.
    let slot = sound::<R>(cells, key.slot.load(Acquire))?;
    let chosen = Hold::Slot(slot).to_bits();
    // LATEST-HELPED: the value in the slot that a scan chose, with LATEST-SCAN.
    match held.compare_exchange(choosing, chosen, Relaxed, Acquire) {
        Ok(_) => Ok(slot),
        Err(helped) => match Hold::from_bits(helped) {
            Hold::Slot(slot) => sound::<R>(cells, slot as u64),
            _ if R::SHARED => Err(Corrupt::of_cells(Corrupt::HOLD, helped)),
            _ => unreachable!("a scan changes what a reader is choosing to a slot, and nothing else"),
        },
    }
}

/// The index of a slot, which is looked at where other processes may have written it.
#[inline]
fn sound<R: LatestRef>(cells: Cells<'_, R::Value>, slot: u64) -> Result<usize, Corrupt> {
    if R::SHARED && slot >= cells.len() as u64 {
        return Err(Corrupt::of_cells(Corrupt::KEY, slot));
    }
    Ok(slot as usize)
}

/// A copy of the value in a slot that this reader holds.
#[inline]
fn copy_held<R: LatestRef>(cells: Cells<'_, R::Value>, slot: usize) -> R::Value {
    let mut value = Stamped::<R::Value>::blank();
    if R::SHARED {
        // Nothing rests on that the others leave it alone.
        cells.slot(slot).load(Stamped::payload_of(&mut value));
    } else {
        // SAFETY: invariant L: nobody writes the slot that this reader holds; what was written there was acquired.
        let lent = unsafe { cells.slot(slot).lend(size_of::<R::Value>()) };
        Stamped::payload_of(&mut value).copy_from_slice(&lent);
    }
    value
}

/// A copy of the value in `slot`, if that is of `version` and stays so meanwhile.
#[inline]
fn copy<T: Value>(cells: Cells<'_, T>, slot: usize, version: u64) -> Option<T> {
    let mut value = T::zeroed();
    cells.slot(slot).load(Stamped::payload_of(&mut value));
    // LATEST-VALIDATE: each word that was loaded, before the stamp, with LATEST-BEGIN.
    fence(Acquire);
    (cells.stamp(slot).load(Relaxed) == version).then_some(value)
}

impl<T: Value, R: LatestRef<Value = T>> Drop for LatestReader<T, R> {
    fn drop(&mut self) {
        // An exchange, as in `hold`.
        self.cells.cells().readers[self.index].0.swap(Hold::Free.to_bits(), Relaxed);
        // SAFETY: taken by `join`, and here for the last time.
        unsafe { self.cells.give_back(Lease::Reader(self.index)) };
    }
}

impl<T: Value, R: LatestRef<Value = T>> fmt::Debug for LatestReader<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LatestReader").field("index", &self.index).finish_non_exhaustive()
    }
}
