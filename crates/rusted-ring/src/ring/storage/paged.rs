//! A ring in a static that can be placed in memory which other processes map.

use core::{fmt, ops::Deref, ptr::NonNull};

use crate::{
    ring::{
        ClosePolicy, Sealed,
        memory::slot::{Bytes, Slot, Typed, Whole},
        mode::{Many, Mode, Sole},
        protocol::lifecycle::{Closes, Closing, Open},
        storage::{RingRef, inline::InlineRing},
        view::RingView,
    },
    sync::const_unless_modelled,
};

/// A ring in one value, alone on its pages of memory, so that these can be exchanged for pages of a file before the ring is used: `rusted-ring-shm`
/// does that, and then `rring` shows the ring to other processes. Until then, and without that, it is the [`InlineRing`] inside.
///
/// [`PagedRing`] and [`PagedTypedRing`] are its two forms; what [`pools!`](crate::pools) declares is paged, too. It is up to 4 KiB larger.
///
/// ```
/// use rusted_ring::{PagedRing, Publisher, Subscriber};
///
/// static STROKES: PagedRing<64, 2000> = PagedRing::new(); // was: RingBuffer
///
/// let mut reader = Subscriber::new(&STROKES);
/// Publisher::new(&STROKES).publish(b"a stroke", 1)?;
/// assert_eq!(reader.try_recv()?.bytes(), b"a stroke");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
// The page of all systems on which `Pages` are exchanged, which is looked at when they are.
#[repr(C, align(4096))]
pub struct Paged<R>(R);

/// A ring of `CAP` slots of up to `N` bytes each, alone on its pages: see [`Paged`] and [`RingBuffer`](crate::RingBuffer).
pub type PagedRing<const N: usize, const CAP: usize, M = Many, C = Open> = Paged<InlineRing<Bytes<N>, CAP, M, C>>;

/// A ring of `CAP` values of `T`, alone on its pages: see [`Paged`] and [`TypedRing`](crate::TypedRing).
pub type PagedTypedRing<T, const CAP: usize, M = Many, C = Open> = Paged<InlineRing<Typed<T>, CAP, M, C>>;

impl<S: Whole, const CAP: usize> Paged<InlineRing<S, CAP>> {
    const_unless_modelled! {
        /// Makes an empty ring for any number of publishers.
        pub const fn new() -> Self {
            Paged(InlineRing::new())
        }
    }
}

impl<S: Whole, const CAP: usize> Paged<InlineRing<S, CAP, Sole>> {
    const_unless_modelled! {
        /// Makes an empty ring for one publisher at a time.
        pub const fn sole() -> Self {
            Paged(InlineRing::sole())
        }
    }
}

impl<S: Whole, const CAP: usize, M: Mode> Paged<InlineRing<S, CAP, M, Closing>> {
    const_unless_modelled! {
        /// Makes an empty ring of this type, which closes with its last publisher.
        pub const fn closing() -> Self {
            Paged(InlineRing::closing())
        }
    }
}

impl<S: Whole, const CAP: usize> Default for Paged<InlineRing<S, CAP>> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> Deref for Paged<R> {
    type Target = R;

    #[inline]
    fn deref(&self) -> &R {
        &self.0
    }
}

impl<R: fmt::Debug> fmt::Debug for Paged<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Paged").field(&self.0).finish()
    }
}

impl<S: Whole, const CAP: usize, M: Mode, C: Closes> Sealed for &Paged<InlineRing<S, CAP, M, C>> {}

impl<S: Whole, const CAP: usize, M: Mode, C: Closes> RingRef for &Paged<InlineRing<S, CAP, M, C>> {
    type Slot = S;
    type Mode = M;

    #[inline]
    fn view(&self) -> RingView<'_, S, M> {
        InlineRing::view(&self.0)
    }

    fn close_policy(&self) -> ClosePolicy {
        C::POLICY
    }
}

impl<S: Whole, const CAP: usize, M: Mode, C: Closes> Paged<InlineRing<S, CAP, M, C>> {
    /// The pages of a static ring, for whoever exchanges them.
    pub fn pages(&'static self) -> Pages<S, M> {
        Pages { view: InlineRing::view(&self.0), base: NonNull::from(self).cast(), bytes: size_of::<Self>() }
    }
}

