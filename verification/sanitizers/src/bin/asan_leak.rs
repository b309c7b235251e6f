//! A control for the leak check of AddressSanitizer: this program forgets a ring, and must be reported.

use std::{hint::black_box, mem};

use rusted_ring::HeapRing;

fn main() {
    forget_a_ring();
    // What the frame above left on the stack is overwritten, or it would count as a handle still kept.
    black_box([0_u64; 512]);
}

#[inline(never)]
fn forget_a_ring() {
    mem::forget(black_box(HeapRing::<64>::new(16)));
}
