//! An event: its owned form, its borrowed form.

use core::fmt;

use bytemuck::{AnyBitPattern, Zeroable};

use crate::Sequence;

/// An event of up to `N` bytes, owned.
///
/// The fields are public and the struct may be built by a literal. Its padding, where `N + 8` is no multiple of 64,
/// is never readable as bytes: the type is [`AnyBitPattern`] and [`Zeroable`], and byte views end at `len`.
#[repr(C, align(64))]
#[derive(Clone, Copy)]
pub struct PooledEvent<const N: usize> {
    /// Bytes of `data` in use, at most `N`.
    pub len: u32,
    /// What the event means, to its users.
    pub event_type: u32,
    /// The payload; bytes past `len` are not carried through a ring, and read as zero behind it.
    pub data: [u8; N],
}

// SAFETY: the all-zero pattern is a valid value of each field.
unsafe impl<const N: usize> Zeroable for PooledEvent<N> {}
// SAFETY: every field is valid for any bit pattern; the type is Copy, 'static and holds no pointer or interior mutability.
unsafe impl<const N: usize> AnyBitPattern for PooledEvent<N> {}

impl<const N: usize> PooledEvent<N> {
    /// Returns the first `len` bytes of the payload; a `len` beyond `N` counts as `N`.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.data[..(self.len as usize).min(N)]
    }
}

/// Compares what a ring carries: type and the bytes up to `len`.
impl<const N: usize> PartialEq for PooledEvent<N> {
    fn eq(&self, other: &Self) -> bool {
        self.event_type == other.event_type && self.bytes() == other.bytes()
    }
}

impl<const N: usize> Eq for PooledEvent<N> {}

impl<const N: usize> fmt::Debug for PooledEvent<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PooledEvent")
            .field("len", &self.len)
            .field("event_type", &self.event_type)
            .field("data", &self.bytes())
            .finish()
    }
}

/// An event copied into a caller's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Its number on the ring.
    pub sequence: Sequence,
    /// What it means, to its users.
    pub event_type: u32,
    /// Its payload.
    pub data: &'a [u8],
}
