//! The command line, and what `--help` teaches.

use crate::contenders::{self, Row};
use crate::payload::Check;
use crate::workload;
use anyhow::bail;
use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};

/// rusted-ring against what else there is.
#[derive(Debug, Parser)]
#[command(name = "peers")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure, and print a table, the verdicts, and the goals if asked
    Run(Run),
    /// Run every cell once with a few hundred events; fail if one of ours does
    Smoke,
    /// Draw tables and charts from the lines of an earlier run
    Report(Report),
    /// Name contenders, workloads and payloads
    List,
    /// Name the processor's family, which is the directory of its figures
    Family,
    /// Measure one cell, and print one line: what `run` starts for each
    #[command(hide = true)]
    Cell(Cell),
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) selection: Selection,

    /// 64 B and 1 KiB, three rounds, in under 90 seconds; writes no file
    #[arg(long)]
    pub(crate) quick: bool,

    /// Print a line for each goal: what it is against what, and whether it is met
    #[arg(long)]
    pub(crate) goals: bool,

    /// How often each cell is measured
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: Option<u32>,

    /// How long it may take, in seconds
    #[arg(long)]
    pub(crate) seconds: Option<u64>,

    /// How much of each payload a reader checks
    #[arg(long, value_enum, default_value = "full")]
    pub(crate) check: Check,

    /// Where a line for each sample is written; a run of a part writes none
    #[arg(long, value_name = "FILE", requires = "pages")]
    pub(crate) lines: Option<PathBuf>,

    /// Where the processor's family has a directory, in which RESULTS.md and the charts are drawn from them
    #[arg(long, value_name = "DIRECTORY", requires = "lines")]
    pub(crate) pages: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The file that a run wrote its lines to
    pub(crate) lines: PathBuf,

    /// Where the family of the run's processor has a directory, in which RESULTS.md and the charts are drawn
    pub(crate) pages: PathBuf,
}

impl Run {
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 3 } else { 5 })
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.seconds.unwrap_or(if self.quick { 85 } else { 580 })
    }

    /// Where to write the lines, and where to draw them, if the whole is measured.
    pub(crate) fn keep(&self) -> Option<(&Path, &Path)> {
        let is_whole = !self.quick && self.selection == Selection::default();
        self.lines.as_deref().zip(self.pages.as_deref()).filter(|_| is_whole)
    }
}

/// What to measure; all, where nothing is named.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub(crate) struct Selection {
    /// Only this workload; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) workload: Vec<String>,

    /// Only this payload, in bytes; may be given several times
    #[arg(long, value_name = "BYTES")]
    pub(crate) payload: Vec<usize>,

    /// Only this contender, or all of this package; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) contender: Vec<String>,
}

/// What `--quick` measures where no payload is named.
const QUICK_PAYLOADS: [usize; 2] = [64, 1024];

impl Selection {
    /// Refuses names that there are not, and says which there are.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let workloads: Vec<&str> = workload::ALL.iter().map(|workload| workload.name).collect();
        if let Some(name) = self.workload.iter().find(|name| !workloads.contains(&name.as_str())) {
            bail!("no workload is called `{name}`; the workloads are: {}", workloads.join(", "));
        }
        let payloads = workload::PAYLOADS.map(|(payload, _)| payload);
        if let Some(payload) = self.payload.iter().find(|payload| !payloads.contains(payload)) {
            bail!("no payload has {payload} bytes; the payloads are: {payloads:?}");
        }
        let contenders: Vec<&str> = contenders::ALL.iter().map(|row| row.name).collect();
        let is_one = |name: &str| contenders::ALL.iter().any(|row| is_called(row, name));
        if let Some(name) = self.contender.iter().find(|name| !is_one(name)) {
            bail!("no contender is called `{name}`; the contenders are: {}", contenders.join(", "));
        }
        Ok(())
    }

    pub(crate) fn wants_workload(&self, name: &str) -> bool {
        self.workload.is_empty() || self.workload.iter().any(|workload| workload == name)
    }

    pub(crate) fn wants_contender(&self, row: &Row) -> bool {
        self.contender.is_empty() || self.contender.iter().any(|name| is_called(row, name))
    }

    pub(crate) fn payloads(&self, quick: bool) -> Vec<usize> {
        match (self.payload.is_empty(), quick) {
            (false, _) => self.payload.clone(),
            (true, true) => QUICK_PAYLOADS.to_vec(),
            (true, false) => workload::PAYLOADS.map(|(payload, _)| payload).to_vec(),
        }
    }
}

fn is_called(row: &Row, name: &str) -> bool {
    row.name == name || !name.is_empty() && row.package == name
}

#[derive(Debug, Args)]
pub(crate) struct Cell {
    pub(crate) contender: String,
    pub(crate) workload: String,
    pub(crate) payload: usize,
    #[arg(long)]
    pub(crate) micros: u64,
    #[arg(long)]
    pub(crate) events: u64,
    #[arg(long, value_enum, default_value = "full")]
    pub(crate) check: Check,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_unknown_name_lists_the_valid_ones() {
        let selection = Selection { contender: vec!["nobody".into()], ..Selection::default() };
        let error = selection.check().unwrap_err().to_string();
        assert!(error.contains("`nobody`") && error.contains("rtrb-chunks"), "{error}");
        let selection = Selection { workload: vec!["none".into()], ..Selection::default() };
        assert!(selection.check().unwrap_err().to_string().contains("one-to-one"));
        let selection = Selection { payload: vec![65], ..Selection::default() };
        assert!(selection.check().unwrap_err().to_string().contains("16384"));
    }

    #[test]
    fn only_the_whole_is_kept() {
        let parse = |more: &[&str]| {
            let arguments = [&["peers", "run", "--lines", "a.jsonl", "--pages", "there"], more].concat();
            let Command::Run(run) = Cli::parse_from(arguments).command else { panic!("it is a run") };
            run
        };
        assert!(parse(&["--goals"]).keep().is_some());
        assert!(parse(&["--quick"]).keep().is_none());
        assert!(parse(&["--payload", "64"]).keep().is_none());
    }
}
