//! A control: the target `ring_ops` with a planted mistake, which the fuzzer has to find.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rusted_ring_fuzz::Input;

fuzz_target!(|input: Input| input.run_misheard());
