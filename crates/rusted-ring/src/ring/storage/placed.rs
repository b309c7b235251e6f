//! A ring in memory that the caller lends.

use core::{error::Error, fmt, mem::MaybeUninit, ptr::NonNull, slice};

use crate::ring::{
    ClosePolicy, Sealed,
    header::Header,
    memory::{
        PayloadPlane,
        slot::{Bytes, Slot, Typed},
    },
    mode::{Many, Mode, Sole, TagOf},
    storage::{
        RingRef,
        layout::{ALIGNMENT, Layout},
    },
    view::{RingView, reciprocal},
};

/// A ring in memory that the caller lends for `'m`; it is `Copy`, and a copy is another handle on the same ring.
///
/// [`BorrowedRing`] and [`BorrowedTypedRing`] are its two forms. It lies in the memory as an
/// [`InlineRing`](crate::InlineRing) lies in its value, takes nothing else, and closes with its last publisher, unless made
/// [`closing`](Self::closing) otherwise. When the last handle is gone the memory is the caller's again, whatever it holds
/// by then.
///
/// ```
/// use rusted_ring::{BorrowedRing, Start, Subscriber, Publisher};
///
/// let mut memory = vec![0; BorrowedRing::<64>::bytes_for(1000)];
/// let ring = BorrowedRing::<64>::new(&mut memory[..], 1000)?;
/// let mut reader = Subscriber::join(ring, Start::Newest);
/// Publisher::join(ring)?.publish(b"an event", 1)?;
/// assert_eq!(reader.recv()?.bytes(), b"an event");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PlacedRing<'m, S: Slot, M: Mode = Many> {
    view: RingView<'m, S, M>,
    policy: ClosePolicy,
}

/// A ring of slots of up to `N` bytes each, in memory that is lent: see [`PlacedRing`].
pub type BorrowedRing<'m, const N: usize, M = Many> = PlacedRing<'m, Bytes<N>, M>;

/// A ring of values of `T`, in memory that is lent: see [`PlacedRing`] and [`Typed`].
pub type BorrowedTypedRing<'m, T, M = Many> = PlacedRing<'m, Typed<T>, M>;

/// Why no ring was made in the memory lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlaceError {
    /// The ring was asked for without a slot.
    NoSlots,
    /// The ring was asked for with less than four times the slots that its longest event takes.
    TooFewSlots {
        /// Slots that it needs at least.
        needed: usize,
        /// Slots asked for.
        asked: usize,
    },
    /// The memory is too small for the ring.
    TooSmall {
        /// Bytes that are always enough: [`PlacedRing::bytes_for`] its capacity.
        needed: usize,
        /// Bytes lent.
        given: usize,
    },
}

impl fmt::Display for PlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlaceError::NoSlots => f.write_str("a ring needs at least one slot: give it a capacity of at least 1"),
            PlaceError::TooFewSlots { needed, asked } => write!(
                f,
                "a ring has at least four times the slots that its longest event takes: ask for {needed} instead of {asked}"
            ),
            PlaceError::TooSmall { needed, given } => write!(
                f,
                "the memory has {given} bytes, and the ring needs {needed}: lend as many as `bytes_for` says, or ask for \
                 fewer slots"
            ),
        }
    }
}

impl Error for PlaceError {}

/// Memory that a ring can be placed in: `&mut [u8]`, or `&mut [MaybeUninit<u8>]`.
pub trait LentMemory<'m>: Sealed {
    #[doc(hidden)]
    fn into_parts(self) -> (NonNull<u8>, usize);
}

impl Sealed for &mut [u8] {}
impl Sealed for &mut [MaybeUninit<u8>] {}

impl<'m> LentMemory<'m> for &'m mut [u8] {
    fn into_parts(self) -> (NonNull<u8>, usize) {
        (NonNull::from(&mut *self).cast(), self.len())
    }
}

impl<'m> LentMemory<'m> for &'m mut [MaybeUninit<u8>] {
    fn into_parts(self) -> (NonNull<u8>, usize) {
        (NonNull::from(&mut *self).cast(), self.len())
    }
}

impl<'m, S: Slot> PlacedRing<'m, S, Many> {
    /// Makes an empty ring of `capacity` slots in `memory`, for any number of publishers.
    ///
    /// # Errors
    ///
    /// [`PlaceError`], if `capacity` is 0, or the memory too small.
    pub fn new(memory: impl LentMemory<'m>, capacity: usize) -> Result<Self, PlaceError> {
        Self::closing(memory, capacity, ClosePolicy::WithLastPublisher)
    }
}

