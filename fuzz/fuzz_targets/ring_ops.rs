//! A ring does what its model does, whatever is done to it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rusted_ring_fuzz::Input;

fuzz_target!(|input: Input| input.run());
