//! What the stages of a graph did, reported at its end.

use core::fmt;
use std::{error::Error, string::String, vec::Vec};

use super::StageFailure;

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StageEnd {
    /// It has handled everything that it could ever receive: the ring is closed, or the Consumer of a polled stage before it has
    /// [ended](crate::consumer::Consumer::end).
    Completed,
    /// The graph was drained, and the stage has handled everything up to there.
    Drained,
    /// The graph was halted, by its user or by another stage's failure.
    Halted,
    /// It was removed from the graph.
    Removed,
    /// Its handler failed, and that halted the graph.
    Failed,
    /// It has not ended: its handler had not returned when the report was made.
    Stuck,
}

/// What one stage did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StageReport {
    /// The stage's name.
    pub name: String,
    /// How it ended.
    pub end: StageEnd,
    /// The number of events that were handled, or skipped by its policy: by all its workers, and including batches that were not
    /// finished.
    pub processed: u64,
    /// The number of these at which its handler failed.
    pub failed: u64,
    /// How often its handler was replaced after a failure.
    pub restarts: u64,
    /// The number of events of each worker. Their sum is `processed`.
    pub workers: Vec<u64>,
    /// Its failure, in words. If its end is [`Failed`](StageEnd::Failed), this is the failure that ended it, the first one if several workers
    /// failed. Otherwise it is the last failure that its policy skipped, at one of its workers.
    pub failure: Option<String>,
}

/// What each stage did that ran on the graph's threads, in the order in which they were described.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The stages, including those that were removed.
    pub stages: Vec<StageReport>,
}

impl Report {
    /// The report of the stage of this name. If a stage was removed and another added under its name, this is the first.
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

/// Why a graph did not end as it was asked to, and what its stages did.
#[derive(Debug)]
#[non_exhaustive]
pub enum GraphError {
    /// A stage failed, and that halted the graph.
    Failed {
        /// The first failure.
        failure: StageFailure,
        /// What the stages did. Those whose handlers had not returned are [`Stuck`](StageEnd::Stuck).
        report: Report,
    },
    /// The graph was halted, by a deadline or by its user, before its stages had handled everything or their handlers had returned.
    Late {
        /// What the stages did. Those whose handlers had not returned are [`Stuck`](StageEnd::Stuck).
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
