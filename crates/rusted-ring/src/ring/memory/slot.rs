//! What a ring's slots hold: bytes with a length and a type, or values of one Rust type, and what stages note beside them.

use core::{fmt, marker::PhantomData, time::Duration};

use bytemuck::{AnyBitPattern, NoUninit};

use crate::ring::{
    PooledEvent, Sealed,
    memory::{
        notes::Notes,
        tag::{Head, HeadCell, HeadWord, Headless},
        value::Value,
    },
};

/// What a ring's slots hold: [`Bytes`] or [`Typed`].
pub trait Slot: Sealed + 'static {
    /// Bytes of payload a slot: the event's, and the notes'.
    const STRIDE: usize;
    /// Bytes of an event that one slot holds at most. No word that they lie in reaches into the notes.
    const LEN: usize;
    /// Bytes of an event at most, in as many slots as it takes.
    const LONGEST: usize;
    /// Whether an event may be longer than a slot.
    #[doc(hidden)]
    const HAS_LONG: bool = Self::LONGEST > Self::LEN;
    /// How long a publisher may take to copy an event: a nanosecond for each byte of a slot, and ten where the event may be long, for
    /// then a reader asks from its second slot on.
    #[doc(hidden)]
    const COPYING: Duration =
        Duration::from_nanos(if Self::HAS_LONG { 10 * Self::LONGEST as u64 } else { Self::STRIDE as u64 });
    /// Slots that a ring needs at least: four times what its longest event takes, if that is more than one.
    #[doc(hidden)]
    const FEWEST: usize = if Self::HAS_LONG { Self::LONGEST.div_ceil(Self::LEN).saturating_mul(4) } else { 1 };
    /// Where in the payload the notes are: aligned for them, and room enough up to the stride.
    #[doc(hidden)]
    const NOTES_AT: usize;
    /// Whether a slot keeps its event's length: then it can say that it carries none.
    #[doc(hidden)]
    const HAS_LENGTH: bool = <Self::Head as HeadCell>::HAS_LENGTH;
    /// Whether Subscribers may read the ring, by words, at any time; else nobody but a slot's owner touches it before it is published.
    #[doc(hidden)]
    const HAS_SUBSCRIBERS: bool = true;
    /// An event, owned.
    type Owned;
    /// An event, lent in place.
    type View: ?Sized;
    /// What stages note beside it.
    type Notes: Notes;
    /// The part of the tag that is not the stamp.
    #[doc(hidden)]
    type Head: HeadCell;

    /// An event to copy into.
    #[doc(hidden)]
    fn blank() -> Self::Owned;
    /// Where the payload goes: as much as an event has at most.
    #[doc(hidden)]
    fn payload_of(owned: &mut Self::Owned) -> &mut [u8];
    /// Completes an event whose payload was copied.
    #[doc(hidden)]
    fn complete(owned: &mut Self::Owned, head: Head);
    /// An event's payload as its users see it.
    #[doc(hidden)]
    fn view(payload: &[u8]) -> &Self::View;
}

/// Slots that hold bytes, with a length and a type: [`Bytes`], on any kind of ring.
pub trait BytesSlot: Slot<View = [u8]> {}

/// Slots that hold one value each: [`Typed`], on any kind of ring.
pub trait TypedSlot: Slot<View = Self::Value> {
    /// What they hold.
    type Value: Value;
}

/// Slots without notes: an event has all of its slot.
pub trait Whole: Slot {
    /// A slot as it lies in the ring.
    type Cell: AnyBitPattern + NoUninit;
}

/// What the notes are aligned to at least, if there are any: no word of an event reaches into them.
const WIDEST_WORD: usize = 8;

/// Where the notes of a slot are whose events have up to `len` bytes: behind the last word that these lie in.
const fn notes_at<A: Notes>(len: usize) -> usize {
    match size_of::<A>() {
        0 => len,
        _ => len.next_multiple_of(WIDEST_WORD).next_multiple_of(align_of::<A>()),
    }
}

/// Bytes of a slot whose events have up to `len` bytes, and are aligned to `align`.
const fn stride<A: Notes>(len: usize, align: usize) -> usize {
    assert!(align <= 64 && align_of::<A>() <= 64, "a ring's slots are aligned to at most 64 bytes");
    assert!(!core::mem::needs_drop::<A>(), "notes are not dropped: they own nothing");
    assert!(size_of::<A>() > 0 || align_of::<A>() == 1, "notes of no size have a place at any address");
    if size_of::<A>() == 0 {
        return len;
    }
    let align = if align > align_of::<A>() { align } else { align_of::<A>() };
    (notes_at::<A>(len) + size_of::<A>()).next_multiple_of(align).next_multiple_of(WIDEST_WORD)
}

