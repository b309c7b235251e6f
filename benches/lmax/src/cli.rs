//! The command line, and what `--help` teaches.

use crate::contenders;
use crate::workload::{self, Workload};
use anyhow::bail;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// LMAX Disruptor's own workloads on rusted-ring, on the crate `disruptor`, and on LMAX Disruptor itself.
///
/// Each sample runs in a process of its own, the contenders of one workload one after the other, round after round.
/// What each consumer made of all events is compared with what it must be: a wrong checksum fails the program.
#[derive(Debug, Parser)]
#[command(name = "lmax", args_conflicts_with_subcommands = true, after_help = after_help())]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) run: Run,
    #[command(subcommand)]
    pub(crate) child: Option<Child>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Events of a unicast; the other workloads have the part of it that the list below gives
    #[arg(long, default_value_t = ALL, value_parser = clap::value_parser!(u64).range(1_000..=1_000_000_000_000))]
    pub(crate) events: u64,

    /// How often each contender runs each workload
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,

    /// Only this workload; may be given several times
    #[arg(long, value_name = "NAME")]
    workload: Vec<String>,

    /// Only this contender; may be given several times
    #[arg(long, value_name = "NAME")]
    contender: Vec<String>,

    /// Leave LMAX Disruptor itself out, which needs `java` and `mvn`
    #[arg(long)]
    without_java: bool,

    /// Pin no thread of the Rust contenders; the threads of the Java one never are
    #[arg(long)]
    pub(crate) unpinned: bool,

    /// Print a line for each goal: against what, the figures, and whether it is met
    #[arg(long)]
    pub(crate) goals: bool,

    /// Append each sample to this file, as a line of JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Seconds after which a sample counts as hung, and is killed
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) patience: u64,

    /// One round of a few thousand events, in a few seconds, to see that everything works
    #[arg(long, conflicts_with_all = ["events", "rounds"])]
    pub(crate) tiny: bool,
}

/// LMAX's own number for a unicast.
const ALL: u64 = 100_000_000;
/// What `--tiny` takes for `--events`.
const TINY: u64 = 20_000;

impl Run {
    pub(crate) fn events(&self) -> u64 {
        if self.tiny { TINY } else { self.events }
    }

    pub(crate) fn rounds(&self) -> u32 {
        if self.tiny { 1 } else { self.rounds }
    }

    /// Refuses names that there are not, and says which there are.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        for name in &self.workload {
            if workload::named(name).is_none() {
                let names: Vec<&str> = workload::ALL.iter().map(|workload| workload.name).collect();
                bail!("no workload is called `{name}`; the workloads are: {}", names.join(", "));
            }
        }
        if let Some(name) = self.contender.iter().find(|name| !contenders::NAMES.contains(&name.as_str())) {
            bail!("no contender is called `{name}`; the contenders are: {}", contenders::NAMES.join(", "));
        }
        Ok(())
    }

    pub(crate) fn workloads(&self) -> Vec<&'static Workload> {
        let wanted =
            |workload: &&Workload| self.workload.is_empty() || self.workload.iter().any(|n| n == workload.name);
        workload::ALL.iter().filter(wanted).collect()
    }

    pub(crate) fn wants(&self, contender: &str) -> bool {
        let named = self.contender.is_empty() || self.contender.iter().any(|name| name == contender);
        named && !(self.without_java && contender == contenders::JAVA)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Child {
    /// Take one sample, and print one line: what a run starts for each
    #[command(hide = true)]
    Cell(Cell),
}

#[derive(Debug, Args)]
pub(crate) struct Cell {
    pub(crate) contender: String,
    pub(crate) workload: String,
    pub(crate) events: u64,
    #[arg(long)]
    pub(crate) unpinned: bool,
}

fn after_help() -> String {
    let mut text = "Workloads, by --workload NAME:\n".to_owned();
    for workload in workload::ALL {
        let part = if workload.part == 1 { "all".to_owned() } else { format!("1/{}", workload.part) };
        text += &format!("  {:<16} {}; {part} of the events\n", workload.name, workload.title);
    }
    text += &format!("\nContenders, by --contender NAME: {}.\n", contenders::NAMES.join(", "));
    text + "\nA run of everything takes some minutes, on a machine that should have nothing else to do.\n\
            Try `lmax --tiny` first, then `lmax --rounds 3 --workload unicast`."
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(more: &[&str]) -> Run {
        Cli::parse_from([&["lmax"], more].concat()).run
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_unknown_name_lists_the_valid_ones() {
        let error = parse(&["--workload", "none"]).check().unwrap_err().to_string();
        assert!(error.contains("`none`") && error.contains("unicast-batch"), "{error}");
        let error = parse(&["--contender", "nobody"]).check().unwrap_err().to_string();
        assert!(error.contains("`nobody`") && error.contains("disruptor-rs"), "{error}");
    }

    #[test]
    fn java_is_left_out_on_demand() {
        assert!(parse(&[]).wants(contenders::JAVA));
        assert!(!parse(&["--without-java"]).wants(contenders::JAVA));
        assert!(!parse(&["--contender", "rusted-ring"]).wants(contenders::JAVA));
    }
}
