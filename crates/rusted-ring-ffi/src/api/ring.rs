//! Rings: made, in files, and their books.

use std::ffi::c_char;

use super::opened;
use crate::{
    caller::Caller,
    guard::guard,
    handles::{self, Object},
    rings,
    status::Status,
    types::{ReaderStats, Ring, RingStats},
};

/// Makes a ring in this process, of `slots` slots for events of up to `slot_bytes` bytes, and stores a handle on it.
///
/// A slot has the next power of two from 8 to 65,536. `flags` are 0, or `RUSTED_RING_SOLE`,
/// `RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS`, and `RUSTED_RING_NEVER_CLOSES`. The ring lives as long as its handle or an endpoint. Without `RUSTED_RING_NEVER_CLOSES` it
/// closes when its last publisher is closed.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_NO_MEMORY`, `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_new(slot_bytes: usize, slots: usize, flags: u32, ring: *mut *mut Ring) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| opened(caller.out(ring, "ring")?, || Ok(Object::Ring(rings::heap(slot_bytes, slots, flags)?))))
}

/// Creates a ring between processes, in a file, and stores a handle on it. `name` is that of a ring in /dev/shm, or a path, if there is a `/` in it.
///
/// Sizes are as in `rusted_ring_new`; `flags` may be `RUSTED_RING_SOLE`. All space is reserved, and the file appears whole or not at all. It stays until
/// it is removed. Its events are copied, not lent: `rusted_ring_borrow` and `rusted_ring_claim` are not for it.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_EXISTS`, `RUSTED_RING_NO_MEMORY`, `RUSTED_RING_NOT_FOUND` for its directory, `RUSTED_RING_SYSTEM`, `RUSTED_RING_BAD_ARGUMENT`,
/// `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_create(
    name: *const c_char,
    slot_bytes: usize,
    slots: usize,
    flags: u32,
    ring: *mut *mut Ring,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (name, out) = (caller.text(name, "name")?, caller.out(ring, "ring")?);
        opened(out, || Ok(Object::Ring(rings::create(name, slot_bytes, slots, flags)?)))
    })
}

/// Opens a ring of bytes that a process of any language has created, and stores a handle on it. Sizes and mode are those of the file.
/// Of a pool with a number beside each event, such as the whiteboard's, it can only be read.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_NOT_FOUND`, `RUSTED_RING_MISMATCH` for what is no ring that can be used, `RUSTED_RING_UNSUPPORTED` for a ring of values, of
/// other notes, of long events, or whose slots are no power of two from 8 to 65,536, `RUSTED_RING_SYSTEM`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_open(name: *const c_char, ring: *mut *mut Ring) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (name, out) = (caller.text(name, "name")?, caller.out(ring, "ring")?);
        opened(out, || Ok(Object::Ring(rings::open(name)?)))
    })
}

/// Looks at a ring between processes, of any kind: the handle has its statistics and its readers', and no endpoints. Nobody notices.
///
/// Returns as `rusted_ring_open`, without `RUSTED_RING_UNSUPPORTED`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_observe(name: *const c_char, ring: *mut *mut Ring) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (name, out) = (caller.text(name, "name")?, caller.out(ring, "ring")?);
        opened(out, || Ok(Object::Ring(rings::observe(name)?)))
    })
}

/// Removes the file of a ring between processes. With `even_in_use` 0 not while a process has it open; those that do keep it.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_NOT_FOUND`, `RUSTED_RING_IN_USE`, `RUSTED_RING_MISMATCH`, `RUSTED_RING_SYSTEM`, `RUSTED_RING_BAD_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_remove(name: *const c_char, even_in_use: u32) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| rings::remove(caller.text(name, "name")?, even_in_use != 0))
}

/// Closes a handle on a ring. Endpoints keep the ring. Null is nothing to close.
///
/// Returns `RUSTED_RING_OK`; `RUSTED_RING_BAD_HANDLE`, also if it was closed before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_close(ring: *mut Ring) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| handles::close_ring(caller, ring))
}

/// Stores what the ring is, and how it is. Looks at every slot.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`; of an observed ring also `RUSTED_RING_MISMATCH`, `RUSTED_RING_SYSTEM`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_stats(ring: *const Ring, stats: *mut RingStats) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (ring, out) = (caller.ring(ring)?, caller.out(stats, "stats")?);
        out.put(ring.stats()?);
        Ok(())
    })
}

/// Stores the lines of the ring's ledger, up to `capacity` of them, and in `count` how many readers there are, which may be more.
///
/// Each line balances by itself. `readers` may be null if `capacity` is 0.
///
/// Returns as `rusted_ring_stats`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_readers(
    ring: *const Ring,
    readers: *mut ReaderStats,
    capacity: usize,
    count: *mut usize,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (ring, out) = (caller.ring(ring)?, caller.out(count, "count")?);
        let room = caller.room(readers, capacity, "readers")?;
        let mut found = 0;
        ring.readers(&mut |line| {
            if let Some(place) = room.get_mut(found) {
                place.write(line);
            }
            found += 1;
        })?;
        out.put(found);
        Ok(())
    })
}
