//! A ring on the heap, of a capacity chosen when it is made.

use alloc::sync::Arc;
use core::fmt;

#[cfg(all(feature = "std", not(any(loom, shuttle))))]
use crate::placement::{MemoryReport, RingMemory};
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
use crate::ring::storage::granted::Planes;
use crate::ring::{
    ClosePolicy, Sealed,
    header::Header,
    memory::{
        Boxed,
        lossless::Lossless,
        slot::{Bytes, Slot, Typed},
        tag::TagPart,
    },
    mode::{Many, Mode, Sole, TagOf},
    storage::{
        RingRef,
        held::Held,
        layout::Layout,
        room::{NoMemory, Room, given},
    },
    view::{RingView, reciprocal},
};

/// A ring on the heap; a clone is another handle on the same ring.
///
/// [`HeapRing`], [`HeapTypedRing`], [`HeapNotedRing`] and [`HeapNotedTypedRing`] are its forms. All its memory is taken, and touched, when it is made. It closes
/// with its last publisher, unless made [`closing`](Self::closing) otherwise.
pub struct SharedRing<S: Slot, M: Mode = Many> {
    memory: Arc<Memory<S, M>>,
}

/// A ring of slots of up to `N` bytes each, on the heap: see [`SharedRing`].
pub type HeapRing<const N: usize, M = Many> = SharedRing<Bytes<N>, M>;

/// A ring of values of `T`, on the heap: see [`SharedRing`] and [`Typed`].
pub type HeapTypedRing<T, M = Many> = SharedRing<Typed<T>, M>;

/// A ring of slots of up to `N` bytes each, with notes `A` beside them, on the heap: see [`SharedRing`] and [`Bytes`].
///
/// ```
/// # use rusted_ring::{HeapNotedRing, Sole, topology::Topology, SolePublisher};
/// # use std::{sync::atomic::{AtomicU8, Ordering::Relaxed}, time::Duration};
/// let ring = HeapNotedRing::<256, AtomicU8, Sole>::sole(64);
/// let graph = Topology::over(ring.clone())
///     .stage("validate")
///     .each(|event, _| event.notes().store(event.is_ascii().into(), Relaxed))
///     .stage("send")
///     .after(["validate"])
///     .each(|event, _| assert_eq!(event.notes().load(Relaxed), 1))
///     .start()?;
/// SolePublisher::join(ring)?.publish(b"a stroke", 1)?;
/// graph.drain(Duration::from_secs(10))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type HeapNotedRing<const N: usize, A, M = Many> = SharedRing<Bytes<N, N, A>, M>;

/// A ring of values of `T`, each with notes `N` beside it, on the heap: see [`SharedRing`] and [`Typed`].
///
/// ```
/// # use rusted_ring::{HeapNotedTypedRing, Sole, topology::Topology, wait::WaitStrategy, SolePublisher};
/// # use std::{sync::atomic::{AtomicU64, Ordering::Relaxed}, time::Duration};
/// let ring = HeapNotedTypedRing::<[u64; 2], AtomicU64, Sole>::sole(64);
/// let graph = Topology::over(ring.clone())
///     .stage("multiply")
///     .each(|order, _| order.notes().store(order[0] * order[1], Relaxed))
///     .stage("check")
///     .after(["multiply"])
///     .each(|order, _| assert_eq!(order.notes().load(Relaxed), 42))
///     .start()?;
/// SolePublisher::join(ring)?.send(&[6, 7]);
/// graph.drain(Duration::from_secs(10))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type HeapNotedTypedRing<T, N, M = Many> = SharedRing<Typed<T, N>, M>;

/// A ring of slots of up to `N` bytes each, on the heap, without Subscribers, whose events are made in place: see [`SharedRing`] and
/// [`Lossless`].
///
/// ```
/// # use rusted_ring::{Consumer, HeapLosslessRing, Sole, SolePublisher, Start};
/// let ring = HeapLosslessRing::<16384, Sole>::sole(64);
/// let mut store = Consumer::join(ring.clone(), Start::Newest)?;
/// let mut publisher = SolePublisher::join(ring)?;
/// publisher.publish_with(10_000, 1, |picture| picture.fill(0xff))?;
/// assert_eq!(&*store.recv()?, &[0xff; 10_000]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type HeapLosslessRing<const N: usize, M = Many> = SharedRing<Lossless<Bytes<N>>, M>;

/// A ring of values of `T`, on the heap, without Subscribers, whose values are made in place: see [`SharedRing`] and [`Lossless`].
///
/// ```
/// # use rusted_ring::{Consumer, HeapLosslessTypedRing, Sole, SolePublisher, Start};
/// let ring = HeapLosslessTypedRing::<[f32; 1024], Sole>::sole(64);
/// let mut mixer = Consumer::join(ring.clone(), Start::Newest)?;
/// SolePublisher::join(ring)?.send_with(|samples| samples.fill(0.5));
/// assert_eq!(mixer.recv()?[1023], 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type HeapLosslessTypedRing<T, M = Many> = SharedRing<Lossless<Typed<T>>, M>;

