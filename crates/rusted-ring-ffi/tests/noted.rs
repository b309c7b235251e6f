//! A pool with notes, such as the whiteboard's, is read through the C ABI, which a program in C cannot make.

use std::ffi::CString;
use std::ptr;
use std::sync::atomic::{AtomicU8, AtomicU64};

use rusted_ring::{Bytes, Many, Notes, Publisher};
use rusted_ring_ffi::{
    api::{publisher::rusted_ring_publisher_join, reader::*, ring::*},
    status::{RUSTED_RING_OK, RUSTED_RING_UNSUPPORTED},
    types::{Event, RUSTED_RING_NEWEST},
};
use rusted_ring_shm::RingFile;

/// Makes a ring with notes, and reads through the C ABI what is published there; returns what its opening said.
fn read<A: Notes>(name: &str) -> i32 {
    let path = format!("/dev/shm/rusted-ring-ffi-{name}-{}", std::process::id());
    let file = RingFile::at(&path);
    let made = file.create::<Bytes<64, 64, A>, Many>(8).unwrap();
    let name = CString::new(path).unwrap();
    let mut ring = ptr::null_mut();
    // SAFETY: F, here and below: each pointer is one of this function's own, and this thread alone uses the handles.
    let opened = unsafe { rusted_ring_open(name.as_ptr(), &raw mut ring) };
    if opened == RUSTED_RING_OK {
        let (mut pen, mut screen, mut disk) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: F.
        assert_eq!(unsafe { rusted_ring_publisher_join(ring, &raw mut pen) }, RUSTED_RING_UNSUPPORTED);
        // SAFETY: F.
        assert_eq!(unsafe { rusted_ring_subscribe(ring, ptr::null(), RUSTED_RING_NEWEST, &raw mut screen) }, 0);
        // SAFETY: F.
        assert_eq!(unsafe { rusted_ring_consume(ring, ptr::null(), RUSTED_RING_NEWEST, &raw mut disk) }, 0);
        Publisher::join(made).unwrap().publish(b"event", 3).unwrap();
        for reader in [screen, disk] {
            let (mut place, mut event) = ([0_u8; 64], Event { data: ptr::null(), len: 0, event_type: 0, sequence: 9 });
            // SAFETY: F.
            assert_eq!(unsafe { rusted_ring_try_read(reader, place.as_mut_ptr().cast(), 64, &raw mut event) }, 0);
            assert_eq!((&place[..5], event.len, event.event_type, event.sequence), (&b"event"[..], 5, 3, 0));
            // SAFETY: F.
            assert_eq!(unsafe { rusted_ring_reader_close(reader) }, 0);
        }
        // SAFETY: F.
        assert_eq!(unsafe { rusted_ring_close(ring) }, 0);
    }
    file.remove().unwrap();
    opened
}

#[test]
fn a_pool_with_a_number_beside_each_event_can_be_read_and_a_ring_with_other_notes_cannot() {
    assert_eq!(read::<AtomicU8>("byte"), 0);
    assert_eq!(read::<AtomicU64>("word"), 0);
    assert_eq!(read::<[AtomicU8; 8]>("other"), RUSTED_RING_UNSUPPORTED);
}
