//! Memory layouts and protocols that a ring could have, compared. `layouts --help` tells more, README.md beside it how.

mod candidates;
mod claims;
mod cli;
mod copies;
mod ends;
mod layout;
mod payload;
mod plane;
mod prefetch;
mod protocol;
mod report;
mod ring;
mod sample;
mod session;
mod table;
mod topics;
mod wait;
mod workload;

use clap::Parser;

fn main() -> anyhow::Result<()> {
    session::run(&cli::Cli::parse())
}
