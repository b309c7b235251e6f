//! LMAX Disruptor's own workloads, with their checksums. `lmax --help` tells more, README.md beside it how.

mod checksum;
mod child;
mod cli;
mod contender;
mod contenders;
mod goals;
mod java;
mod measure;
mod report;
mod sample;
mod session;
mod stages;
mod steps;
mod wait;
mod workload;

use clap::Parser;

fn main() -> anyhow::Result<()> {
    let arguments = cli::Cli::parse();
    match &arguments.child {
        Some(cli::Child::Cell(cell)) => measure::print(cell),
        None => session::run(&arguments.run),
    }
}
