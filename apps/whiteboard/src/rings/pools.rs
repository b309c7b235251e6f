//! The five pools: every slot has a note of validation's verdict beside its event.

use std::sync::atomic::AtomicU8;

use rusted_ring::{HeapNotedRing, HeapPools, pool::XL_TSHIRT_SIZE};

/// Validation's note on an event: [`SOUND`] or [`BAD`]. Only meaningful in stages after validation.
pub(crate) type Verdict = AtomicU8;

/// The event is passed on.
pub(crate) const SOUND: u8 = 0;
/// The event is skipped.
pub(crate) const BAD: u8 = 1;

/// The set of all five.
pub(crate) type Pools = HeapPools<XL_TSHIRT_SIZE, Verdict>;

/// One of them.
pub(crate) type Pool<const N: usize> = HeapNotedRing<N, Verdict>;
