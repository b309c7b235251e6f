//! A control for ThreadSanitizer: this program races, and must be reported.

use std::{
    cell::UnsafeCell,
    hint,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use sanitizers::Crew;

struct Plain(UnsafeCell<u64>);

// SAFETY: none: the race on it is what must be found.
unsafe impl Sync for Plain {}

static PLAIN: Plain = Plain(UnsafeCell::new(0));
/// Relaxed where Release and Acquire are needed.
static WRITTEN: AtomicBool = AtomicBool::new(false);

fn main() {
    let mut crew = Crew::new();
    crew.spawn(|| {
        // SAFETY: none, as above; the place is valid, and its values are any bits.
        unsafe { PLAIN.0.get().write(1) };
        WRITTEN.store(true, Relaxed);
    });
    crew.spawn(|| {
        while !WRITTEN.load(Relaxed) {
            hint::spin_loop();
        }
        // SAFETY: none, as above.
        hint::black_box(unsafe { PLAIN.0.get().read() });
    });
    crew.join();
}
