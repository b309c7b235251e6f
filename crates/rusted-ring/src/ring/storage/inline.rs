//! A ring whose size is known when it is compiled, in one value.

use core::{fmt, marker::PhantomData};

use crate::{
    ring::{
        ClosePolicy, Sealed,
        header::Header,
        memory::{
            Inline,
            slot::{Bytes, Typed, Whole},
            tag::TagPart,
        },
        mode::{Many, Mode, Sole, TagOf},
        protocol::lifecycle::{Closes, Closing, Open},
        storage::RingRef,
        view::{RingView, reciprocal},
    },
    sync::const_unless_modelled,
};

/// The most bytes that the planes of an [`InlineRing`] may take: 1 MiB.
///
/// Counted is what the planes really take: `CAP * (N + 16)`, less 8 a slot for a typed ring, and 8 for a ring of mode [`Sole`].
/// Larger rings live on the heap, as a `HeapRing`.
pub const MAX_STACK_BYTES: usize = 1_048_576;

/// A ring of `CAP` slots in one value, written by many publishers or by a [`Sole`] one.
///
/// [`RingBuffer`] and [`TypedRing`] are its two forms. The whole ring is in the value, so that it can be a `static`:
/// `static R: RingBuffer<64, 2000> = RingBuffer::new();` lies zeroed in the program's image, costs no initialisation and
/// works from a thread with any stack. Through a `OnceLock` the value crosses the stack of the thread that touches it first,
/// about nine times over in a debug build: keep such rings under a twentieth of the smallest stack (100 KB on a thread of
/// 2 MiB), and declare larger ones as plain statics.
///
/// `new()` and `sole()` make a ring that never closes; [`closing`](Self::closing) makes one that does, which its type says: `C`.
#[repr(C)]
pub struct InlineRing<S: Whole, const CAP: usize, M: Mode = Many, C: Closes = Open> {
    header: Header,
    pub(in crate::ring) tags: Tags<S, CAP, M>,
    pub(in crate::ring) payloads: Inline<S::Cell, CAP>,
    types: PhantomData<(M, C)>,
}

/// A ring of `CAP` slots of up to `N` bytes each, in one value: see [`InlineRing`].
pub type RingBuffer<const N: usize, const CAP: usize, M = Many, C = Open> = InlineRing<Bytes<N>, CAP, M, C>;

/// A ring of `CAP` values of `T`, in one value: see [`InlineRing`] and [`Typed`].
pub type TypedRing<T, const CAP: usize, M = Many, C = Open> = InlineRing<Typed<T>, CAP, M, C>;

#[cfg(not(any(loom, shuttle)))]
type Tags<S, const CAP: usize, M> = [TagOf<S, M>; CAP];
#[cfg(any(loom, shuttle))]
type Tags<S, const _CAP: usize, M> = alloc::boxed::Box<[TagOf<S, M>]>;

impl<S: Whole, const CAP: usize> InlineRing<S, CAP, Many> {
    const_unless_modelled! {
        /// Makes an empty ring for any number of publishers.
        pub const fn new() -> Self {
            Self::empty()
        }
    }
}

impl<S: Whole, const CAP: usize> InlineRing<S, CAP, Sole> {
    const_unless_modelled! {
        /// Makes an empty ring for one publisher at a time.
        pub const fn sole() -> Self {
            Self::empty()
        }
    }
}

impl<S: Whole, const CAP: usize, M: Mode> InlineRing<S, CAP, M, Closing> {
    const_unless_modelled! {
        /// Makes an empty ring of this type, which closes with its last publisher.
        ///
        /// ```
        /// # use rusted_ring::{Closing, Many, Subscriber, RingBuffer, Publisher, subscriber::TryRecvError};
        /// static ONCE: RingBuffer<64, 256, Many, Closing> = RingBuffer::closing();
        /// let mut reader = Subscriber::new(&ONCE);
        /// drop(Publisher::join(&ONCE).unwrap());
        /// assert_eq!(reader.try_recv(), Err(TryRecvError::Closed));
        /// ```
        pub const fn closing() -> Self {
            Self::empty()
        }
    }
}

impl<S: Whole, const CAP: usize, M: Mode, C: Closes> InlineRing<S, CAP, M, C> {
    /// Fails the build where the ring is too large or has no slots.
    const FITS: () = {
        assert!(CAP > 0, "a ring needs at least one slot: give it a CAP of at least 1");
        assert!(
            CAP >= S::FEWEST,
            "a ring has at least four times the slots that its longest event takes: give it a larger CAP"
        );
        assert!(
            CAP.saturating_mul(S::STRIDE.saturating_add(size_of::<TagOf<S, M>>())) <= MAX_STACK_BYTES,
            "the ring takes CAP * (N + 16) bytes (8 less a slot if typed, and 8 if of mode Sole), more than MAX_STACK_BYTES \
             (1 MiB): make it smaller, or use a ring on the heap"
        );
    };

    const_unless_modelled! {
        const fn empty() -> Self {
            let () = Self::FITS;
            InlineRing {
                header: Header::new(),
                #[cfg(not(any(loom, shuttle)))]
                tags: [const { TagOf::<S, M>::FRESH }; CAP],
                #[cfg(any(loom, shuttle))]
                tags: (0..CAP).map(|_| TagPart::fresh()).collect(),
                payloads: Inline::zeroed(),
                types: PhantomData,
            }
        }
    }

    /// Slots in the ring.
    pub const fn capacity(&self) -> usize {
        CAP
    }

    #[inline]
    pub(super) fn view(&self) -> RingView<'_, S, M> {
        // SAFETY: there are `CAP` tags, and `CAP` cells of a stride each.
        unsafe { RingView::new(&self.header, &self.tags, self.payloads.plane(), const { reciprocal(CAP) }) }
    }
}

impl<S: Whole, const CAP: usize> Default for InlineRing<S, CAP, Many> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Whole, const CAP: usize, M: Mode, C: Closes> fmt::Debug for InlineRing<S, CAP, M, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InlineRing")
            .field("slot_bytes", &S::STRIDE)
            .field("capacity", &CAP)
            .field("claimed", &self.view().claimed(0))
            .finish_non_exhaustive()
    }
}

impl<S: Whole, const CAP: usize, M: Mode, C: Closes> Sealed for &InlineRing<S, CAP, M, C> {}

impl<S: Whole, const CAP: usize, M: Mode, C: Closes> RingRef for &InlineRing<S, CAP, M, C> {
    type Slot = S;
    type Mode = M;

    #[inline]
    fn view(&self) -> RingView<'_, S, M> {
        InlineRing::view(self)
    }

    fn close_policy(&self) -> ClosePolicy {
        C::POLICY
    }
}

#[cfg(feature = "alloc")]
impl<S: Whole, const CAP: usize, M: Mode, C: Closes> Sealed for alloc::sync::Arc<InlineRing<S, CAP, M, C>> {}

#[cfg(feature = "alloc")]
impl<S: Whole, const CAP: usize, M: Mode, C: Closes> RingRef for alloc::sync::Arc<InlineRing<S, CAP, M, C>> {
    type Slot = S;
    type Mode = M;

    #[inline]
    fn view(&self) -> RingView<'_, S, M> {
        InlineRing::view(self)
    }

    fn close_policy(&self) -> ClosePolicy {
        C::POLICY
    }
}
