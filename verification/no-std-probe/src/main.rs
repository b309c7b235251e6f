//! A program that has no std, no allocator and a panic handler of its own, and that publishes and
//! reads through a ring in a `static`.
//!
//! That it links is the proof that the library needs neither std nor alloc: std would bring a second
//! panic handler, and alloc would ask for an allocator. Exit status 0: the ring did its work.

#![no_std]
#![no_main]

use core::ffi::{c_char, c_int};
use core::panic::PanicInfo;
use rusted_ring::{Consumer, Publisher, RingBuffer, Start, Subscriber};

const EVENT: &[u8] = b"no std here";
const KIND: u32 = 7;

static RING: RingBuffer<64, 8> = RingBuffer::new();

/// C's entry.
// SAFETY: no other definition of `main` is linked: this crate is `no_main`, and its one dependency
// with code defines none. The signature is C's.
#[unsafe(no_mangle)]
extern "C" fn main(_count: c_int, _arguments: *const *const c_char) -> c_int {
    c_int::from(!delivers())
}

/// Whether a lossy and a lossless endpoint both see the one event published, and then nothing.
fn delivers() -> bool {
    let Ok(mut consumer) = Consumer::join(&RING, Start::Oldest) else {
        return false;
    };
    let mut reader = Subscriber::join(&RING, Start::Oldest);
    let Ok(publisher) = Publisher::join(&RING) else {
        return false;
    };
    if publisher.try_publish(EVENT, KIND).is_err() {
        return false;
    }
    let lent = consumer.try_recv().is_ok_and(|event| event.event_type() == KIND && *event == *EVENT);
    let copied = reader.try_recv().is_ok_and(|event| event.event_type == KIND && event.bytes() == EVENT);
    lent && copied && consumer.try_recv().is_err() && reader.try_recv().is_err()
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
