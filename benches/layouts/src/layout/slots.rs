//! One struct a slot: stamp, head, payload.

use crate::payload::Payload;
use crate::plane::Plane;
use crate::ring::{Layout, Stamps};
use std::borrow::Borrow;
use std::sync::atomic::AtomicU64;

/// A slot without padding, aligned to 8.
#[repr(C)]
pub(crate) struct Slot<const W: usize> {
    stamp: AtomicU64,
    head: AtomicU64,
    payload: Payload<W>,
}

/// A slot on lines of its own.
#[repr(C, align(64))]
pub(crate) struct Padded<const W: usize>(Slot<W>);

/// Slots, padded or not.
pub(crate) struct Slots<S, const CAP: usize>(Plane<S, CAP>);

impl<const W: usize> From<Slot<W>> for Padded<W> {
    fn from(slot: Slot<W>) -> Self {
        Padded(slot)
    }
}

impl<const W: usize> Borrow<Slot<W>> for Padded<W> {
    #[inline]
    fn borrow(&self) -> &Slot<W> {
        &self.0
    }
}

impl<const W: usize, const CAP: usize, S> Layout<W> for Slots<S, CAP>
where
    S: From<Slot<W>> + Borrow<Slot<W>> + Send + Sync + 'static,
{
    const CAPACITY: usize = CAP;

    fn empty() -> Self {
        let slot = || Slot { stamp: AtomicU64::new(0), head: AtomicU64::new(0), payload: Payload::empty() };
        Slots(Plane::of(|| slot().into()))
    }

    #[inline]
    fn payload(&self, slot: usize) -> &Payload<W> {
        &self.0[slot].borrow().payload
    }

    #[inline]
    fn head(&self, slot: usize) -> Option<&AtomicU64> {
        Some(&self.0[slot].borrow().head)
    }
}

impl<const W: usize, const CAP: usize, S> Stamps<W> for Slots<S, CAP>
where
    Self: Layout<W>,
    S: Borrow<Slot<W>>,
{
    #[inline]
    fn stamp(&self, slot: usize) -> &AtomicU64 {
        &self.0[slot].borrow().stamp
    }
}
