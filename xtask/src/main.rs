//! The repository's own commands. `cargo xtask test` runs every check of the project; `--help` tells more.

#![forbid(unsafe_code)]

mod arrows;
mod cli;
mod debian;
mod interrupt;
mod process;
mod run;
mod stage;
mod stages;
mod summary;
mod test;
mod tree;
mod workspace;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli::Cli { command: cli::Command::Test(arguments) } = cli::Cli::parse();
    match test::test(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
