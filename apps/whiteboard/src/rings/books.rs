//! The ledgers of the five pools, wherever these lie.

use std::fmt;
use std::sync::Arc;

use rusted_ring::RingRef;
use rusted_ring::ledger::{Ledger, ReaderStatus};
use rusted_ring::pool::{PoolId, PoolStats};

use crate::rings::pools::Set;

/// The ledgers; a clone is of the same pools.
#[derive(Clone)]
pub(crate) struct Books(Arc<dyn Read>);

impl Books {
    pub(crate) fn of(pools: &impl Set) -> Self {
        Books(Arc::new(pools.clone()))
    }

    /// The capacity and the pressure of each pool, smallest slots first.
    pub(crate) fn stats(&self) -> [PoolStats; 5] {
        self.0.stats()
    }

    /// Events that were published to a pool since the start.
    pub(crate) fn published(&self, pool: PoolId) -> u64 {
        self.0.published(pool)
    }

    /// The readers of a pool.
    pub(crate) fn readers(&self, pool: PoolId) -> Vec<ReaderStatus> {
        self.0.readers(pool)
    }
}

impl fmt::Debug for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Books").field(&self.stats()).finish()
    }
}

trait Read: Send + Sync {
    fn stats(&self) -> [PoolStats; 5];
    fn published(&self, pool: PoolId) -> u64;
    fn readers(&self, pool: PoolId) -> Vec<ReaderStatus>;
}

/// Calls this with the ring of this pool.
macro_rules! in_pool {
    ($pools:expr, $pool:expr, $what:ident) => {
        match $pool {
            PoolId::XS => $what(&$pools.xs()),
            PoolId::S => $what(&$pools.s()),
            PoolId::M => $what(&$pools.m()),
            PoolId::L => $what(&$pools.l()),
            PoolId::XL => $what(&$pools.xl()),
        }
    };
}

impl<P: Set> Read for P {
    fn stats(&self) -> [PoolStats; 5] {
        rusted_ring::PoolSet::stats(self)
    }

    fn published(&self, pool: PoolId) -> u64 {
        fn of<R: RingRef>(ring: &R) -> u64 {
            Ledger::of(ring).claimed().get()
        }
        in_pool!(self, pool, of)
    }

    fn readers(&self, pool: PoolId) -> Vec<ReaderStatus> {
        fn of<R: RingRef>(ring: &R) -> Vec<ReaderStatus> {
            Ledger::of(ring).readers().collect()
        }
        in_pool!(self, pool, of)
    }
}
