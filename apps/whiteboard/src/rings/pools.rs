//! The five pools: every slot has a note of validation's verdict beside its event.

use std::fmt::Debug;
use std::sync::atomic::AtomicU8;

use rusted_ring::RingRef;
use rusted_ring::pool::{HeapPools, PoolSet, XL_TSHIRT_SIZE};

/// Validation's note on an event: [`SOUND`] or [`BAD`]. Only meaningful in stages after validation.
pub(crate) type Verdict = AtomicU8;

/// The event is passed on.
pub(crate) const SOUND: u8 = 0;
/// The event is skipped.
pub(crate) const BAD: u8 = 1;

/// The set of all five, on the heap.
pub(crate) type Pools = HeapPools<XL_TSHIRT_SIZE, Verdict>;

/// A handle on a ring that any thread may use.
pub(crate) trait Handle: RingRef + Debug + Send + Sync + 'static {}

impl<R: RingRef + Debug + Send + Sync + 'static> Handle for R {}

/// A set of the five, wherever they lie. (16384 is [`XL_TSHIRT_SIZE`]: the compiler does not see that by its name here.)
pub(crate) trait Set:
    PoolSet<16384, Notes = Verdict, Xs: Handle, S: Handle, M: Handle, L: Handle, Xl: Handle> + Debug + Send + Sync + 'static
{
}

impl<P> Set for P where
    P: PoolSet<Notes = Verdict, Xs: Handle, S: Handle, M: Handle, L: Handle, Xl: Handle>
        + Debug
        + Send
        + Sync
        + 'static
{
}
