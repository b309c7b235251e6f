//! What ends, stops or writes what it likes, wherever that is, and what becomes of the others. A stage of the test run has these alone:
//! `cargo xtask test --only crash`.

mod files;
mod flipped;
mod full;
mod kill;
mod latest;
mod pools;
mod sets;
mod statics;
mod stop;
