//! The one that updates.

use alloc::sync::Arc;
use core::fmt;

use bytemuck::bytes_of;

use super::{Hold, LatestJoinError, Memory};
use crate::ring::Value;
use crate::sync::{Acquire, Ordering, Relaxed, Release, fence};

/// Updates the values of a [`Latest`](super::Latest), which has one such writer at a time. Dropped, it makes room for the next one.
pub struct LatestWriter<T> {
    memory: Arc<Memory<T>>,
    /// The spare that is next, by its place in the circle.
    at: usize,
    /// How many spares are left of the round of the circle that the last scan began.
    left: usize,
    /// The last version, and the number of the last scan, as the desk has them.
    version: u64,
    scan: u64,
}

impl<T: Value> LatestWriter<T> {
    pub(super) fn join(memory: &Arc<Memory<T>>) -> Result<Self, LatestJoinError> {
        let desk = &memory.desk.0;
        // LATEST-TAKE: all that the writer before stored, with LATEST-LEAVE.
        match desk.taken.compare_exchange(0, 1, Acquire, Relaxed) {
            Ok(_) => Ok(LatestWriter {
                at: 0,
                left: 0,
                version: desk.updates.load(Relaxed),
                scan: desk.scans.load(Relaxed),
                memory: Arc::clone(memory),
            }),
            Err(_) => Err(LatestJoinError::Occupied),
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
        let _ = self.memory.key(key);
        let slot = self.spare();
        let memory = &*self.memory;
        let key = memory.key(key);
        let version = self.version + 1;
        self.version = version;
        memory.desk.0.updates.store(version, Relaxed);

        memory.stamp(slot).store(0, Relaxed);
        // LATEST-BEGIN: the empty stamp before any word of the value, with LATEST-VALIDATE.
        fence(Release);
        // SAFETY: invariant L: the slot is a spare of this round, so that no reader holds it; and there is no other writer.
        unsafe { memory.slot(slot).store(0, bytes_of(value)) };
        memory.stamp(slot).store(version, Relaxed);

        memory.spares[self.at].store(key.slot.load(Relaxed), Relaxed);
        self.at = self.after(self.at);
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
            let slot = self.memory.spares[self.at].load(Relaxed) as usize;
            if self.memory.marks[slot].load(Relaxed) != self.scan {
                return slot;
            }
            self.at = self.after(self.at);
        }
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        if at + 1 == self.memory.spares.len() { 0 } else { at + 1 }
    }

    /// Marks what readers hold, and chooses for those that are choosing; a round of the circle begins.
    #[cold]
    fn scan(&mut self) {
        let memory = &*self.memory;
        self.scan += 1;
        memory.desk.0.scans.store(self.scan, Relaxed);
        // LATEST-SCAN: what keys have, before a reader's word is looked at, with LATEST-HOLD; and the values there, before it is
        // changed, with LATEST-HELPED.
        fence(Ordering::SeqCst);
        for reader in &memory.readers {
            // LATEST-HELD: what the reader has read of slots that it let go of, with LATEST-LET-GO.
            let mut found = reader.0.load(Acquire);
            if let Hold::Choosing(key) = Hold::from_bits(found) {
                let slot = Hold::Slot(memory.key(key).slot.load(Relaxed) as usize);
                // LATEST-HELP: as LATEST-HELD, also if it fails: since it was looked at, the reader may have let go of another
                // slot, and be choosing again.
                match reader.0.compare_exchange(found, slot.to_bits(), Acquire, Acquire) {
                    // A key has this slot: it is no spare of this round.
                    Ok(_) => continue,
                    // The reader has chosen, and may be choosing again already: that sees what keys have now.
                    Err(now) => found = now,
                }
            }
            if let Hold::Slot(slot) = Hold::from_bits(found) {
                memory.marks[slot].store(self.scan, Relaxed);
            }
        }
        self.left = memory.spares.len();
    }
}

impl<T> Drop for LatestWriter<T> {
    fn drop(&mut self) {
        // LATEST-LEAVE: all that this writer stored, with LATEST-TAKE.
        self.memory.desk.0.taken.store(0, Release);
    }
}

impl<T> fmt::Debug for LatestWriter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LatestWriter").field("updates", &self.version).finish_non_exhaustive()
    }
}
