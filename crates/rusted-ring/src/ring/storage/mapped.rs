//! A ring in memory that several processes map.

use core::{fmt, ptr::NonNull, slice};

use crate::ring::{
    ClosePolicy, PlaceError, Sealed,
    header::Header,
    memory::{PayloadPlane, slot::Slot},
    mode::{Mode, TagOf},
    protocol::registry::TABLE_LEN,
    storage::{Lease, RingRef, incident::Incident, layout::Layout},
    view::{RingView, reciprocal},
};

/// The processes that share a ring, as one of them knows them; a clone is another handle on the same.
///
/// # Safety
///
/// - The memory of a [`MappedRing`] that has it, or a clone of it, stays mapped, at the same address.
/// - What [`hold`](Self::hold) has given is nobody else's, in any process, until it is given back or the holder's process has ended.
pub unsafe trait Peers: Clone {
    /// Whether the other processes are trusted to write the memory as this library does. Only then a `Consumer` lends events in place:
    /// elsewhere that does not compile, and events are copied out.
    const TRUSTED: bool;

    /// Tries to take `lease`, which nobody holds; false, if it is held, by this handle, too, or if there is no such entry.
    fn hold(&self, lease: Lease) -> bool;

    /// Gives back what was held.
    ///
    /// # Safety
    ///
    /// The caller holds it, and nothing rests on it any more: no entry, endpoint or loan.
    unsafe fn give_back(&self, lease: Lease);

    /// Whether somebody holds `lease`, this process or another.
    fn is_held(&self, lease: Lease) -> bool;

    /// Notes what this process met on the ring, for people to look at. It is called where something went wrong, and never by a
    /// publish or a receive that goes well.
    fn note(&self, _incident: Incident) {}

    /// Whether it is time to look which processes have ended. Asked by whoever waits, at every turn: a look costs system calls.
    fn is_time_to_look(&self) -> bool;
}

/// A ring in memory that several processes map, or that foreign code may write: it does not believe what it finds there. A clone is another
/// handle on the same ring.
///
/// It never closes. Readers that died are noticed by the publishers that wait for them, and a sole publisher that died has a successor.
/// The crate `rusted-ring-shm` makes such rings, in files.
pub struct MappedRing<S: Slot, M: Mode, P: Peers> {
    /// Of memory that `peers` keeps; handed out for no longer than that.
    view: RingView<'static, S, M>,
    peers: P,
}

impl<S: Slot, M: Mode, P: Peers> MappedRing<S, M, P> {
    /// Bytes that a ring of `capacity` slots takes, from an aligned beginning.
    ///
    /// # Errors
    ///
    /// [`PlaceError`], if there is no such ring.
    pub const fn bytes_for(capacity: usize) -> Result<usize, PlaceError> {
        match Layout::checked::<S, M>(capacity, isize::MAX as usize) {
            Ok(layout) => Ok(layout.end),
            Err(error) => Err(error),
        }
    }

    /// The ring of `capacity` slots at `base`, where there is one by now, or zeros, which are an empty one.
    ///
    /// Nothing is written: see [`share`](Self::share).
    ///
    /// # Errors
    ///
    /// [`PlaceError`], if there is no such ring.
    ///
    /// # Safety
    ///
    /// - `base` is aligned to a page, and [`bytes_for`](Self::bytes_for) bytes from it on stay mapped for as long as `peers` or a clone of it lives.
    /// - Memory that may not be written is used for a [`Ledger`](crate::ledger::Ledger) alone.
    /// - This process touches these bytes through rings made by this function alone, of the same mode and capacity, and of slots of the
    ///   same kind and sizes. What is used for a [`Ledger`](crate::ledger::Ledger) alone may have smaller slots of that kind.
    /// - Where `P::TRUSTED`, that holds for all the processes that may write the memory.
    pub unsafe fn at(base: NonNull<u8>, capacity: usize, peers: P) -> Result<Self, PlaceError> {
        const { assert!(S::HAS_SUBSCRIBERS, "other processes may look at a slot while its owner writes it") };
        let layout = Layout::checked::<S, M>(capacity, isize::MAX as usize)?;
        // SAFETY: in bounds of the layout, which the caller has mapped (M).
        let tags = unsafe { base.add(layout.tags) }.cast::<TagOf<S, M>>();
        // SAFETY: as above.
        let payloads = unsafe { base.add(layout.payloads) };
        // SAFETY: invariant M: mapped and aligned; a header is atomics, of which any bytes are values.
        let header = unsafe { base.cast::<Header>().as_ref() };
        // SAFETY: as above, for `capacity` tags.
        let tags = unsafe { slice::from_raw_parts(tags.as_ptr(), capacity) };
        // SAFETY: invariant M: mapped, aligned by the layout, and touched as payloads alone.
        let payloads = unsafe { PayloadPlane::new(payloads, capacity * S::STRIDE) };
        // SAFETY: `capacity` tags, and as many payloads.
        let view = unsafe { RingView::new(header, tags, payloads, reciprocal(capacity)) };
        Ok(MappedRing { view, peers })
    }

