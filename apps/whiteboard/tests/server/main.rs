//! The real binary, driven over real sockets.

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
mod joining;
mod limits;
mod load;
mod lock;
mod pace;
mod process;
mod rates;
mod room;
mod server;
mod wire;
