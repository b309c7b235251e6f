//! Signal handlers that publish.
// Elsewhere a join asks the kernel for nothing.
#![cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64", not(miri), feature = "std"))]

#[path = "common/own_process.rs"]
#[expect(dead_code, reason = "no limit is set here")]
mod own_process;

use std::{
    ffi::{c_int, c_ulong},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use own_process::in_a_process;
use rusted_ring::{Publisher, RingBuffer};

unsafe extern "C" {
    fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
    fn pthread_self() -> c_ulong;
    fn pthread_kill(thread: c_ulong, number: c_int) -> c_int;
}

const SIGUSR1: c_int = 10;

static RING: RingBuffer<64, 8> = RingBuffer::new();

extern "C" fn publish(_: c_int) {
    Publisher::new(&RING).publish(b"a signal", 1).unwrap();
}

/// Whatever the first publisher of a process asks of the kernel, a signal that comes meanwhile may ask again.
#[test]
fn a_handler_publishes_while_its_thread_joins_the_first_ring_of_the_process() {
    for _ in 0..24 {
        in_a_process("a_handler_publishes_while_its_thread_joins_the_first_ring_of_the_process", || {
            let joined = &AtomicBool::new(false);
            // SAFETY: the handler publishes, and does nothing else.
            unsafe { signal(SIGUSR1, publish) };
            // SAFETY: no preconditions.
            let this = unsafe { pthread_self() };
            thread::scope(|scope| {
                scope.spawn(move || {
                    // So many that one meets the join, and not so many that the handler is all that the thread comes to.
                    for _ in (0..20_000).take_while(|_| !joined.load(Relaxed)) {
                        // SAFETY: the thread waits for this one.
                        unsafe { pthread_kill(this, SIGUSR1) };
                        thread::yield_now();
                    }
                });
                thread::yield_now();
                Publisher::new(&RING).publish(b"an event", 1).unwrap();
                joined.store(true, Relaxed);
            });
        });
    }
}
