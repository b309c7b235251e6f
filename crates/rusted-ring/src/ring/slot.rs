//! What a ring's slots hold: bytes with a length and a type, or values of one Rust type.

use core::{fmt, marker::PhantomData};

use bytemuck::{AnyBitPattern, NoUninit};

use super::{
    PooledEvent,
    home::Sealed,
    tag::{Head, HeadCell, HeadWord, Headless},
};

/// What a ring's slots hold: [`Bytes`] or [`Typed`].
pub trait Slot: Sealed + 'static {
    /// Bytes of payload a slot.
    const STRIDE: usize;
    /// An event, owned.
    type Owned;
    /// An event, lent in place.
    type View: ?Sized;
    /// A slot as it lies in the ring.
    type Cell: AnyBitPattern + NoUninit;
    /// The part of the tag that is not the stamp.
    #[doc(hidden)]
    type Head: HeadCell;

    /// An event to copy into.
    #[doc(hidden)]
    fn blank() -> Self::Owned;
    /// Where the payload goes: a stride.
    #[doc(hidden)]
    fn payload_of(owned: &mut Self::Owned) -> &mut [u8];
    /// Completes an event whose payload was copied.
    #[doc(hidden)]
    fn complete(owned: &mut Self::Owned, head: Head);
    /// An event's payload as its users see it.
    #[doc(hidden)]
    fn view(payload: &[u8]) -> &Self::View;
}

/// Slots of up to `N` bytes, each with a length and a type.
#[derive(Debug)]
pub struct Bytes<const N: usize>;

impl<const N: usize> Sealed for Bytes<N> {}

impl<const N: usize> Slot for Bytes<N> {
    const STRIDE: usize = {
        assert!(N > 0, "a slot of zero bytes carries no event: give RingBuffer<N, CAP> an N of at least 1");
        assert!(N <= u32::MAX as usize, "an event's length is a u32: N must fit one");
        N
    };
    type Owned = PooledEvent<N>;
    type View = [u8];
    type Cell = [u8; N];
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

/// Slots that hold one value of `T` each, and no length or type: what is not carried does not move between cores.
///
/// `T` is plain data: every bit pattern is a value of it, and it has no padding, which bytemuck's derives of
/// `AnyBitPattern` and `NoUninit` check. A `bool` or an enum is not, for not every byte is one: it goes in as an integer,
/// and comes out checked.
///
/// ```
/// # use rusted_ring::{HeapTypedRing, Start, reader::Reader, writer::Writer};
/// #[derive(Debug, PartialEq)]
/// enum Tool { Pen, Eraser }
///
/// let ring = HeapTypedRing::<[u8; 2]>::new(64);
/// let mut reader = Reader::join(ring.clone(), Start::Newest);
/// Writer::join(ring)?.send(&[Tool::Eraser as u8, u8::from(true)])?;
///
/// let [tool, is_down] = reader.recv()?;
/// let tool = match tool {
///     0 => Tool::Pen,
///     1 => Tool::Eraser,
///     unknown => panic!("no tool has the number {unknown}"),
/// };
/// assert_eq!((tool, is_down != 0), (Tool::Eraser, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// bytemuck's `CheckedBitPattern` does the same for whole structs.
pub struct Typed<T>(PhantomData<T>);

impl<T> fmt::Debug for Typed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

impl<T> Sealed for Typed<T> {}

impl<T: AnyBitPattern + NoUninit + Send + Sync> Slot for Typed<T> {
    const STRIDE: usize = {
        assert!(size_of::<T>() > 0, "a slot of zero bytes carries no event: give the ring a type of at least one byte");
        assert!(size_of::<T>() <= u32::MAX as usize, "a slot's size must fit a u32");
        assert!(align_of::<T>() <= 64, "a ring's slots are aligned to at most 64 bytes");
        size_of::<T>()
    };
    type Owned = T;
    type View = T;
    type Cell = T;
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
