//! A control for AddressSanitizer: this program reads what it has freed, and must be reported.

use std::hint::black_box;

fn main() {
    let kept = {
        let freed = black_box(Box::new(7_u64));
        black_box(&raw const *freed)
    };
    // SAFETY: none: the box is gone, which is what must be found.
    println!("read {} after it was freed", unsafe { kept.read() });
}