/// The pages on which a static ring lies, and nothing else does.
pub struct Pages<S: Slot, M: Mode = Many> {
    view: RingView<'static, S, M>,
    base: NonNull<u8>,
    bytes: usize,
}

impl<S: Slot, M: Mode> Pages<S, M> {
    /// Where they begin: at a page.
    pub fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// How many bytes they have: whole pages. The ring begins with the first of them, and lies there as in a mapped file.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Slots in the ring.
    pub fn capacity(&self) -> usize {
        self.view.capacity()
    }

    /// Whether the ring is as it was made: nothing was published, nobody is registered, and it was not [shared](Self::share). Then zeros are the same
    /// ring.
    pub fn is_unused(&self) -> bool {
        self.view.claimed(0) == 0 && self.view.header().is_unused()
    }

    /// Prepares this process to sleep and wake with others that map the pages. To be called once the pages were exchanged, and before the ring is used.
    pub fn share(&self) {
        self.view.header().share();
    }
}

impl<S: Slot, M: Mode> fmt::Debug for Pages<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("base", &self.base).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::{Consumer, Publisher, Start, Subscriber, words::restartable};

    #[test]
    fn a_paged_ring_is_alone_on_its_pages_and_knows_whether_it_was_used() {
        static RING: PagedRing<64, 100> = PagedRing::new();
        let pages = RING.pages();
        assert!(pages.base().addr().get().is_multiple_of(4096) && pages.bytes().is_multiple_of(4096));
        assert!(pages.is_unused());
        let reader = Subscriber::join(&RING, Start::Newest);
        assert!(!pages.is_unused(), "somebody is registered");
        drop(reader);
        let store = Consumer::join(&RING, Start::Newest).unwrap();
        assert!(!pages.is_unused(), "somebody is registered");
        drop(store);
        assert!(pages.is_unused(), "nobody is left, and nothing");
        let _publisher = Publisher::new(&RING);
        assert!(pages.is_unused(), "who has published nothing keeps nothing of it");
    }

    #[test]
    fn what_was_published_or_shared_is_used() {
        static PUBLISHED: PagedTypedRing<u64, 8> = PagedTypedRing::new();
        static SHARED: PagedTypedRing<u64, 8, Sole> = PagedTypedRing::sole();
        static CLAIMED: PagedRing<8, 8> = PagedRing::new();
        Publisher::join(&PUBLISHED).unwrap().send(&1);
        assert!(!PUBLISHED.pages().is_unused());
        SHARED.pages().share();
        assert!(!SHARED.pages().is_unused());
        core::mem::forget(Publisher::new(&CLAIMED).claim());
        assert!(!CLAIMED.pages().is_unused());
    }

    #[test]
    fn owners_on_a_shared_ring_are_never_permitted_to_store_for_nobody_else_can_interrupt_them() {
        static OWN: PagedRing<64, 8> = PagedRing::new();
        static SHARED: PagedRing<64, 8> = PagedRing::new();
        static EARLY: PagedRing<64, 8> = PagedRing::new();
        let is_given = |ring: &'static PagedRing<64, 8>| InlineRing::view(ring).header().gate.0.permit.is_given();
        let _publisher = Publisher::new(&OWN);
        assert_eq!(is_given(&OWN), restartable::is_granted());
        SHARED.pages().share();
        let _publisher = Publisher::new(&SHARED);
        assert!(!is_given(&SHARED));
        // One that joined before the pages are exchanged has given it there, and not on the new ones.
        let _publisher = Publisher::new(&EARLY);
        assert!(EARLY.pages().is_unused());
    }

    #[test]
    fn it_is_a_ring_of_one_type_wherever_one_is_wanted() {
        static RING: PagedRing<64, 100, Many, Closing> = PagedRing::closing();
        let inside: &'static crate::RingBuffer<64, 100, Many, Closing> = &RING;
        let mut reader = Subscriber::join(inside, Start::Newest);
        Publisher::join(&RING).unwrap().publish(b"an event", 1).unwrap();
        assert_eq!(reader.try_recv().unwrap().bytes(), b"an event");
        assert_eq!(reader.try_recv(), Err(crate::subscriber::TryRecvError::Closed));
    }
}
