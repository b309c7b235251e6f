//! A ring whose size is known when it is compiled.

use core::{fmt, marker::PhantomData};

use super::{
    ClosePolicy,
    header::Header,
    home::{Bytes, Many, Mode, RingRef, Sealed, Slot, Sole},
    lifecycle::Lifecycle,
    payload,
    planes::{Planes, Tag, reciprocal},
};
use crate::sync::const_unless_loom;

/// The most bytes that the planes of a [`RingBuffer`] may take: 1 MiB.
///
/// Counted is what the planes really take, `CAP * (N + 16)`. Larger rings live on the heap, as a `HeapRing`.
pub const MAX_STACK_BYTES: usize = 1_048_576;

/// A ring of `CAP` slots of up to `N` bytes each, written by many writers or by a [`Sole`] one.
///
/// The whole ring is in the value, so that it can be a `static`: `static R: RingBuffer<64, 2000> = RingBuffer::new();`
/// lies zeroed in the program's image, costs no initialisation and works from a thread with any stack. Through a
/// `OnceLock` the value crosses the stack of whoever touches it first, about nine times over in a debug build: keep such
/// rings under a twentieth of the smallest stack (100 KB on a thread of 2 MiB), and declare larger ones as plain statics.
///
/// `RingBuffer::new()` never closes; see [`closing`](Self::closing).
#[repr(C)]
pub struct RingBuffer<const N: usize, const CAP: usize, M = Many> {
    header: Header,
    tags: Tags<CAP>,
    payloads: payload::Inline<N, CAP>,
    mode: PhantomData<M>,
}

#[cfg(not(loom))]
type Tags<const CAP: usize> = [Tag; CAP];
#[cfg(loom)]
type Tags<const CAP: usize> = alloc::boxed::Box<[Tag]>;

impl<const N: usize, const CAP: usize> RingBuffer<N, CAP, Many> {
    const_unless_loom! {
        /// An empty ring for any number of writers.
        pub const fn new() -> Self {
            Self::empty(ClosePolicy::Never)
        }
    }
}

impl<const N: usize, const CAP: usize> RingBuffer<N, CAP, Sole> {
    const_unless_loom! {
        /// An empty ring for one writer at a time.
        pub const fn sole() -> Self {
            Self::empty(ClosePolicy::Never)
        }
    }
}

impl<const N: usize, const CAP: usize, M: Mode> RingBuffer<N, CAP, M> {
    /// Fails the build where the ring is too large or has no slots.
    const FITS: () = {
        assert!(CAP > 0, "a ring needs at least one slot: give RingBuffer<N, CAP> a CAP of at least 1");
        assert!(
            CAP.saturating_mul(N.saturating_add(size_of::<Tag>())) <= MAX_STACK_BYTES,
            "RingBuffer<N, CAP> takes CAP * (N + 16) bytes, more than MAX_STACK_BYTES (1 MiB): lower N or CAP, or use HeapRing"
        );
    };

    const_unless_loom! {
        const fn empty(policy: ClosePolicy) -> Self {
            let () = Self::FITS;
            let _ = <Bytes<N> as Slot>::STRIDE;
            RingBuffer {
                header: Header::new(Lifecycle::new(policy)),
                #[cfg(not(loom))]
                tags: [const { Tag::fresh() }; CAP],
                #[cfg(loom)]
                tags: (0..CAP).map(|_| Tag::fresh()).collect(),
                payloads: payload::Inline::zeroed(),
                mode: PhantomData,
            }
        }
    }

    const_unless_loom! {
        /// An empty ring of this type that closes by `policy`.
        pub const fn closing(policy: ClosePolicy) -> Self {
            Self::empty(policy)
        }
    }

    /// Slots in the ring.
    pub const fn capacity(&self) -> usize {
        CAP
    }

    #[inline]
    fn view(&self) -> Planes<'_, Bytes<N>, M> {
        Planes::new(&self.header, &self.tags, self.payloads.plane(), const { reciprocal(CAP) })
    }
}

impl<const N: usize, const CAP: usize> Default for RingBuffer<N, CAP, Many> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, const CAP: usize, M: Mode> fmt::Debug for RingBuffer<N, CAP, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingBuffer")
            .field("slot_bytes", &N)
            .field("capacity", &CAP)
            .field("claimed", &self.view().claimed(0))
            .finish_non_exhaustive()
    }
}

impl<const N: usize, const CAP: usize, M: Mode> Sealed for &RingBuffer<N, CAP, M> {}

impl<const N: usize, const CAP: usize, M: Mode> RingRef for &RingBuffer<N, CAP, M> {
    type Slot = Bytes<N>;
    type Mode = M;

    #[inline]
    fn planes(&self) -> Planes<'_, Bytes<N>, M> {
        self.view()
    }
}

#[cfg(feature = "alloc")]
impl<const N: usize, const CAP: usize, M: Mode> Sealed for alloc::sync::Arc<RingBuffer<N, CAP, M>> {}

#[cfg(feature = "alloc")]
impl<const N: usize, const CAP: usize, M: Mode> RingRef for alloc::sync::Arc<RingBuffer<N, CAP, M>> {
    type Slot = Bytes<N>;
    type Mode = M;

    #[inline]
    fn planes(&self) -> Planes<'_, Bytes<N>, M> {
        self.view()
    }
}
