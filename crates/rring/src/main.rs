//! `rring` looks inside rusted-ring's rings between processes. See `rring --help`, and the crate's README.

#![forbid(unsafe_code)]

mod cells;
mod cli;
mod commands;
mod event;
mod exit;
mod exposition;
mod input;
mod lines;
mod namesake;
mod place;
mod processor;
mod progress;
mod sets;
mod stop;
mod survey;
mod text;
mod words;

use std::process::ExitCode;

use clap::Parser;
use rusted_ring_shm::sizes;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Ls(ls) => commands::ls::run(&ls),
        Command::Stat(stat) => commands::stat::run(&stat),
        Command::Tap(tap) => commands::tap::run(&tap),
        Command::Pub(publish) => commands::publish::run(&publish),
        Command::Rm(rm) => commands::rm::run(&rm),
        Command::Hz(hz) => commands::hz::run(&hz),
        Command::Export(export) => commands::export::run(&export),
        Command::Top(top) => commands::top::run(&top),
        Command::Doctor(doctor) => commands::doctor::run(&doctor),
        Command::Record(record) => commands::record::run(&record),
        Command::Replay(replay) => commands::replay::run(&replay),
        Command::Compare(compare) => commands::compare::run(&compare),
        Command::Mirror(mirror) => commands::mirror::run(&mirror),
        Command::Bench(bench) => commands::bench::run(&bench),
        Command::BenchPartner(partner) => commands::bench::partner::run(&partner),
    };
    exit::code(outcome)
}