/// Events of up to `N` bytes, each with a length and a type, in slots of `SLOT` bytes, which are `N` unless said otherwise.
///
/// # Long events
///
/// With a `SLOT` smaller than `N`, an event takes as many slots as its bytes need, one after the other. It is published, received and
/// lost as one event: nobody sees half of it. Its number is that of its first slot; the sequences of its further slots carry no
/// event, and count as holes. A long event never goes round the ring's end: slots that are left there are holes, too. A ring has at
/// least four times the slots that its longest event takes.
///
/// A [batch](crate::Consumer::batch) is of the events up to the next long one, or of a long one alone. What counts sequences, such as
/// [`Subscriber::lost`](crate::Subscriber::lost) and lag, counts slots. A claim that is written in place is one slot.
///
/// An event that a [`Subscriber`](crate::Subscriber) receives by value has room for `N` bytes, on the stack: of large ones, copy into memory of your
/// own by `try_read` or `read_batch`, or receive by a [`Consumer`](crate::Consumer), which is lent them where they lie.
///
/// Small events cost such a ring no more memory than slots that fit them, and a few long ones find room among them:
///
/// ```
/// use rusted_ring::{Bytes, Consumer, Publisher, SharedRing, Start};
///
/// // 64 slots of 4 KiB, for events of up to 64 KiB.
/// let ring = SharedRing::<Bytes<65536, 4096>>::new(64);
/// let mut store = Consumer::join(ring.clone(), Start::Newest)?;
/// let publisher = Publisher::join(ring)?;
///
/// let image = vec![7; 50_000];
/// publisher.publish(&image, 1)?;
/// publisher.publish(b"a caption", 2)?;
/// assert_eq!(&*store.recv()?, &image[..]);
/// assert_eq!(&*store.recv()?, b"a caption");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Notes
///
/// With `A`, a slot has room for [`Notes`] beside its event: what one stage finds out about an event, for the stages that come after
/// it. Everybody to whom the event is lent may read and write them, by [`BatchEvent::notes`](crate::consumer::BatchEvent::notes) and
/// [`Loan::notes`](crate::consumer::Loan::notes). They are of the slot and not of the event: until somebody writes them they hold what was
/// noted a lap ago, and to begin with zero. Publishers and Subscribers do not see them.
///
/// A slot of a ring with long events has none: such an event lies in one piece, over its slots' borders.
pub struct Bytes<const N: usize, const SLOT: usize = N, A = ()>(PhantomData<A>);

impl<const N: usize, const SLOT: usize, A> fmt::Debug for Bytes<N, SLOT, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bytes")
    }
}

impl<const N: usize, const SLOT: usize, A> Sealed for Bytes<N, SLOT, A> {}

impl<const N: usize, const SLOT: usize, A: Notes> Slot for Bytes<N, SLOT, A> {
    const STRIDE: usize = {
        assert!(SLOT > 0, "a slot of zero bytes carries no event: give RingBuffer<N, CAP> an N of at least 1");
        assert!(
            N < u32::MAX as usize,
            "an event's length is a u32, of which the last marks slots without an event: N must be less"
        );
        assert!(SLOT <= N, "a slot is not larger than the longest event: give Bytes<N, SLOT> a SLOT of at most N");
        assert!(SLOT == N || size_of::<A>() == 0, "an event of several slots lies in one piece, without notes between");
        stride::<A>(SLOT, 1)
    };
    const LEN: usize = SLOT;
    const LONGEST: usize = N;
    const NOTES_AT: usize = notes_at::<A>(SLOT);
    type Owned = PooledEvent<N>;
    type View = [u8];
    type Notes = A;
    type Head = HeadWord;

    #[inline]
    fn blank() -> PooledEvent<N> {
        PooledEvent { len: 0, event_type: 0, data: [0; N] }
    }

    #[inline]
    fn payload_of(owned: &mut PooledEvent<N>) -> &mut [u8] {
        &mut owned.data
    }

    #[inline]
    fn complete(owned: &mut PooledEvent<N>, head: Head) {
        (owned.len, owned.event_type) = (head.len, head.event_type);
    }

    #[inline]
    fn view(payload: &[u8]) -> &[u8] {
        payload
    }
}

impl<const N: usize, const SLOT: usize, A: Notes> BytesSlot for Bytes<N, SLOT, A> {}

impl<const N: usize, const SLOT: usize> Whole for Bytes<N, SLOT> {
    type Cell = [u8; SLOT];
}

/// Slots that hold one value of `T` each, and no length or type: what is not carried does not move between cores.
///
/// `T` is plain data: every bit pattern is a value of it, and it has no padding, which bytemuck's derives of
/// `AnyBitPattern` and `NoUninit` check (feature `derive`). A `bool` or an enum is not, for not every byte is one: it goes in as bytes,
/// and comes out checked.
///
/// # Notes
///
/// With `N`, a slot has room for [`Notes`] beside its value, as a slot of [`Bytes`] has them beside its event.
#[cfg_attr(feature = "derive", doc = include_str!("typed.md"))]
pub struct Typed<T, N = ()>(PhantomData<(T, N)>);

impl<T, N> fmt::Debug for Typed<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

impl<T, N> Sealed for Typed<T, N> {}

impl<T: Value, N: Notes> TypedSlot for Typed<T, N> {
    type Value = T;
}

impl<T: Value> Whole for Typed<T> {
    type Cell = T;
}

impl<T: Value, N: Notes> Slot for Typed<T, N> {
    const STRIDE: usize = {
        assert!(size_of::<T>() > 0, "a slot of zero bytes carries no event: give the ring a type of at least one byte");
        assert!(size_of::<T>() <= u32::MAX as usize, "a slot's size must fit a u32");
        stride::<N>(size_of::<T>(), align_of::<T>())
    };
    const LEN: usize = size_of::<T>();
    const LONGEST: usize = Self::LEN;
    const NOTES_AT: usize = notes_at::<N>(size_of::<T>());
    type Owned = T;
    type View = T;
    type Notes = N;
    type Head = Headless;

    #[inline]
    fn blank() -> T {
        T::zeroed()
    }

    #[inline]
    fn payload_of(owned: &mut T) -> &mut [u8] {
        bytemuck::bytes_of_mut(owned)
    }

    #[inline]
    fn complete(_owned: &mut T, _head: Head) {}

    #[inline]
    fn view(payload: &[u8]) -> &T {
        bytemuck::from_bytes(payload)
    }
}
