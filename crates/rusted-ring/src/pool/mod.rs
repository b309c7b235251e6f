//! Pools: five rings, one for each size of event, and the interface that users of rusted-ring 0.5 know.
//!
//! The names with `get_` in them, [`EventUtils`] and [`AutoSizedEvent`] are that interface. New code emits bytes
//! through a [`PoolSet`] and reads with [`Reader`](crate::reader::Reader) and [`Consumer`](crate::consumer::Consumer).

mod auto;
mod factory;
mod pipe;
mod preset;
mod set;
mod size;
mod stats;

pub use auto::{AutoSizedEvent, EmitError, EventCreationError, EventUtils};
pub use factory::EventPoolFactory;
#[cfg(feature = "std")]
pub use factory::RingFactory;
pub use pipe::{RingPipe, RingSink, RingSource};
pub use preset::{Mobile, Production, Server};
#[cfg(feature = "alloc")]
pub use set::HeapPools;
pub use set::{EmitBytesError, PoolSet};
pub use size::{
    Capacities, EventSize, L_CAPACITY, L_TSHIRT_SIZE, M_CAPACITY, M_TSHIRT_SIZE, PoolId, S_CAPACITY, S_TSHIRT_SIZE,
    UnknownPool, XL_CAPACITY, XL_TSHIRT_SIZE, XS_CAPACITY, XS_TSHIRT_SIZE,
};
pub use stats::{PoolStats, SystemHealth};
