//! The command line.

use crate::contenders::NAMES;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Payloads, in bytes.
pub(crate) const PAYLOADS: [usize; 5] = [64, 256, 1024, 4096, 16384];

/// Measures rusted-ring-shm and its rivals between two processes: round trips, and streams.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) side: Option<Command>,
    #[command(flatten)]
    pub(crate) run: Run,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// One of the two processes of a sample.
    #[command(hide = true)]
    Side(Side),
}

#[derive(Args, Debug)]
pub(crate) struct Run {
    /// Each of the contenders once, with a few events, to see that it works.
    #[arg(long)]
    pub(crate) tiny: bool,
    /// How many rounds.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: u32,
    /// How long a sample measures.
    #[arg(long, default_value_t = 0.25)]
    pub(crate) seconds: f64,
    /// Bytes of an event; may be repeated.
    #[arg(long)]
    pub(crate) payload: Vec<usize>,
    /// May be repeated.
    #[arg(long, value_parser = NAMES)]
    pub(crate) contender: Vec<String>,
    /// May be repeated.
    #[arg(long, value_enum)]
    pub(crate) workload: Vec<Workload>,
    /// Appends a line for each sample to this file.
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// Draws charts into the directory of this processor's family below this one.
    #[arg(long)]
    pub(crate) pages: Option<PathBuf>,
    /// Says for each goal whether it is met.
    #[arg(long)]
    pub(crate) goals: bool,
}

/// What one of the two processes does.
#[derive(Args, Debug)]
pub(crate) struct Side {
    #[arg(value_enum)]
    pub(crate) role: Role,
    pub(crate) contender: String,
    #[arg(value_enum)]
    pub(crate) workload: Workload,
    pub(crate) payload: usize,
    pub(crate) seconds: f64,
    /// What the channels of this sample are called by.
    pub(crate) name: String,
    /// How many cores it must see: on fewer, the two would share one.
    pub(crate) cores: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Publishes, and measures round trips.
    First,
    /// Receives, and measures streams.
    Second,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::First => "first",
            Role::Second => "second",
        }
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Workload {
    /// One event there and back, over two channels.
    RoundTrip,
    /// One event after the other, one way.
    Stream,
}

impl Workload {
    pub(crate) const ALL: [Workload; 2] = [Workload::RoundTrip, Workload::Stream];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Workload::RoundTrip => "round-trip",
            Workload::Stream => "stream",
        }
    }
}

impl Run {
    pub(crate) fn payloads(&self) -> Vec<usize> {
        match (self.payload.is_empty(), self.tiny) {
            (false, _) => self.payload.clone(),
            (true, true) => vec![64],
            (true, false) => PAYLOADS.to_vec(),
        }
    }

    pub(crate) fn workloads(&self) -> Vec<Workload> {
        if self.workload.is_empty() { Workload::ALL.to_vec() } else { self.workload.clone() }
    }

    pub(crate) fn rounds(&self) -> u32 {
        if self.tiny { 1 } else { self.rounds }
    }

    pub(crate) fn seconds(&self) -> f64 {
        if self.tiny { 0.005 } else { self.seconds }
    }

    pub(crate) fn wants(&self, contender: &str) -> bool {
        self.contender.is_empty() || self.contender.iter().any(|name| name == contender)
    }
}
