//! Pools: five rings, one for each size of event.
//!
//! A [`PoolSet`] publishes events, as bytes, into the smallest size class that holds them; a [`Subscriber`](crate::Subscriber) or
//! [`Consumer`](crate::Consumer) of one pool receives them. [`EventUtils`] and [`AutoSizedEvent`] are the way of rusted-ring 0.5;
//! its factory is in [`compat`](crate::compat).

mod auto;
mod preset;
mod set;
mod size;
mod stats;

pub use auto::{AutoSizedEvent, EmitError, EventCreationError, EventUtils};
pub use preset::{Mobile, Production, Server};
#[cfg(feature = "alloc")]
pub use set::HeapPools;
pub use set::{PoolPages, PoolSet, StaticPools};
pub use size::{
    Capacities, EventSize, L_CAPACITY, L_TSHIRT_SIZE, M_CAPACITY, M_TSHIRT_SIZE, PoolId, S_CAPACITY, S_TSHIRT_SIZE,
    UnknownPool, XL_CAPACITY, XL_TSHIRT_SIZE, XS_CAPACITY, XS_TSHIRT_SIZE,
};
pub use stats::{PoolStats, SystemHealth};
