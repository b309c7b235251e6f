//! rusted-ring-shm against what else carries events between processes, in one run: see the README.

mod cell;
mod chart;
mod cli;
mod contender;
mod contenders;
mod pair;
mod payload;
mod poll;
mod report;
mod sample;
mod session;

use clap::Parser;
use cli::{Cli, Command};

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match cli.side {
        Some(Command::Side(side)) => cell::run(&side),
        None => session::run(&cli.run),
    }
}
