//! Those that ask what the value is now.

use alloc::sync::Arc;
use core::fmt;

use super::{Hold, Key, LatestJoinError, Memory, Stamped, Versioned};
use crate::{
    ring::memory::{slot::Slot, value::Value},
    sync::{Acquire, Ordering, Relaxed, Release, fence},
};

/// Reads the values of a [`Latest`](super::Latest). Dropped, it makes room for another one.
pub struct LatestReader<T> {
    memory: Arc<Memory<T>>,
    /// # Invariant: the index of an entry that this reader took, and nobody else.
    index: usize,
}

impl<T: Value> LatestReader<T> {
    pub(super) fn join(memory: &Arc<Memory<T>>) -> Result<Self, LatestJoinError> {
        let [free, nothing] = [Hold::Free, Hold::Nothing].map(Hold::to_bits);
        // An exchange, as in `hold`: it hands on what the reader before has released, and the fence LATEST-HOLD acquires it, before
        // this reader lets go of anything.
        let take = |index: &usize| memory.readers[*index].0.compare_exchange(free, nothing, Relaxed, Relaxed).is_ok();
        match (0..memory.readers.len()).find(take) {
            Some(index) => Ok(LatestReader { memory: Arc::clone(memory), index }),
            None => Err(LatestJoinError::TooManyReaders { readers: memory.readers.len() }),
        }
    }

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
        let found = self.memory.key(key);
        // LATEST-SEEN: the value of this version, with LATEST and LATEST-COMPLETE.
        let shown = found.version.load(Acquire);
        if shown <= version {
            return None;
        }
        Some(match self.memory.copy(found, shown) {
            Some(value) => Versioned { value, version: shown },
            None => self.hold(key),
        })
    }

    /// Holds the slot that `key` has, copies it, and lets go.
    #[cold]
    pub(crate) fn hold(&mut self, key: usize) -> Versioned<T> {
        let memory = &*self.memory;
        let held = &memory.readers[self.index].0;
        let choosing = Hold::Choosing(key).to_bits();
        let key = memory.key(key);

        // An exchange, which hands on what the last LATEST-LET-GO released; a store would not.
        held.swap(choosing, Relaxed);
        // LATEST-HOLD: the reader's word before it looks what the key has, with LATEST-SCAN.
        fence(Ordering::SeqCst);
        // LATEST-SLOT-SEEN: the value in the slot, with LATEST-SLOT.
        let slot = key.slot.load(Acquire) as usize;
        let chosen = Hold::Slot(slot).to_bits();
        // LATEST-HELPED: the value in the slot that a scan chose, with LATEST-SCAN.
        let slot = match held.compare_exchange(choosing, chosen, Relaxed, Acquire) {
            Ok(_) => slot,
            Err(helped) => match Hold::from_bits(helped) {
                Hold::Slot(slot) => slot,
                _ => unreachable!("a scan changes what a reader is choosing to a slot, and nothing else"),
            },
        };

        let mut value = T::zeroed();
        {
            // SAFETY: invariant L: nobody writes the slot that this reader holds; what was written there was acquired.
            let lent = unsafe { memory.slot(slot).lend(size_of::<T>()) };
            Stamped::payload_of(&mut value).copy_from_slice(&lent);
        }
        let version = memory.stamp(slot).load(Relaxed);

        // Others go by the version, which the writer shows last, and may not see less than this reader has. It is at most one
        // update of this key behind, so one exchange does: if that fails, the version is no longer behind.
        let shown = key.version.load(Relaxed);
        if shown < version {
            // LATEST-COMPLETE: the value of this version, with LATEST-SEEN.
            _ = key.version.compare_exchange(shown, version, Release, Relaxed);
        }
        // LATEST-LET-GO: all that was read of the slot, with LATEST-HELD.
        held.store(Hold::Nothing.to_bits(), Release);
        Versioned { value, version }
    }
}

impl<T: Value> Memory<T> {
    /// A copy of the value that `key` has, if that is of `version` and stays so meanwhile.
    #[inline]
    fn copy(&self, key: &Key, version: u64) -> Option<T> {
        let slot = key.slot.load(Relaxed) as usize;
        let mut value = T::zeroed();
        self.slot(slot).load(Stamped::payload_of(&mut value));
        // LATEST-VALIDATE: each word that was loaded, before the stamp, with LATEST-BEGIN.
        fence(Acquire);
        (self.stamp(slot).load(Relaxed) == version).then_some(value)
    }
}

impl<T> Drop for LatestReader<T> {
    fn drop(&mut self) {
        // An exchange, as in `hold`.
        self.memory.readers[self.index].0.swap(Hold::Free.to_bits(), Relaxed);
    }
}

impl<T> fmt::Debug for LatestReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LatestReader").field("index", &self.index).finish_non_exhaustive()
    }
}
