//! The crate from outside: what it shows is parsed, and compared with the ledgers.

mod leaving;
mod parse;
#[cfg(feature = "serve")]
mod prometheus;
mod scrape;
#[cfg(feature = "serve")]
mod serve;
