//! What the programs in `src/bin` share.
//!
//! The standard library is not instrumented, so a sanitizer that watches threads sees neither what it does to memory nor
//! its fences. Hence the rules of these programs: rings in statics (the last handle of an `Arc` goes behind a fence),
//! threads that are spawned and joined one by one (a scope counts its threads on its own), and nothing else of it
//! between threads: no channel, no lock.

mod crew;
mod payload;

pub use crew::Crew;
pub use payload::{Order, SIZE, fill};