struct Memory<S: Slot, M: Mode> {
    header: Header,
    tags: Held<TagOf<S, M>>,
    /// # Invariant: of as many slots of `S::STRIDE` bytes as there are tags.
    payloads: Boxed,
    reciprocal: u64,
    policy: ClosePolicy,
}

impl<S: Slot> SharedRing<S, Many> {
    /// Makes an empty ring of `capacity` slots for any number of publishers.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0, or less than four times the slots of a [long event](Bytes#long-events), the ring's bytes exceed the address
    /// space, or there is no memory for them. It is looked at first whether such a ring can be.
    pub fn new(capacity: usize) -> Self {
        Self::closing(capacity, ClosePolicy::WithLastPublisher)
    }
}

impl<S: Slot> SharedRing<S, Sole> {
    /// Makes an empty ring of `capacity` slots for one publisher at a time. Panics as [`new`](SharedRing::new) does.
    pub fn sole(capacity: usize) -> Self {
        Self::closing(capacity, ClosePolicy::WithLastPublisher)
    }
}

impl<S: Slot, M: Mode> SharedRing<S, M> {
    /// Makes an empty ring of `capacity` slots that closes by `policy`. Panics as [`new`](SharedRing::new) does.
    pub fn closing(capacity: usize, policy: ClosePolicy) -> Self {
        given(Self::try_closing(capacity, policy))
    }

    /// Makes an empty ring of `capacity` slots that closes by `policy`, if there is memory for it. All of that is taken before any is touched.
    ///
    /// # Errors
    ///
    /// [`NoMemory`].
    ///
    /// # Panics
    ///
    /// As [`new`](SharedRing::new) does, but for that.
    pub fn try_closing(capacity: usize, policy: ClosePolicy) -> Result<Self, NoMemory> {
        Self::must_be_possible(capacity);
        let (payloads, tags) = (Boxed::room(capacity, S::STRIDE)?, Room::of(capacity)?);
        let memory = Memory {
            header: Header::new(),
            payloads: Boxed::zeroed(payloads, capacity, S::STRIDE),
            tags: tags.filled(fresh::<TagOf<S, M>>).into(),
            reciprocal: reciprocal(capacity),
            policy,
        };
        Ok(SharedRing { memory: Arc::new(memory) })
    }

    /// Makes an empty ring of `capacity` slots that closes by `policy`, in memory as it is wished, and reports what was granted of that. Panics as
    /// [`new`](SharedRing::new) does.
    ///
    /// A wish that is not granted, here or at all, costs nobody the ring: see [`RingMemory`].
    ///
    /// ```
    /// use rusted_ring::{ClosePolicy, HeapRing, placement::RingMemory};
    ///
    /// let memory = RingMemory::new().huge_pages().locked();
    /// let (ring, report) = HeapRing::<16384>::with_memory(256, ClosePolicy::WithLastPublisher, &memory);
    /// println!("{report}");
    /// // Where nothing less will do: let report = report.required()?;
    /// # drop(ring);
    /// ```
    #[cfg(all(feature = "std", not(any(loom, shuttle))))]
    pub fn with_memory(capacity: usize, policy: ClosePolicy, wished: &RingMemory) -> (Self, MemoryReport) {
        Self::must_be_possible(capacity);
        let (Planes { tags, payloads }, report) = Planes::as_wished::<S>(capacity, wished);
        let memory = Memory { header: Header::new(), payloads, tags, reciprocal: reciprocal(capacity), policy };
        (SharedRing { memory: Arc::new(memory) }, report)
    }

    /// Panics if no ring can have `capacity` slots, however much memory there is.
    pub(crate) fn must_be_possible(capacity: usize) {
        assert!(capacity > 0, "a ring needs at least one slot: give it a capacity of at least 1");
        assert!(
            capacity >= S::FEWEST,
            "a ring has at least four times the slots that its longest event takes: give it a capacity of at least {}",
            S::FEWEST
        );
        Layout::must_be::<S, M>(capacity);
    }
}

impl<S: Slot, M: Mode> Clone for SharedRing<S, M> {
    fn clone(&self) -> Self {
        SharedRing { memory: Arc::clone(&self.memory) }
    }
}

impl<S: Slot, M: Mode> fmt::Debug for SharedRing<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedRing")
            .field("slot_bytes", &S::STRIDE)
            .field("capacity", &self.memory.tags.len())
            .field("claimed", &self.view().claimed(0))
            .finish_non_exhaustive()
    }
}

impl<S: Slot, M: Mode> Sealed for SharedRing<S, M> {}

impl<S: Slot, M: Mode> RingRef for SharedRing<S, M> {
    type Slot = S;
    type Mode = M;

    #[inline]
    fn view(&self) -> RingView<'_, S, M> {
        let memory = &*self.memory;
        // SAFETY: the field's invariant.
        unsafe { RingView::new(&memory.header, &memory.tags, memory.payloads.plane(), memory.reciprocal) }
    }

    fn close_policy(&self) -> ClosePolicy {
        self.memory.policy
    }
}

fn fresh<T: TagPart>() -> T {
    #[cfg(not(any(loom, shuttle)))]
    return T::FRESH;
    #[cfg(any(loom, shuttle))]
    T::fresh()
}
