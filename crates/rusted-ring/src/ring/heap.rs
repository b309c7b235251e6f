//! A ring on the heap, of a capacity chosen when it is made.

use alloc::{boxed::Box, sync::Arc};
use core::{fmt, marker::PhantomData};

use super::{
    ClosePolicy,
    header::Header,
    home::{Bytes, Many, Mode, RingRef, Sealed, Sole},
    lifecycle::Lifecycle,
    payload,
    planes::{Planes, Tag, reciprocal},
};

/// A ring of slots of up to `N` bytes each, on the heap; a clone is another handle on the same ring.
///
/// All its memory is taken, and touched, when it is made. It closes with its last writer, unless made
/// [`closing`](Self::closing) otherwise.
pub struct HeapRing<const N: usize, M = Many> {
    memory: Arc<Memory>,
    mode: PhantomData<M>,
}

struct Memory {
    header: Header,
    tags: Box<[Tag]>,
    payloads: payload::Boxed,
    reciprocal: u64,
}

impl<const N: usize> HeapRing<N, Many> {
    /// An empty ring of `capacity` slots for any number of writers.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0, or the ring's bytes exceed the address space.
    pub fn new(capacity: usize) -> Self {
        Self::closing(capacity, ClosePolicy::WithLastWriter)
    }
}

impl<const N: usize> HeapRing<N, Sole> {
    /// An empty ring of `capacity` slots for one writer at a time. Panics as [`new`](HeapRing::new) does.
    pub fn sole(capacity: usize) -> Self {
        Self::closing(capacity, ClosePolicy::WithLastWriter)
    }
}

impl<const N: usize, M: Mode> HeapRing<N, M> {
    /// An empty ring of `capacity` slots that closes by `policy`. Panics as [`new`](HeapRing::new) does.
    pub fn closing(capacity: usize, policy: ClosePolicy) -> Self {
        assert!(capacity > 0, "a ring needs at least one slot: give HeapRing a capacity of at least 1");
        let memory = Memory {
            header: Header::new(Lifecycle::new(policy)),
            tags: core::iter::repeat_with(Tag::fresh).take(capacity).collect(),
            payloads: payload::Boxed::zeroed(capacity, <Bytes<N> as super::Slot>::STRIDE),
            reciprocal: reciprocal(capacity),
        };
        HeapRing { memory: Arc::new(memory), mode: PhantomData }
    }
}

impl<const N: usize, M> Clone for HeapRing<N, M> {
    fn clone(&self) -> Self {
        HeapRing { memory: Arc::clone(&self.memory), mode: PhantomData }
    }
}

impl<const N: usize, M: Mode> fmt::Debug for HeapRing<N, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeapRing")
            .field("slot_bytes", &N)
            .field("capacity", &self.memory.tags.len())
            .field("claimed", &self.planes().claimed(0))
            .finish_non_exhaustive()
    }
}

impl<const N: usize, M: Mode> Sealed for HeapRing<N, M> {}

impl<const N: usize, M: Mode> RingRef for HeapRing<N, M> {
    type Slot = Bytes<N>;
    type Mode = M;

    #[inline]
    fn planes(&self) -> Planes<'_, Bytes<N>, M> {
        let memory = &*self.memory;
        Planes::new(&memory.header, &memory.tags, memory.payloads.plane(), memory.reciprocal)
    }
}
