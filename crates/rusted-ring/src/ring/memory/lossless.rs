//! Slots of rings that have no Subscribers, which their owners may therefore write as plain memory.

use core::{fmt, marker::PhantomData};

use crate::ring::{
    Sealed,
    memory::{
        slot::{BytesSlot, Slot, TypedSlot, Whole},
        tag::Head,
    },
};

/// Slots of `S`, [`Bytes`](crate::Bytes) or [`Typed`](crate::Typed), on a ring that has Consumers and no Subscribers.
///
/// A Subscriber may look at a slot at any time, so publishers write it word by word. Where there is none, by the ring's type, a publisher is
/// lent the slot as plain memory, and the event is made in its place: by a claim's `value_mut` and `spare_mut`, and
/// by a sole publisher's `send_with` and `publish_with`. That saves large events a copy. All else is as on other rings; `HeapLosslessRing` and
/// `HeapLosslessTypedRing` are such rings on the heap.
///
/// A Subscriber cannot join:
///
/// ```compile_fail,E0080
/// # use rusted_ring::{HeapLosslessRing, Start, Subscriber};
/// let _ = Subscriber::join(HeapLosslessRing::<64>::new(8), Start::Newest);
/// ```
///
/// Processes that share memory can always look at it, so no ring of such slots can be [mapped](crate::MappedRing).
pub struct Lossless<S>(PhantomData<S>);

impl<S> fmt::Debug for Lossless<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lossless")
    }
}

impl<S> Sealed for Lossless<S> {}

impl<S: Whole> Whole for Lossless<S> {
    type Cell = S::Cell;
}

impl<S: BytesSlot> BytesSlot for Lossless<S> {}

impl<S: TypedSlot> TypedSlot for Lossless<S> {
    type Value = S::Value;
}

impl<S: Slot> Slot for Lossless<S> {
    const STRIDE: usize = S::STRIDE;
    const LEN: usize = S::LEN;
    const LONGEST: usize = S::LONGEST;
    const NOTES_AT: usize = S::NOTES_AT;
    const HAS_SUBSCRIBERS: bool = false;
    type Owned = S::Owned;
    type View = S::View;
    type Notes = S::Notes;
    type Head = S::Head;

    #[inline]
    fn blank() -> S::Owned {
        S::blank()
    }

    #[inline]
    fn payload_of(owned: &mut S::Owned) -> &mut [u8] {
        S::payload_of(owned)
    }

    #[inline]
    fn complete(owned: &mut S::Owned, head: Head) {
        S::complete(owned, head);
    }

    #[inline]
    fn view(payload: &[u8]) -> &S::View {
        S::view(payload)
    }
}
