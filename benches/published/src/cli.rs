//! The command line, and what `--help` teaches.

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

const AFTER: &str = "\
Workloads, each with the published figures that it answers:
  ffi           a burst of strokes through a C call     1.43 µs per event, 175 M events/s
  pools         create and write, in each of five pools sub-microsecond allocation
  pipeline      three stages on threads of their own    705 ns per stage, 71 M ops/s
  backpressure  a reader at a tenth of the writer       2.99 µs under load, 33 M events/s

The two shared libraries of `ffi` are packages of this workspace, ffi-old and ffi-new. Each run has cargo bring them up
to date first, so they are never older than their sources. Each sample is taken in a process of its own.

The run fails if a count of the new library does not come out. What the old one loses, repeats or tears is shown.

Examples:
  cargo run --release                             everything, five rounds
  cargo run --release -- --tiny                   a smoke test of seconds; its figures mean nothing
  cargo run --release -- --only ffi --rounds 9    one workload, more often
  cargo run --release -- --json samples.jsonl     a line for each sample, appended";

/// The four workloads whose figures rusted-ring 0.5 publishes, rebuilt to measure what they say, with old and new.
#[derive(Debug, Parser)]
#[command(name = "published", after_help = AFTER)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// How often each sample is taken; old and new take turns
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,

    /// Only this workload; may be given several times
    #[arg(long, value_name = "WORKLOAD", value_enum)]
    pub(crate) only: Vec<Name>,

    /// Append a line of JSON for each sample to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Everything once, with few events: checks the counts, and measures nothing
    #[arg(long, conflicts_with = "rounds")]
    pub(crate) tiny: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Take one sample, and print it: what a run starts for each
    #[command(hide = true)]
    Sample(Sample),
}

#[derive(Debug, Args)]
pub(crate) struct Sample {
    #[arg(value_enum)]
    pub(crate) workload: Name,
    pub(crate) contender: String,
    #[arg(long)]
    pub(crate) tiny: bool,
    /// The shared library, for the workload that calls it
    #[arg(long)]
    pub(crate) library: PathBuf,
}

/// What a workload is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Name {
    Ffi,
    Pools,
    Pipeline,
    Backpressure,
}

impl Name {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Name::Ffi => "ffi",
            Name::Pools => "pools",
            Name::Pipeline => "pipeline",
            Name::Backpressure => "backpressure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
