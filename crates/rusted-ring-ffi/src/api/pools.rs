//! Sets of five pools, one for each size of event.

use std::ffi::{c_char, c_void};

use super::opened;
use crate::{
    caller::Caller,
    guard::guard,
    handles::{self, Object},
    pools,
    status::Status,
    types::{Capacities, PoolStats, Pools, Ring, Slice},
};

/// Makes a set of pools in this process, of these capacities, and stores a handle on it. Its rings never close.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_NO_MEMORY`, `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_pools_new(capacities: *const Capacities, pools: *mut *mut Pools) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (capacities, out) = (caller.value(capacities, "capacities")?, caller.out(pools, "pools")?);
        opened(out, || Ok(Object::Pools(pools::heap(*capacities)?)))
    })
}

/// Stores a handle on one of the sets of static pools of this library: `RUSTED_RING_MOBILE`, `RUSTED_RING_PRODUCTION` or `RUSTED_RING_SERVER`. All handles on
/// a set are on the same pools, which take memory only once they are used.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_pools_static(set: u32, pools: *mut *mut Pools) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| opened(caller.out(pools, "pools")?, || Ok(Object::Pools(pools::statics(set)?))))
}

/// Creates a set of pools between processes, in five files whose names end in .xs to .xl, and stores a handle on it. `name` is as in `rusted_ring_create`.
///
/// Returns as `rusted_ring_create`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_pools_create(
    name: *const c_char,
    capacities: *const Capacities,
    pools: *mut *mut Pools,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (name, capacities) = (caller.text(name, "name")?, caller.value(capacities, "capacities")?);
        opened(caller.out(pools, "pools")?, || Ok(Object::Pools(pools::create(name, *capacities)?)))
    })
}

/// Opens a set of pools that a process of any language has created, and stores a handle on it.
///
/// Returns as `rusted_ring_open`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_pools_open(name: *const c_char, pools: *mut *mut Pools) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let name = caller.text(name, "name")?;
        opened(caller.out(pools, "pools")?, || Ok(Object::Pools(pools::open(name)?)))
    })
}

/// Removes the files of a set of pools. With `even_in_use` 0 not while a process has one of them open.
///
/// Returns as `rusted_ring_remove`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_pools_remove(name: *const c_char, even_in_use: u32) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| pools::remove(caller.text(name, "name")?, even_in_use != 0))
}

/// Closes a handle on a set of pools. Null is nothing to close.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_pools_close(pools: *mut Pools) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| handles::close_pools(caller, pools))
}

/// Publishes a copy of the `len` bytes at `data` in the smallest pool that holds them. Never waits, and needs no publisher. Stores the pool and the
/// sequence there, where `pool` and `sequence` are not null.
///
/// Returns `RUSTED_RING_OK`, which is 0; `RUSTED_RING_FULL`, which is -1; `RUSTED_RING_TOO_LARGE`, which is -2, if `len` exceeds 16,384; `RUSTED_RING_BAD_HANDLE`,
/// `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_CORRUPT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_emit(
    pools: *const Pools,
    data: *const c_void,
    len: usize,
    event_type: u32,
    pool: *mut u32,
    sequence: *mut u64,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (pools, data) = (caller.pools(pools)?, caller.bytes(data, len, "data")?);
        let (pool, sequence) = (caller.wanted(pool, "pool")?, caller.wanted(sequence, "sequence")?);
        let emitted = pools.emit(data, event_type)?;
        pool.put(emitted.0 as u32);
        sequence.put(emitted.1);
        Ok(())
    })
}

/// Emits `count` events, each as `rusted_ring_emit` does, in order, up to the first that is refused. Stores in `emitted`, if that is not null, how many went out.
///
/// Returns as `rusted_ring_emit`, for the first that is refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_emit_batch(
    pools: *const Pools,
    events: *const Slice,
    count: usize,
    emitted: *mut usize,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (pools, events) = (caller.pools(pools)?, caller.values(events, count, "events")?);
        let out = caller.wanted(emitted, "emitted")?;
        let mut done = 0;
        let outcome = events.iter().try_for_each(|event| {
            let (data, event_type) = caller.event(event)?;
            pools.emit(data, event_type)?;
            done += 1;
            Ok(())
        });
        out.put(done);
        outcome
    })
}

/// Stores a handle on the ring of one pool, `RUSTED_RING_POOL_XS` to `RUSTED_RING_POOL_XL`, to be joined as any other.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_pools_ring(pools: *const Pools, pool: u32, ring: *mut *mut Ring) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (pools, pool) = (caller.pools(pools)?, pools::pool(pool)?);
        opened(caller.out(ring, "ring")?, || Ok(Object::Ring(pools.ring(pool))))
    })
}

/// Stores how full the five pools are, smallest slots first: `stats` is an array of five.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_pools_stats(pools: *const Pools, stats: *mut PoolStats) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (pools, out) = (caller.pools(pools)?, caller.room(stats, 5, "stats")?);
        for (place, stats) in out.iter_mut().zip(pools.stats()) {
            place.write(stats);
        }
        Ok(())
    })
}
