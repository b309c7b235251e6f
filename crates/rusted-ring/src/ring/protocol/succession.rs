//! What becomes of the entries of readers whose processes have ended: others free them, and have them.

use super::registry::Table;
use crate::ring::storage::{Lease, RingRef, incident::Incident};

impl Table {
    /// Registers in a free entry, or in one whose owner's process has ended; none if the table is full. Lock-free.
    pub(super) fn register_or_succeed(&self, ring: &impl RingRef) -> Option<usize> {
        self.register(ring).or_else(|| {
            self.free_dead(u64::MAX, ring);
            self.register(ring)
        })
    }

    /// Frees the entries of Consumers whose processes have ended. Returns whether there were any.
    pub(in crate::ring) fn free_dead_consumers(&self, ring: &impl RingRef) -> bool {
        self.free_dead(self.gating(), ring)
    }

    /// Frees those of `suspects` whose owners' processes have ended. Returns whether the publishers waited for one of them.
    #[cold]
    pub(in crate::ring) fn free_dead<R: RingRef>(&self, suspects: u64, ring: &R) -> bool {
        if !R::SHARED {
            // All owners are of this process, and each frees its entry itself.
            return false;
        }
        let mut gated = false;
        // This process holds the leases of its own entries, and so does not get them here. A bit of either mask is the owner's, or was left
        // by nobody: another process wrote it.
        let mut left = suspects & self.owned();
        while let Some(index) = left.checked_ilog2() {
            left &= !(1 << index);
            let index = index as usize;
            // The lease of an entry that has an owner is free once the owner's process has ended.
            if ring.hold(Lease::Reader(index)) {
                if self.owned() & 1 << index != 0 {
                    gated |= self.free(index);
                    ring.note(Incident::DeadReader);
                }
                // SAFETY: held a moment ago, by this call.
                unsafe { ring.give_back(Lease::Reader(index)) };
            }
        }
        gated
    }
}