    /// Prepares this process to sleep and wake with the others, and frees what processes have left that have ended. To be called once by a
    /// process, and before it makes an endpoint.
    pub fn share(&self) {
        self.view.header().share();
        self.view.header().free_dead(self);
    }

    /// Frees what processes have left that ended: entries of readers, and slots in which a publisher was killed. Returns how many slots
    /// these were.
    ///
    /// # Safety
    ///
    /// Nobody else takes part: until this has returned, no other handle on the ring, in this process or in another, has an endpoint, or gets
    /// one.
    pub unsafe fn mend(&self) -> u64 {
        let freed = M::free_held(self.view);
        for _ in 0..freed {
            self.note(Incident::FreedSlot);
        }
        self.view.header().table().free_dead(u64::MAX, self);
        freed
    }

    /// The processes that share the ring.
    pub fn peers(&self) -> &P {
        &self.peers
    }

    /// The same ring, with other `peers`.
    ///
    /// # Safety
    ///
    /// As [`at`](Self::at): the memory stays mapped for as long as these live, and, where they are trusted, they may be.
    pub unsafe fn with_peers<Q: Peers>(self, peers: impl FnOnce(P) -> Q) -> MappedRing<S, M, Q> {
        MappedRing { view: self.view, peers: peers(self.peers) }
    }
}

impl<S: Slot, M: Mode, P: Peers> Clone for MappedRing<S, M, P> {
    fn clone(&self) -> Self {
        MappedRing { view: self.view, peers: self.peers.clone() }
    }
}

impl<S: Slot, M: Mode, P: Peers> fmt::Debug for MappedRing<S, M, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedRing")
            .field("slot_bytes", &S::STRIDE)
            .field("capacity", &self.view.capacity())
            .field("claimed", &self.view.claimed(0))
            .finish_non_exhaustive()
    }
}

impl<S: Slot, M: Mode, P: Peers> Sealed for MappedRing<S, M, P> {}

impl<S: Slot, M: Mode, P: Peers> RingRef for MappedRing<S, M, P> {
    type Slot = S;
    type Mode = M;

    const SHARED: bool = true;
    const LENDS: bool = P::TRUSTED;

    #[inline]
    fn view(&self) -> RingView<'_, S, M> {
        self.view
    }

    /// A process that ends does not close the ring.
    fn close_policy(&self) -> ClosePolicy {
        ClosePolicy::Never
    }

    fn hold(&self, lease: Lease) -> bool {
        self.peers.hold(lease)
    }

    unsafe fn give_back(&self, lease: Lease) {
        // SAFETY: the caller's promise.
        unsafe { self.peers.give_back(lease) };
    }

    fn is_time_to_look(&self) -> bool {
        self.peers.is_time_to_look()
    }

    fn unlisted(&self) -> u64 {
        (0..TABLE_LEN).filter(|place| self.peers.is_held(Lease::Unlisted(*place))).count() as u64
    }

    fn note(&self, incident: Incident) {
        self.peers.note(incident);
    }
}
