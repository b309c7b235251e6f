//! The table of handles when it is full.

#![allow(
    unsafe_code,
    clippy::multiple_unsafe_ops_per_block,
    reason = "every call is unsafe for the one reason, invariant F: the pointers are valid or null"
)]

use std::{ffi::CString, ptr::null_mut};

use rusted_ring_ffi::{
    api::{library::*, publisher::*, ring::*, wait::*},
    status::*,
};

#[test]
fn where_no_handle_can_be_had_nothing_was_done() {
    let mut ring = null_mut();
    // SAFETY: F: the pointer is valid.
    assert_eq!(unsafe { rusted_ring_new(8, 8, 0, &raw mut ring) }, RUSTED_RING_OK);
    let mut others = Vec::new();
    loop {
        let mut set = null_mut();
        // SAFETY: F: the pointer is valid.
        match unsafe { rusted_ring_wait_set_new(&raw mut set) } {
            RUSTED_RING_OK => others.push(set),
            status => break assert_eq!(status, RUSTED_RING_TOO_MANY_HANDLES),
        }
    }
    assert_eq!(rusted_ring_open_handles(), 1 << 16);
    let mut publisher = null_mut();
    // SAFETY: F: the pointer is valid.
    let status = unsafe { rusted_ring_publisher_join(ring, &raw mut publisher) };
    assert_eq!((status, publisher), (RUSTED_RING_TOO_MANY_HANDLES, null_mut()));
    let directory = tempfile::tempdir().unwrap();
    let name = CString::new(directory.path().join("ring").to_str().unwrap()).unwrap();
    let mut created = null_mut();
    // SAFETY: F: the pointers are valid.
    let status = unsafe { rusted_ring_create(name.as_ptr(), 8, 8, 0, &raw mut created) };
    assert_eq!(status, RUSTED_RING_TOO_MANY_HANDLES);
    assert_eq!(directory.path().read_dir().unwrap().count(), 0, "no file was made");
    for set in others {
        // SAFETY: F: no other thread has the handle.
        assert_eq!(unsafe { rusted_ring_wait_set_close(set) }, RUSTED_RING_OK);
    }
    // The ring had no publisher that could have left it.
    // SAFETY: F: the pointers are valid, and no other thread has the handles.
    unsafe {
        assert_eq!(rusted_ring_publisher_join(ring, &raw mut publisher), RUSTED_RING_OK);
        assert_eq!(rusted_ring_publisher_close(publisher), RUSTED_RING_OK);
        assert_eq!(rusted_ring_close(ring), RUSTED_RING_OK);
    }
}
