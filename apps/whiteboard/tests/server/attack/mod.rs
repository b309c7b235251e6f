//! What somebody hostile tries against the real binary, and what it answers. Every bound of the README is attacked here;
//! what is tried against an open page is in `tests/browser/attack`. `cargo xtask test --only attack` runs both.

mod doors;
mod frames;
mod joins;
mod pictures;
mod sessions;
mod store;
mod terminal;
