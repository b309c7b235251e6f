#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod catalogue;
mod command;
pub mod control;
mod copy;
mod cover;
mod document;
mod find;
pub mod interrupt;
mod label;
mod models;
mod mutant;
mod options;
pub mod process;
mod project;
mod results;
mod run;
mod scratch;
mod site;
pub mod source;
mod tally;

pub use command::{exit_code, main};
pub use models::models_in;
pub use options::Options;
pub use project::{Checker, Project};
pub use run::{complaints, run};
