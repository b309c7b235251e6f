//! What stages note beside an event, in its own slot.

use core::sync::atomic::{
    AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize,
};

/// What the slots of a ring hold beside the event, for stages to write: atomic integers, and arrays of them. See
/// [`Bytes`](crate::Bytes) and [`Typed`](crate::Typed).
///
/// A structure of such fields is one by its author's promise:
///
/// ```
/// # use rusted_ring::Notes;
/// # use std::sync::atomic::{AtomicI64, AtomicU8};
/// #[repr(C)]
/// struct Checked {
///     total: AtomicI64,
///     verdict: AtomicU8,
/// }
///
/// // SAFETY: it has no fields but atomic integers.
/// unsafe impl Notes for Checked {}
/// ```
///
/// # Safety
///
/// Any bytes are a value of it, all of them can be changed through a shared reference, and it owns nothing: it is made of atomic
/// integers alone.
pub unsafe trait Notes: Send + Sync + 'static {}

macro_rules! notes {
    ($($atomic:ident),*) => {
        $(
            // SAFETY: an atomic integer.
            unsafe impl Notes for $atomic {}
        )*
    };
}

notes!(AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize);

// SAFETY: nothing.
unsafe impl Notes for () {}

// SAFETY: as its elements are.
unsafe impl<N: Notes, const LEN: usize> Notes for [N; LEN] {}
