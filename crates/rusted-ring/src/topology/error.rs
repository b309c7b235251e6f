//! Errors of building and changing a graph.

use core::fmt;
use std::{error::Error, io, string::String, vec::Vec};

/// Why a graph was not started, or a stage not added to it. Nothing has started then, and a graph that was running goes on.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// Two stages have this name.
    Duplicate {
        /// The name.
        stage: String,
    },
    /// A stage comes after one that does not exist.
    Unknown {
        /// The stage.
        stage: String,
        /// The name that no stage has.
        after: String,
    },
    /// These stages come after one another in a circle.
    Cycle {
        /// The circle: each stage comes after the next, and the last after the first.
        stages: Vec<String>,
    },
    /// A stage has no workers.
    NoWorkers {
        /// The stage.
        stage: String,
    },
    /// A stage has the policy [`Restart`](super::OnFailure::Restart), and its handler cannot be made again.
    CannotRestart {
        /// The stage.
        stage: String,
    },
    /// A stage is pinned to more or fewer cores than it has threads.
    Cores {
        /// The stage.
        stage: String,
        /// The number of its threads.
        threads: usize,
        /// The number of cores given.
        cores: usize,
    },
    /// A stage is pinned to a core that this process may not use, or the system cannot pin threads.
    NoSuchCore {
        /// The stage.
        stage: String,
        /// The core.
        core: usize,
    },
    /// A stage publishes into its own ring, directly or by way of other stages of this process. They would deadlock once the rings are
    /// full.
    LeadsBack {
        /// The stage.
        stage: String,
    },
    /// A batch that is [asked of](super::Topology::in_batches) a stage is longer than the ring.
    Batch {
        /// The stage.
        stage: String,
        /// The sequences of its longest batch.
        longest: u64,
        /// The ring's capacity.
        capacity: usize,
    },
    /// The ring's table of readers is full. A stage takes an entry for each worker.
    TooManyReaders {
        /// The stage.
        stage: String,
    },
    /// The graph has halted.
    Halted {
        /// The stage that was to be added.
        stage: String,
    },
    /// The system refused a thread.
    Spawn {
        /// The stage.
        stage: String,
        /// The system's error.
        source: io::Error,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Duplicate { stage } => {
                write!(f, "two stages are called \"{stage}\": give each a name of its own")
            }
            BuildError::Unknown { stage, after } => {
                write!(
                    f,
                    "stage \"{stage}\" is to come after \"{after}\", and there is no stage of that name: describe it too"
                )
            }
            BuildError::Cycle { stages } => {
                f.write_str("no stage can begin: ")?;
                for pair in stages.windows(2) {
                    write!(f, "\"{}\" comes after \"{}\", ", pair[0], pair[1])?;
                }
                let (last, first) = (stages.last(), stages.first());
                write!(f, "\"{}\" comes after \"{}\": ", last.map_or("", |s| s), first.map_or("", |s| s))?;
                f.write_str("leave out one of these")
            }
            BuildError::NoWorkers { stage } => write!(f, "stage \"{stage}\" has no workers: give it at least one"),
            BuildError::CannotRestart { stage } => write!(
                f,
                "stage \"{stage}\" is to be restarted, and its handler cannot be made again: give it by `made_by` or `workers`"
            ),
            BuildError::Cores { stage, threads, cores } => {
                write!(
                    f,
                    "stage \"{stage}\" has {threads} threads and is pinned to {cores} cores: give one core for each"
                )
            }
            BuildError::NoSuchCore { stage, core } => {
                write!(
                    f,
                    "stage \"{stage}\" is pinned to core {core}, which this process cannot be pinned to: choose another, or none"
                )
            }
            BuildError::LeadsBack { stage } => {
                write!(
                    f,
                    "what stage \"{stage}\" publishes leads back into its own ring: once that is full, it would stand still; \
                     publish into a ring that does not"
                )
            }
            BuildError::Batch { stage, longest, capacity } => write!(
                f,
                "stage \"{stage}\" is to handle a batch of {longest} events at once, and the ring holds {capacity}: make it as large as \
                 the one whose batches these are"
            ),
            BuildError::TooManyReaders { stage } => write!(
                f,
                "the ring's table of 64 readers has no entry left for stage \"{stage}\", which takes one for each worker: drop a \
                 reader, or have fewer stages"
            ),
            BuildError::Halted { stage } => {
                write!(f, "the graph has halted, so stage \"{stage}\" was not added: start a new graph")
            }
            BuildError::Spawn { stage, source } => {
                write!(f, "the system gave no thread for stage \"{stage}\": {source}")
            }
        }
    }
}

impl Error for BuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            BuildError::Spawn { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Why a stage was not removed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemoveError {
    /// No stage has this name.
    Unknown {
        /// The name.
        stage: String,
    },
    /// The stage's user polls it. It leaves when its Consumer is dropped.
    Polled {
        /// The stage.
        stage: String,
    },
    /// The stage's handler has not returned in five seconds. The stage leaves by itself once it does.
    Stuck {
        /// The stage.
        stage: String,
    },
}

impl fmt::Display for RemoveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RemoveError::Unknown { stage } => {
                write!(f, "there is no stage \"{stage}\": `Graph::status` has the names of all")
            }
            RemoveError::Polled { stage } => {
                write!(f, "stage \"{stage}\" is polled by its user: drop its Consumer, and it has left the graph")
            }
            RemoveError::Stuck { stage } => {
                write!(
                    f,
                    "the handler of stage \"{stage}\" has not returned in five seconds; the stage leaves once it does"
                )
            }
        }
    }
}

impl Error for RemoveError {}
