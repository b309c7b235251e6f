//! The real binary, driven over real sockets.

#![allow(clippy::disallowed_macros, reason = "a test may say how it went")]

mod attack;
#[cfg(unix)]
mod backup;
mod base;
mod board;
mod client;
mod damage;
mod doors;
#[cfg(unix)]
mod durability;
#[cfg(unix)]
mod full;
mod health;
#[cfg(target_os = "linux")]
mod inbox;
mod joining;
#[cfg(unix)]
mod journal;
mod limits;
mod load;
mod lock;
mod log;
mod metrics;
mod pace;
mod process;
mod rates;
mod room;
mod server;
#[cfg(target_os = "linux")]
mod shm;
mod wire;
