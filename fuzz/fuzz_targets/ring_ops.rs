//! A ring does what its model does, whatever is done to it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rusted_ring_fuzz::{Operation, Shape, run};

fuzz_target!(|input: (Shape, Vec<Operation>)| {
    let (shape, operations) = input;
    run(shape, operations);
});
