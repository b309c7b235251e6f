//! A line a slot, with the payload in front: what small payloads could have.

use crate::payload::Payload;
use crate::plane::Plane;
use crate::ring::{Layout, Stamps};
use std::sync::atomic::AtomicU64;

/// The largest payload that leaves room for stamp and head on its line, in bytes.
pub(crate) const LARGEST: usize = 48;

#[repr(C, align(64))]
struct Line<const W: usize> {
    payload: Payload<W>,
    head: AtomicU64,
    stamp: AtomicU64,
}

/// Lines, each an event.
pub(crate) struct InLine<const W: usize, const CAP: usize>(Plane<Line<W>, CAP>);

impl<const W: usize, const CAP: usize> Layout<W> for InLine<W, CAP> {
    const CAPACITY: usize = CAP;

    fn empty() -> Self {
        let line = || Line { payload: Payload::empty(), head: AtomicU64::new(0), stamp: AtomicU64::new(0) };
        InLine(Plane::of(line))
    }

    #[inline]
    fn payload(&self, slot: usize) -> &Payload<W> {
        &self.0[slot].payload
    }

    #[inline]
    fn head(&self, slot: usize) -> Option<&AtomicU64> {
        Some(&self.0[slot].head)
    }
}

impl<const W: usize, const CAP: usize> Stamps<W> for InLine<W, CAP> {
    #[inline]
    fn stamp(&self, slot: usize) -> &AtomicU64 {
        &self.0[slot].stamp
    }
}
