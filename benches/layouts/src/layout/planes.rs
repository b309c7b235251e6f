//! Two planes: tags, and payloads without gaps. The plane of payloads begins at a line.

use crate::payload::Payload;
use crate::plane::Plane;
use crate::ring::{Layout, Stamps};
use std::sync::atomic::AtomicU64;

/// What a slot has beside its payload.
pub(crate) trait Tag: Default + Send + Sync + 'static {
    /// Whether the heads of all events are one, and are stored where another was.
    const STEADY: bool = false;

    fn head(&self) -> Option<&AtomicU64>;
}

/// A tag of 16 bytes; never on two lines.
#[derive(Default)]
#[repr(C, align(16))]
pub(crate) struct StampAndHead {
    stamp: Stamp,
    head: AtomicU64,
}

/// The same, each on a line of its own.
#[derive(Default)]
#[repr(C, align(64))]
pub(crate) struct LineOfTag(StampAndHead);

/// A tag of 8 bytes that says whose payload it is.
#[derive(Default)]
pub(crate) struct Stamp(AtomicU64);

/// A tag of 8 bytes that says what the payload is.
#[derive(Default)]
pub(crate) struct Head(AtomicU64);

/// The same, of events that are all alike.
#[derive(Default)]
pub(crate) struct SteadyHead(AtomicU64);

impl Tag for SteadyHead {
    const STEADY: bool = true;

    #[inline]
    fn head(&self) -> Option<&AtomicU64> {
        Some(&self.0)
    }
}

impl Tag for StampAndHead {
    #[inline]
    fn head(&self) -> Option<&AtomicU64> {
        Some(&self.head)
    }
}

impl Tag for LineOfTag {
    #[inline]
    fn head(&self) -> Option<&AtomicU64> {
        self.0.head()
    }
}

impl Tag for Stamp {
    #[inline]
    fn head(&self) -> Option<&AtomicU64> {
        None
    }
}

impl Tag for Head {
    #[inline]
    fn head(&self) -> Option<&AtomicU64> {
        Some(&self.0)
    }
}

impl Tag for () {
    #[inline]
    fn head(&self) -> Option<&AtomicU64> {
        None
    }
}

/// A stamp, wherever a tag has it.
impl AsRef<Stamp> for StampAndHead {
    #[inline]
    fn as_ref(&self) -> &Stamp {
        &self.stamp
    }
}

impl AsRef<Stamp> for LineOfTag {
    #[inline]
    fn as_ref(&self) -> &Stamp {
        self.0.as_ref()
    }
}

impl AsRef<Stamp> for Stamp {
    #[inline]
    fn as_ref(&self) -> &Stamp {
        self
    }
}

/// A plane of tags, and a plane of payloads.
pub(crate) struct Planes<T, const W: usize, const CAP: usize> {
    tags: Plane<T, CAP>,
    payloads: Plane<Payload<W>, CAP>,
}

impl<T: Tag, const W: usize, const CAP: usize> Layout<W> for Planes<T, W, CAP> {
    const CAPACITY: usize = CAP;
    const STEADY: bool = T::STEADY;

    fn empty() -> Self {
        Planes { tags: Plane::of(T::default), payloads: Plane::of(Payload::empty) }
    }

    #[inline]
    fn payload(&self, slot: usize) -> &Payload<W> {
        &self.payloads[slot]
    }

    #[inline]
    fn head(&self, slot: usize) -> Option<&AtomicU64> {
        self.tags[slot].head()
    }
}

impl<T: Tag + AsRef<Stamp>, const W: usize, const CAP: usize> Stamps<W> for Planes<T, W, CAP> {
    #[inline]
    fn stamp(&self, slot: usize) -> &AtomicU64 {
        &self.tags[slot].as_ref().0
    }
}
