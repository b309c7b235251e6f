//! Wait sets of readers that all have something.

#![allow(
    unsafe_code,
    clippy::multiple_unsafe_ops_per_block,
    reason = "every call is unsafe for the one reason, invariant F: the pointers are valid or null"
)]

use std::{
    ptr::{null, null_mut, without_provenance_mut},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rusted_ring_ffi::{
    api::{publisher::*, reader::*, ring::*, wait::*},
    status::*,
    types::*,
};

/// What a reader has lost so far, told or not.
fn lost_by(reader: *mut Reader) -> u64 {
    let mut line = ReaderStats::default();
    // SAFETY: F: the pointer is valid.
    assert_eq!(unsafe { rusted_ring_reader_stats(reader, &raw mut line) }, RUSTED_RING_OK);
    line.lost
}

#[test]
fn a_reader_that_has_a_loss_to_tell_takes_its_turn() {
    let mut ring = null_mut();
    // SAFETY: F: the pointer is valid.
    assert_eq!(unsafe { rusted_ring_new(8, 8, 0, &raw mut ring) }, RUSTED_RING_OK);
    let (mut publisher, mut set) = (null_mut(), null_mut());
    let mut readers = [null_mut::<Reader>(); 3];
    // SAFETY: F: the pointers are valid, and no other thread has the handles.
    unsafe {
        assert_eq!(rusted_ring_publisher_join(ring, &raw mut publisher), RUSTED_RING_OK);
        assert_eq!(rusted_ring_wait_set_new(&raw mut set), RUSTED_RING_OK);
        for reader in &mut readers {
            assert_eq!(rusted_ring_subscribe(ring, null(), RUSTED_RING_NEWEST, reader), RUSTED_RING_OK);
        }
    }
    let stop = Arc::new(AtomicBool::new(false));
    // A batch ends at a loss when the publisher laps it in its middle.
    let other = thread::spawn({
        let (stop, publisher) = (Arc::clone(&stop), publisher.addr());
        move || {
            while !stop.load(Ordering::Relaxed) {
                // SAFETY: F: any thread may use a publisher of a ring of many.
                unsafe { rusted_ring_try_publish(without_provenance_mut(publisher), null(), 0, 0, null_mut()) };
            }
        }
    });
    let (mut owed, begun) = (0, Instant::now());
    while owed < 20 && begun.elapsed() < Duration::from_secs(20) {
        let (mut buffer, mut count) = ([0_u8; 8 * 8], 0);
        let before = lost_by(readers[1]);
        // SAFETY: F: the pointers are valid.
        let status = unsafe {
            rusted_ring_read_batch(readers[1], buffer.as_mut_ptr().cast(), 8, 8, 0, null_mut(), &raw mut count)
        };
        if status != RUSTED_RING_OK || lost_by(readers[1]) == before {
            continue;
        }
        owed += 1;
        let mut turns = [0; 3];
        for _ in 0..30 {
            let mut ready = usize::MAX;
            // SAFETY: F: the pointers are valid.
            let status = unsafe { rusted_ring_wait(set, readers.as_ptr(), 3, 0, &raw mut ready) };
            assert_eq!(status, RUSTED_RING_OK, "the others never read, and so have events");
            turns[ready] += 1;
        }
        assert_eq!(turns, [10; 3], "each has its turn");
    }
    stop.store(true, Ordering::Relaxed);
    other.join().unwrap();
    assert!(owed > 0, "no batch ended at a loss");
    // SAFETY: F: no other thread has the handles.
    unsafe {
        for reader in readers {
            assert_eq!(rusted_ring_reader_close(reader), RUSTED_RING_OK);
        }
        assert_eq!(rusted_ring_wait_set_close(set), RUSTED_RING_OK);
        assert_eq!(rusted_ring_publisher_close(publisher), RUSTED_RING_OK);
        assert_eq!(rusted_ring_close(ring), RUSTED_RING_OK);
    }
}
