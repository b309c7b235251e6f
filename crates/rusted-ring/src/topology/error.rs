//! Why a graph was not built, or not changed.

use core::fmt;
use std::{error::Error, io, string::String, vec::Vec};

/// Why no graph was built, or no stage added to it; then nothing of it has begun, and a graph that runs goes on.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// Two stages have this name.
    Duplicate {
        /// The name.
        stage: String,
    },
    /// A stage comes after one that there is not.
    Unknown {
        /// The stage.
        stage: String,
        /// Whom it is to come after.
        after: String,
    },
    /// These stages come after one another in a circle.
    Cycle {
        /// The circle: each comes after the next, and the last after the first.
        stages: Vec<String>,
    },
    /// A stage of no workers.
    NoWorkers {
        /// The stage.
        stage: String,
    },
    /// A stage is to be restarted whose handler cannot be made again.
    CannotRestart {
        /// The stage.
        stage: String,
    },
    /// A stage is pinned to fewer cores or more than it has threads.
    Cores {
        /// The stage.
        stage: String,
        /// Its threads.
        threads: usize,
        /// The cores given.
        cores: usize,
    },
    /// A stage is pinned to a core that this process may not use, or this system does not pin threads.
    NoSuchCore {
        /// The stage.
        stage: String,
        /// The core.
        core: usize,
    },
    /// A stage publishes into its own ring, or into one from which other stages of this process publish on into it: full, each would
    /// wait for the other.
    LeadsBack {
        /// The stage.
        stage: String,
    },
    /// The ring's table of readers is full: a stage takes an entry of it for each worker.
    TooManyReaders {
        /// The stage.
        stage: String,
    },
    /// The graph has halted.
    Halted {
        /// The stage that was to be added.
        stage: String,
    },
    /// The system gave no thread.
    Spawn {
        /// The stage.
        stage: String,
        /// What the system said.
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

/// Why no stage was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemoveError {
    /// There is no stage of this name.
    Unknown {
        /// The name.
        stage: String,
    },
    /// The stage is polled by its user: it leaves when its Consumer is dropped.
    Polled {
        /// The stage.
        stage: String,
    },
    /// The stage's handler did not return in five seconds; the stage leaves once it does.
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
