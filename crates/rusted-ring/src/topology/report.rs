//! What the stages did, told at their end.

use core::fmt;
use std::{error::Error, string::String, vec::Vec};

use super::StageFailure;

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StageEnd {
    /// The stage handled all that it would ever receive: the ring was closed, or a stage before it that is polled has
    /// [ended](crate::consumer::Consumer::end).
    Completed,
    /// It was drained, and handled all that it was to.
    Drained,
    /// It was halted, by its user or by another stage's failure.
    Halted,
    /// It was removed from the graph.
    Removed,
    /// Its handler failed, and that halted the graph.
    Failed,
    /// It has not ended: its handler had not returned by the deadline.
    Stuck,
}

/// What one stage did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StageReport {
    /// The stage.
    pub name: String,
    /// How it ended.
    pub end: StageEnd,
    /// Events that its handler handled, or that its policy passed over; those of all its workers, and also of batches that
    /// were not finished.
    pub processed: u64,
    /// Of these, the events at which its handler failed.
    pub failed: u64,
    /// How often its handler was made anew after a failure.
    pub restarts: u64,
    /// The events of each worker, of which `processed` is the sum; one number for a stage of one.
    pub workers: Vec<u64>,
    /// What it failed of, in words: what ended it, if its end is [`Failed`](StageEnd::Failed), and of several workers the first failure;
    /// otherwise the last failure of one of its workers that its policy passed over.
    pub failure: Option<String>,
}

/// What all stages did that the graph ran on threads of its own, in the order in which they were described.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Each stage, those that were removed before included.
    pub stages: Vec<StageReport>,
}

impl Report {
    /// What the stage of this name did.
    pub fn stage(&self, name: &str) -> Option<&StageReport> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// The names of the stages whose handlers had not returned.
    fn stuck(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().filter(|stage| stage.end == StageEnd::Stuck).map(|stage| &*stage.name)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.stages.iter().map(|stage| stage.name.chars().count()).max().unwrap_or(0).max("stage".len());
        write!(f, "{:<width$}  {:>12}  {:>8}  {:>8}  end", "stage", "processed", "failed", "restarts")?;
        for StageReport { name, end, processed, failed, restarts, failure, .. } in &self.stages {
            write!(f, "\n{name:<width$}  {processed:>12}  {failed:>8}  {restarts:>8}  {end:?}")?;
            match failure {
                Some(failure) if *end == StageEnd::Failed => write!(f, ": {failure}")?,
                Some(failure) => write!(f, ", and failed last {failure}")?,
                None => {}
            }
        }
        Ok(())
    }
}

/// Why a graph did not end as it was asked to; what its stages did all the same.
#[derive(Debug)]
#[non_exhaustive]
pub enum GraphError {
    /// A stage failed, and that halted the graph.
    Failed {
        /// The first failure.
        failure: StageFailure,
        /// What the stages did; those whose handlers had not returned are stuck.
        report: Report,
    },
    /// The deadline came before the stages had handled everything; the graph has halted.
    Late {
        /// What the stages did; those whose handlers had not returned are stuck.
        report: Report,
    },
}

impl GraphError {
    /// What the stages did.
    pub fn report(&self) -> &Report {
        match self {
            GraphError::Failed { report, .. } | GraphError::Late { report } => report,
        }
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GraphError::Failed { failure, .. } => failure.fmt(f)?,
            GraphError::Late { .. } => f.write_str("the deadline came before every stage had handled everything")?,
        }
        self.report().stuck().try_for_each(|stage| write!(f, "; the handler of \"{stage}\" has not returned"))
    }
}

impl Error for GraphError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            GraphError::Failed { failure, .. } => failure.source(),
            GraphError::Late { .. } => None,
        }
    }
}
