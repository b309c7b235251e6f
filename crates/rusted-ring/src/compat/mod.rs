//! The names of rusted-ring 0.5, which are also at the root: code written for it compiles unchanged.
//!
//! New code does not need them: [`Publisher`] and [`Subscriber`] are generic over the ring, and [`pool`](crate::pool) has the
//! pools. The repository's `docs/MIGRATION.md` lists what changed, and why.

mod factory;
mod pipe;

pub use factory::EventPoolFactory;
#[cfg(feature = "std")]
pub use factory::RingFactory;
pub use pipe::{RingPipe, RingSink, RingSource};

pub use crate::{
    pool::{
        AutoSizedEvent, EmitError, EventCreationError, EventSize, EventUtils, L_CAPACITY, L_TSHIRT_SIZE, M_CAPACITY,
        M_TSHIRT_SIZE, PoolId, PoolStats, S_CAPACITY, S_TSHIRT_SIZE, SystemHealth, XL_CAPACITY, XL_TSHIRT_SIZE,
        XS_CAPACITY, XS_TSHIRT_SIZE,
    },
    ring::{MAX_STACK_BYTES, PooledEvent},
};
use crate::{
    publisher::Publisher,
    ring::{Many, Open, RingBuffer},
    subscriber::Subscriber,
};

/// A publisher of a static ring.
pub type Writer<const N: usize, const CAP: usize, C = Open> = Publisher<&'static RingBuffer<N, CAP, Many, C>>;
/// A lossy reader of a static ring.
pub type Reader<const N: usize, const CAP: usize, C = Open> = Subscriber<&'static RingBuffer<N, CAP, Many, C>>;
