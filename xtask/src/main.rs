//! The repository's own commands. `cargo xtask test` runs every check of the project, `cargo xtask mutate` checks the
//! models themselves, and `cargo xtask bench` measures against the rivals; `--help` tells more.

#![forbid(unsafe_code)]

mod altered;
mod arrows;
mod bench;
mod checker;
mod cli;
mod debian;
mod interrupt;
mod mutate;
mod process;
mod run;
mod sanitizer;
mod source;
mod stage;
mod stages;
mod summary;
mod test;
mod tree;
mod workspace;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match cli::Cli::parse().command {
        cli::Command::Test(arguments) => test::test(&arguments),
        cli::Command::Mutate(arguments) => mutate::mutate(&arguments),
        cli::Command::Bench(arguments) => bench::bench(&arguments),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
