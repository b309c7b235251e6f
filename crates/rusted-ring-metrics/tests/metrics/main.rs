//! The crate from outside: what it shows is parsed, and compared with the ledgers.

#[cfg(all(feature = "journal", feature = "serve"))]
mod alerts;
#[cfg(all(feature = "journal", feature = "serve"))]
mod dashboard;
#[cfg(all(feature = "journal", feature = "serve"))]
mod faults;
#[cfg(feature = "opentelemetry")]
mod instruments;
#[cfg(feature = "journal")]
mod journals;
mod leaving;
mod names;
#[cfg(all(feature = "opentelemetry", feature = "serve"))]
mod otlp;
mod parse;
#[cfg(feature = "serve")]
mod peer;
#[cfg(all(feature = "journal", feature = "serve"))]
mod picture;
#[cfg(feature = "serve")]
mod prometheus;
mod scrape;
#[cfg(feature = "serve")]
mod serve;
mod sources;
#[cfg(feature = "serve")]
mod spans;
