//! Where there is no memory, a call says so by its status, and nothing is written to the standard error of the program.

#![allow(unsafe_code, reason = "every call is unsafe for the one reason, invariant F: the pointers are valid")]

use std::{
    panic,
    ptr::null_mut,
    sync::atomic::{AtomicUsize, Ordering},
};

use rusted_ring_ffi::{
    api::{library::*, pools::*, ring::*},
    status::*,
    types::*,
};

static PANICS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn a_lack_of_memory_is_a_status_and_no_panic() {
    let (mut ring, mut pools) = (null_mut(), null_mut());
    let capacities = Capacities { xs: 1, s: 1, m: 1, l: 1, xl: 1 << 40 };
    let flags = [0, RUSTED_RING_SOLE, RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS];
    let before = panic::take_hook();
    panic::set_hook(Box::new(|_| {
        PANICS.fetch_add(1, Ordering::Relaxed);
    }));
    // SAFETY: F: the pointer is valid.
    let rings = flags.map(|flags| unsafe { rusted_ring_new(1 << 16, 1 << 40, flags, &raw mut ring) });
    // SAFETY: F: the pointers are valid.
    let set = unsafe { rusted_ring_pools_new(&raw const capacities, &raw mut pools) };
    panic::set_hook(before);
    assert_eq!((rings, set), ([RUSTED_RING_NO_MEMORY; 3], RUSTED_RING_NO_MEMORY));
    assert!(ring.is_null() && pools.is_null());
    assert_eq!(rusted_ring_open_handles(), 0);
    assert_eq!(PANICS.load(Ordering::Relaxed), 0, "a panic's hook writes to standard error");
}
