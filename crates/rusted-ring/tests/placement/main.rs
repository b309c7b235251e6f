//! Where threads run and memory lies, on request.

#![cfg(all(feature = "std", not(any(loom, shuttle))))]

mod cores;
#[cfg(target_os = "linux")]
mod limits;
mod memory;
#[cfg(target_os = "linux")]
#[path = "../common/own_process.rs"]
mod own_process;
