//! A control: the target `ring_ops` with a planted mistake, which the fuzzer has to find.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rusted_ring_fuzz::{Operation, Shape, run_misheard};

fuzz_target!(|input: (Shape, Vec<Operation>)| {
    let (shape, operations) = input;
    run_misheard(shape, operations);
});
