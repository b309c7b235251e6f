//! The crate from outside: what it shows is parsed, and compared with the ledgers.

mod leaving;
mod parse;
mod scrape;
#[cfg(feature = "serve")]
mod serve;
