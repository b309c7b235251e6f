//! Where there is no memory, a call says so by its status, and nothing is written to the standard error of the program.

#![allow(
    unsafe_code,
    reason = "an allocator is unsafe to be; and every call for the one reason, invariant F: the pointers are valid"
)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    panic,
    ptr::null_mut,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use rusted_ring_ffi::{
    api::{latest::*, library::*, pools::*, ring::*},
    status::*,
    types::*,
};

/// As many bytes as there is memory for.
static LEFT: AtomicUsize = AtomicUsize::new(usize::MAX);

/// The system's allocator, which has so many bytes.
struct Scarce;

// SAFETY: it is the system's allocator, or refuses, which an allocator may.
unsafe impl GlobalAlloc for Scarce {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if LEFT.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(layout.size())).is_err() {
            return null_mut();
        }
        // SAFETY: by the caller's promise.
        let place = unsafe { System.alloc(layout) };
        if place.is_null() {
            LEFT.fetch_add(layout.size(), Relaxed);
        }
        place
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        LEFT.fetch_add(layout.size(), Relaxed);
        // SAFETY: by the caller's promise.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static SCARCE: Scarce = Scarce;

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Makes a call where there are so many bytes, and a little, beside what is in use.
fn among(bytes: usize, call: impl FnOnce() -> Status) -> Status {
    let before = LEFT.swap(bytes + 16_384, Relaxed);
    let status = call();
    // What was taken is given back.
    let is_whole = LEFT.swap(before, Relaxed) >= bytes;
    if status == RUSTED_RING_NO_MEMORY && !is_whole { RUSTED_RING_PANIC } else { status }
}

#[test]
fn a_lack_of_memory_is_a_status_and_no_panic() {
    const SLOTS: usize = 1 << 16;
    let (mut ring, mut pools, mut cells) = (null_mut(), null_mut(), null_mut());
    let before = panic::take_hook();
    panic::set_hook(Box::new(|_| {
        PANICS.fetch_add(1, Relaxed);
    }));
    let mut told = Vec::with_capacity(64);
    for flags in [0, RUSTED_RING_SOLE, RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS] {
        // SAFETY: F: the pointer is valid.
        let mut new = |bytes, slots| unsafe { rusted_ring_new(bytes, slots, flags, &raw mut ring) };
        told.push(new(1 << 16, 1 << 40));
        // Nothing but the events has room.
        told.push(among(8 * SLOTS, || new(8, SLOTS)));
        told.push(among(64 * SLOTS, || new(64, SLOTS)));
    }
    for (set, bytes) in [
        (Capacities { xs: 1, s: 1, m: 1, l: 1, xl: 1 << 40 }, usize::MAX / 2),
        (Capacities { xs: SLOTS, s: 1, m: 1, l: 1, xl: 1 }, 64 * SLOTS + (64 << 10)),
        // The others have room, and are given back.
        (Capacities { xs: SLOTS, s: 1, m: 1, l: 1, xl: 1024 }, 128 * SLOTS),
    ] {
        // SAFETY: F: the pointers are valid.
        told.push(among(bytes, || unsafe { rusted_ring_pools_new(&raw const set, &raw mut pools) }));
    }
    // Of cells each part in its turn: values, readers, keys.
    for (keys, readers, bytes) in
        [(SLOTS, 1, 8 * SLOTS), (SLOTS, 1, 64 * SLOTS), (1, SLOTS, 8), (1, SLOTS, 128 * SLOTS)]
    {
        // SAFETY: F: the pointer is valid.
        told.push(among(bytes, || unsafe { rusted_ring_latest_new(8, keys, readers, &raw mut cells) }));
    }
    panic::set_hook(before);
    assert_eq!(PANICS.load(Relaxed), 0, "a panic's hook writes to standard error: {told:?}");
    assert!(told.iter().all(|&status| status == RUSTED_RING_NO_MEMORY), "{told:?}");
    assert!(ring.is_null() && pools.is_null() && cells.is_null());
    assert_eq!(rusted_ring_open_handles(), 0);
}
