//! The real binary, driven over real sockets.

mod board;
mod client;
mod damage;
mod doors;
#[cfg(unix)]
mod durability;
#[cfg(unix)]
mod full;
mod joining;
mod load;
mod process;
mod server;
mod wire;
