//! The repository's own commands. `cargo xtask test` runs every check of the project, `cargo xtask mutate` and
//! `cargo xtask mutate-logic` check the models and the tests themselves, and `cargo xtask bench` measures against the rivals;
//! `--help` says more.

#![forbid(unsafe_code)]

mod arrows;
mod bench;
mod checker;
mod cli;
mod dart;
mod debian;
mod deny;
mod foreign;
mod header;
mod logic;
mod mutate;
mod run;
mod sanitizer;
mod stage;
mod stages;
mod summary;
mod test;
mod tool;
mod tree;
mod workspace;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    ordering_mutants::exit_code(match cli::Cli::parse().command {
        cli::Command::Test(arguments) => test::test(&arguments),
        cli::Command::Mutate(arguments) => mutate::mutate(&arguments),
        cli::Command::MutateLogic(arguments) => logic::mutate_logic(&arguments),
        cli::Command::Bench(arguments) => bench::bench(&arguments),
        cli::Command::Deny => deny::deny(),
        cli::Command::Header(arguments) => header::header(&arguments),
        cli::Command::Dart(arguments) => dart::dart(&arguments),
    })
}
