//! Attacks on the real binary, and its answers. Every bound of the README is attacked here; attacks on an open page are in
//! `tests/browser/attack`. `cargo xtask test --only attack` runs both.

mod doors;
mod frames;
mod joins;
mod pictures;
mod sessions;
mod store;
mod terminal;
