//! rusted-ring 0.5 behind a C interface.

#[path = "../../ffi/interface.rs"]
mod interface;
