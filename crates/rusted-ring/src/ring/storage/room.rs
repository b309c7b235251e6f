//! Memory for values that are not made yet.

use alloc::{boxed::Box, vec::Vec};
use core::{error::Error, fmt};

/// There is no memory for a ring, pools or cells; nothing was made.
///
/// ```
/// use rusted_ring::{ClosePolicy, HeapRing};
///
/// let too_large = HeapRing::<64>::try_closing(1 << 52, ClosePolicy::WithLastPublisher).unwrap_err();
/// assert!(too_large.bytes > 1 << 52);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoMemory {
    /// Bytes that were not to be had, of one of its parts.
    pub bytes: usize,
}

impl fmt::Display for NoMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no memory: {} bytes in a row were not to be had: ask for fewer, or smaller, slots", self.bytes)
    }
}

impl Error for NoMemory {}

/// Room for so many values. Nobody has touched its memory yet.
pub(in crate::ring) struct Room<T> {
    values: Vec<T>,
    len: usize,
}

impl<T> Room<T> {
    pub(in crate::ring) fn of(len: usize) -> Result<Self, NoMemory> {
        let mut values = Vec::new();
        match values.try_reserve_exact(len) {
            Ok(()) => Ok(Room { values, len }),
            Err(_) => Err(NoMemory { bytes: len.saturating_mul(size_of::<T>()) }),
        }
    }

    /// Values that are made by `fresh`.
    pub(in crate::ring) fn filled(self, fresh: impl FnMut() -> T) -> Box<[T]> {
        let Room { mut values, len } = self;
        values.extend(core::iter::repeat_with(fresh).take(len));
        values.into_boxed_slice()
    }
}

/// What there was memory for.
///
/// # Panics
///
/// If there was none.
pub(crate) fn given<T>(made: Result<T, NoMemory>) -> T {
    made.unwrap_or_else(|none| panic!("{none}"))
}
