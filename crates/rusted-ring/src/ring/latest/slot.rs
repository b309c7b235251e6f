//! A slot: a value and its stamp.

use core::{marker::PhantomData, sync::atomic::AtomicU64};

use bytemuck::{bytes_of_mut, from_bytes};

use crate::ring::{
    Sealed,
    memory::{
        slot::Slot,
        tag::{Head, Headless},
        value::Value,
    },
};

/// What a slot begins and ends with: a line, so that no two slots share one.
const LINE: usize = if cfg!(any(loom, shuttle)) { 8 } else { 64 };

/// A slot with a value and, as its note (invariant N), the version of that.
pub(super) struct Stamped<T>(PhantomData<T>);

impl<T> Sealed for Stamped<T> {}

impl<T: Value> Slot for Stamped<T> {
    const STRIDE: usize = {
        assert!(size_of::<T>() > 0, "a cell of zero bytes has no value: give it a type of at least one byte");
        assert!(align_of::<T>() <= 64, "a cell's value is aligned to at most 64 bytes");
        (Self::NOTES_AT + size_of::<AtomicU64>()).next_multiple_of(LINE)
    };
    const LEN: usize = size_of::<T>();
    const LONGEST: usize = Self::LEN;
    const NOTES_AT: usize = size_of::<T>().next_multiple_of(align_of::<AtomicU64>());
    type Owned = T;
    type View = T;
    type Notes = AtomicU64;
    type Head = Headless;

    #[inline]
    fn blank() -> T {
        T::zeroed()
    }

    #[inline]
    fn payload_of(owned: &mut T) -> &mut [u8] {
        bytes_of_mut(owned)
    }

    #[inline]
    fn complete(_owned: &mut T, _head: Head) {}

    #[inline]
    fn view(payload: &[u8]) -> &T {
        from_bytes(payload)
    }
}