impl<'m, S: Slot> PlacedRing<'m, S, Sole> {
    /// Makes an empty ring of `capacity` slots in `memory`, for one publisher at a time.
    ///
    /// # Errors
    ///
    /// [`PlaceError`], if `capacity` is 0, or the memory too small.
    pub fn sole(memory: impl LentMemory<'m>, capacity: usize) -> Result<Self, PlaceError> {
        Self::closing(memory, capacity, ClosePolicy::WithLastPublisher)
    }
}

impl<'m, S: Slot, M: Mode> PlacedRing<'m, S, M> {
    /// Returns how much memory is enough for a ring of `capacity` slots, wherever it begins.
    ///
    /// # Panics
    ///
    /// If it exceeds the address space.
    pub const fn bytes_for(capacity: usize) -> usize {
        Layout::must_be::<S, M>(capacity).end + (ALIGNMENT - 1)
    }

    /// Makes an empty ring of `capacity` slots in `memory`, that closes by `policy`.
    ///
    /// # Errors
    ///
    /// [`PlaceError`], if `capacity` is 0, or the memory too small.
    pub fn closing(memory: impl LentMemory<'m>, capacity: usize, policy: ClosePolicy) -> Result<Self, PlaceError> {
        let (base, given) = memory.into_parts();
        let layout = Layout::checked::<S, M>(capacity, given)?;
        let skipped = base.align_offset(ALIGNMENT);
        if given.checked_sub(skipped).is_none_or(|left| left < layout.end) {
            return Err(PlaceError::TooSmall { needed: layout.end + (ALIGNMENT - 1), given });
        }
        // SAFETY: in bounds of the memory, as just checked.
        let base = unsafe { base.add(skipped) };
        // SAFETY: invariant P: as many bytes as the layout needs lie behind the aligned base, and were lent for `'m`.
        let view = unsafe { Self::place(base, layout, capacity) };
        Ok(PlacedRing { view, policy })
    }

    /// Makes a ring at `base`.
    ///
    /// # Safety
    ///
    /// `base` is aligned, and for `'m` the `layout.end` bytes from it on are valid to write, and nobody else's; `layout` is
    /// that of `capacity` slots.
    unsafe fn place(base: NonNull<u8>, layout: Layout, capacity: usize) -> RingView<'m, S, M> {
        let header = base.cast::<Header>();
        // SAFETY: invariant P, by the caller's promise.
        unsafe { base.write_bytes(0, layout.end) };
        // SAFETY: in bounds of the layout.
        let tags = unsafe { base.add(layout.tags) }.cast::<TagOf<S, M>>();
        // SAFETY: in bounds of the layout.
        let payloads = unsafe { base.add(layout.payloads) };
        // SAFETY: aligned by the layout, zero, and from here on touched only through these references; all zero is a
        // header and a tag.
        let header = unsafe { header.as_ref() };
        // SAFETY: as above, for `capacity` tags.
        let tags = unsafe { slice::from_raw_parts(tags.as_ptr(), capacity) };
        // SAFETY: aligned to a line by the layout, zero, and from here on touched only as payloads.
        let payloads = unsafe { PayloadPlane::new(payloads, capacity * S::STRIDE) };
        // SAFETY: `capacity` tags, and as many payloads.
        unsafe { RingView::new(header, tags, payloads, reciprocal(capacity)) }
    }
}

impl<S: Slot, M: Mode> Clone for PlacedRing<'_, S, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Slot, M: Mode> Copy for PlacedRing<'_, S, M> {}

impl<S: Slot, M: Mode> fmt::Debug for PlacedRing<'_, S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlacedRing")
            .field("slot_bytes", &S::STRIDE)
            .field("capacity", &self.view.capacity())
            .field("claimed", &self.view.claimed(0))
            .finish_non_exhaustive()
    }
}

impl<S: Slot, M: Mode> Sealed for PlacedRing<'_, S, M> {}

impl<S: Slot, M: Mode> RingRef for PlacedRing<'_, S, M> {
    type Slot = S;
    type Mode = M;

    #[inline]
    fn view(&self) -> RingView<'_, S, M> {
        self.view
    }

    fn close_policy(&self) -> ClosePolicy {
        self.policy
    }
}
