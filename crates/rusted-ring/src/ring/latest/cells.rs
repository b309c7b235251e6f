//! The view of cells that their endpoints work on, whatever memory these live in.

use core::marker::PhantomData;

use super::{Desk, Key, slot::Stamped, writer::Books};
use crate::{
    ring::{
        Incident, Lease, Sealed,
        memory::{PayloadPlane, cache_line::CacheLine, slot_ref::Payload, value::Value},
    },
    sync::AtomicU64,
};

/// A handle on latest-value cells, which stay at one address while any clone of the handle lives.
///
/// Implemented for [`Latest`](super::Latest) and `MappedLatest`. Sealed, because the endpoints' soundness rests on it.
pub trait LatestRef: Sealed + Clone {
    /// What a key has.
    type Value: Value;

    /// Whether other processes may write the cells: then nothing that is found there is believed, and what is held is held by leases.
    #[doc(hidden)]
    const SHARED: bool = false;

    /// Returns a view of the cells, for the crate's own protocol.
    #[doc(hidden)]
    fn cells(&self) -> Cells<'_, Self::Value>;

    /// Tries to take `lease`, where processes share the cells. Elsewhere everybody has it.
    #[doc(hidden)]
    fn hold(&self, _lease: Lease) -> bool {
        true
    }

    /// Gives `lease` back.
    ///
    /// # Safety
    ///
    /// The caller holds it, and nothing rests on it any more.
    #[doc(hidden)]
    unsafe fn give_back(&self, _lease: Lease) {}

    /// Notes what was met, where processes share the cells.
    #[doc(hidden)]
    fn note(&self, _incident: Incident) {}
}

/// A view of cells.
pub struct Cells<'a, T> {
    pub(super) desk: &'a Desk,
    pub(super) keys: &'a [CacheLine<Key>],
    /// What each reader holds, as [`Hold`](super::Hold) says.
    pub(super) readers: &'a [CacheLine<AtomicU64>],
    /// # Invariant: of `len` slots of [`Stamped<T>`].
    slots: PayloadPlane<'a>,
    len: usize,
    /// Room for the writer's books; none in memory that processes share.
    pub(super) books: Option<&'a Books>,
    #[cfg(any(loom, shuttle))]
    pub(super) stamps: &'a [AtomicU64],
    types: PhantomData<T>,
}

impl<T> Clone for Cells<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Cells<'_, T> {}

impl<'a, T: Value> Cells<'a, T> {
    /// # Safety
    ///
    /// The invariant of the field `slots`.
    #[inline]
    pub(super) unsafe fn new(
        desk: &'a Desk,
        keys: &'a [CacheLine<Key>],
        readers: &'a [CacheLine<AtomicU64>],
        slots: PayloadPlane<'a>,
        len: usize,
        books: Option<&'a Books>,
        #[cfg(any(loom, shuttle))] stamps: &'a [AtomicU64],
    ) -> Self {
        Cells {
            desk,
            keys,
            readers,
            slots,
            len,
            books,
            #[cfg(any(loom, shuttle))]
            stamps,
            types: PhantomData,
        }
    }

    /// How many slots there are.
    #[inline]
    pub(super) fn len(self) -> usize {
        self.len
    }

    /// # Panics
    ///
    /// If there is no such key.
    #[inline]
    pub(super) fn key(self, key: usize) -> &'a Key {
        assert!(key < self.keys.len(), "there are {} keys, and none of index {key}", self.keys.len());
        &self.keys[key].0
    }

    #[inline]
    pub(super) fn slot(self, slot: usize) -> Payload<'a, Stamped<T>> {
        assert!(slot < self.len);
        // SAFETY: there is such a slot, by the field's invariant.
        unsafe { self.slots.payload(slot) }
    }

    /// The version of the value in a slot; 0 while it is written.
    #[inline]
    pub(super) fn stamp(self, slot: usize) -> &'a AtomicU64 {
        #[cfg(not(any(loom, shuttle)))]
        return self.slot(slot).notes();
        #[cfg(any(loom, shuttle))]
        &self.stamps[slot]
    }
}
