//! A control for AddressSanitizer: this program reads behind the end of an allocation, and must be reported.

use std::hint::black_box;

fn main() {
    let bytes = black_box(vec![1_u8; 64]);
    let behind = black_box(bytes.len());
    // SAFETY: none: the address is behind the allocation, which is what must be found.
    let byte = unsafe { bytes.as_ptr().wrapping_add(behind).read() };
    println!("read {byte} behind the end");
}
