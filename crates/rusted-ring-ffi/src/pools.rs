//! Sets of five pools of any kind.

use rusted_ring::{
    Capacities, HeapPools, PoolSet,
    ledger::Ledger,
    pool::{Mobile, PoolId, Production, Server},
};
use rusted_ring_shm::{PoolFiles, Pools};

use crate::{
    failure::Failure,
    rings::{AnyRing, RingKind},
    types::{self, PoolStats, RUSTED_RING_MOBILE, RUSTED_RING_PRODUCTION, RUSTED_RING_SERVER},
};

/// A set of pools of any kind.
pub(crate) trait AnyPools: Send + Sync {
    /// Publishes a copy of `data` in the smallest pool that holds it. Never waits.
    fn emit(&self, data: &[u8], event_type: u32) -> Result<(PoolId, u64), Failure>;
    /// The ring of one pool.
    fn ring(&self, pool: PoolId) -> Box<dyn AnyRing>;
    fn stats(&self) -> [PoolStats; 5];
}

impl<P> AnyPools for P
where
    P: PoolSet<Xs: RingKind, S: RingKind, M: RingKind, L: RingKind, Xl: RingKind> + Send + Sync,
{
    #[inline]
    fn emit(&self, data: &[u8], event_type: u32) -> Result<(PoolId, u64), Failure> {
        let (pool, sequence) = PoolSet::emit(self, data, event_type)?;
        Ok((pool, sequence.get()))
    }

    fn ring(&self, pool: PoolId) -> Box<dyn AnyRing> {
        match pool {
            PoolId::XS => Box::new(self.xs()),
            PoolId::S => Box::new(self.s()),
            PoolId::M => Box::new(self.m()),
            PoolId::L => Box::new(self.l()),
            PoolId::XL => Box::new(self.xl()),
        }
    }

    fn stats(&self) -> [PoolStats; 5] {
        fn of<R: RingKind>(pool: PoolId, ring: &R) -> PoolStats {
            let ledger = Ledger::of(ring);
            PoolStats {
                slot_bytes: pool.max_size() as u64,
                slots: ledger.capacity() as u64,
                claimed: ledger.claimed().get(),
                pressure: ledger.pressure(),
                reserved: 0,
            }
        }
        PoolId::ALL.map(|pool| match pool {
            PoolId::XS => of(pool, &self.xs()),
            PoolId::S => of(pool, &self.s()),
            PoolId::M => of(pool, &self.m()),
            PoolId::L => of(pool, &self.l()),
            PoolId::XL => of(pool, &self.xl()),
        })
    }
}

/// The pool numbered so.
pub(crate) fn pool(number: u32) -> Result<PoolId, Failure> {
    let pool = u8::try_from(number).ok().and_then(PoolId::from_u8);
    pool.ok_or_else(|| Failure::argument(format!("`pool` is {number}: pools are numbered from 0 (XS) to 4 (XL)")))
}

fn capacities(asked: types::Capacities) -> Result<Capacities, Failure> {
    let types::Capacities { xs, s, m, l, xl } = asked;
    let capacities = Capacities { xs, s, m, l, xl };
    let most = isize::MAX as usize / 32;
    match PoolId::ALL.iter().find(|pool| capacities.of(**pool) == 0) {
        None if capacities.payload_bytes() <= most && [xs, s, m, l, xl].iter().all(|&slots| slots <= most / 16) => {
            Ok(capacities)
        }
        _ => Err(Failure::argument(format!(
            "`capacities` are {xs}, {s}, {m}, {l} and {xl}: give each pool at least one slot, and all of them what fits the address space"
        ))),
    }
}

/// Makes a set on the heap.
pub(crate) fn heap(asked: types::Capacities) -> Result<Box<dyn AnyPools>, Failure> {
    let capacities = capacities(asked)?;
    Ok(Box::new(HeapPools::try_new(capacities)?))
}

/// A set of this library's statics.
pub(crate) fn statics(set: u32) -> Result<Box<dyn AnyPools>, Failure> {
    match set {
        RUSTED_RING_MOBILE => Ok(Box::new(Mobile)),
        RUSTED_RING_PRODUCTION => Ok(Box::new(Production)),
        RUSTED_RING_SERVER => Ok(Box::new(Server)),
        other => Err(Failure::argument(format!(
            "`set` is {other}: pass RUSTED_RING_MOBILE, RUSTED_RING_PRODUCTION or RUSTED_RING_SERVER"
        ))),
    }
}

fn files(name: &str) -> Result<PoolFiles, Failure> {
    if name.contains('/') { Ok(PoolFiles::at(name)) } else { Ok(PoolFiles::named(name)?) }
}

/// Creates a set in files.
pub(crate) fn create(name: &str, asked: types::Capacities) -> Result<Box<dyn AnyPools>, Failure> {
    let pools: Pools = files(name)?.create(capacities(asked)?)?;
    Ok(Box::new(pools))
}

/// Opens a set in files.
pub(crate) fn open(name: &str) -> Result<Box<dyn AnyPools>, Failure> {
    let pools: Pools = files(name)?.open()?;
    Ok(Box::new(pools))
}

/// Removes a set's files.
pub(crate) fn remove(name: &str, even_in_use: bool) -> Result<(), Failure> {
    let files = files(name)?;
    let removed = if even_in_use { files.remove() } else { files.remove_unused() };
    Ok(removed?)
}
