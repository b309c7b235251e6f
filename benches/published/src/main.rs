//! The four workloads that rusted-ring 0.5 publishes figures for, rebuilt. `published --help` tells more.

mod child;
mod cli;
mod endpoints;
mod laps;
mod libraries;
mod new;
mod old;
mod patience;
mod sample;
mod session;
mod table;
mod tally;
mod threads;
mod words;
mod workload;

use clap::Parser;

fn main() -> anyhow::Result<()> {
    let arguments = cli::Cli::parse();
    match &arguments.command {
        Some(cli::Command::Sample(sample)) => child::measure(sample),
        None => session::run(&arguments),
    }
}
