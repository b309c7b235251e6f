//! What goes wrong, an enum for each verb.

use std::{error::Error, fmt, io, path::PathBuf};

use rusted_ring::{JoinError, Sequence};

use crate::Confirmed;

/// Why a journal was not opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// Somebody has the directory open as a journal.
    InUse(PathBuf),
    /// A segment is of another version of the format.
    Version {
        /// The segment.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// This library's.
        expected: u32,
    },
    /// The system refused something.
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// Why a recording did not begin.
#[derive(Debug)]
#[non_exhaustive]
pub enum RecordError {
    /// The Consumer stands before the journal's end: it is another ring's, or one that joined too early.
    Behind {
        /// The next sequence that the Consumer wants.
        next: Sequence,
        /// The sequence at which the journal's last epoch ends.
        end: Sequence,
    },
    /// What is there could not be read, or not be synced.
    Io {
        /// What was done.
        doing: &'static str,
        /// The file, or the directory.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The epoch of this directory's events, or of a position in it, is the last that there can be.
    LastEpoch(PathBuf),
    /// A pool has no place for a Consumer.
    Join(JoinError),
    /// There is no thread to be had.
    Thread(io::Error),
}

/// Why a recording ended before its ring did.
#[derive(Debug)]
#[non_exhaustive]
pub enum StopError {
    /// The disk was full to the end, and what was taken from the ring since is not in the journal.
    Full {
        /// The first sequence that is not there.
        from: Sequence,
        /// The sequence behind the last one that is not there.
        to: Sequence,
        /// What the system said.
        cause: io::Error,
    },
    /// A file could not be synced, or not be cut to what was written last: what becomes durable is not known any more.
    Io(io::Error),
    /// The ring, which other processes write, is corrupt.
    Corrupt,
    /// The thread panicked.
    Panicked,
}

/// Why a position was not found, or not confirmed.
#[derive(Debug)]
#[non_exhaustive]
pub enum PositionError {
    /// It cannot be a name.
    Name(String),
    /// Somebody in this process has the position of this name.
    InUse(String),
    /// The position's file is not what was written.
    Damaged(PathBuf),
    /// More was confirmed before.
    Back {
        /// What was confirmed last.
        last: Confirmed,
        /// What was to be confirmed.
        asked: Confirmed,
    },
    /// The system refused to read or write the position's file.
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// Why a journal was not read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The system refused to read a segment.
    Io {
        /// The segment.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::InUse(path) => write!(
                f,
                "the journal {} is open already: one writer at a time; end the other one, or take another directory",
                path.display()
            ),
            OpenError::Version { path, found, expected } => write!(
                f,
                "{} is of version {found} of the journal's format, and this program writes version {expected}: open it with the program that wrote it",
                path.display()
            ),
            OpenError::Io { doing, path, cause } => write!(f, "{doing} {}: {cause}", path.display()),
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordError::Behind { next, end } => write!(
                f,
                "the Consumer wants sequence {next}, and the journal has all below {end}: resume with a Consumer of the same ring that joined there, or begin an epoch by `record`"
            ),
            RecordError::Io { doing, path, cause } => write!(f, "{doing} {}: {cause}", path.display()),
            RecordError::LastEpoch(path) => write!(
                f,
                "{} has the epoch {}, after which there is none: take another directory",
                path.display(),
                u32::MAX
            ),
            RecordError::Join(cause) => write!(f, "a journal is a Consumer of its pool: {cause}"),
            RecordError::Thread(cause) => write!(f, "starting the journal's thread: {cause}"),
        }
    }
}

impl fmt::Display for StopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StopError::Full { from, to, cause } => write!(
                f,
                "sequences {from} up to {to} are not in the journal, for nothing could be written: {cause}; make room before the recording is stopped"
            ),
            StopError::Io(cause) => write!(
                f,
                "the journal does not know what is durable, and ended: {cause}; open it again, which reads what is whole"
            ),
            StopError::Corrupt => f.write_str("the ring is corrupt: the journal has what came before"),
            StopError::Panicked => f.write_str("the journal's thread panicked: open the journal again"),
        }
    }
}

impl fmt::Display for PositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PositionError::Name(name) => {
                write!(f, "{name:?} names no position: take 1 to 64 ASCII letters, digits, `-` and `_`")
            }
            PositionError::InUse(name) => {
                write!(
                    f,
                    "the position `{name}` is in use: one reader confirms it; drop the other one, or take another name"
                )
            }
            PositionError::Damaged(path) => write!(
                f,
                "{} is not what was written: remove it, and confirm where the reader is to begin",
                path.display()
            ),
            PositionError::Back { last, asked } => write!(
                f,
                "sequence {} of epoch {} was to be confirmed, and {} of epoch {} was before: a position never goes back",
                asked.next, asked.epoch, last.next, last.epoch
            ),
            PositionError::Io { path, cause } => write!(f, "keeping the position {}: {cause}", path.display()),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ReadError::Io { path, cause } = self;
        write!(f, "reading {}: {cause}", path.display())
    }
}

impl Error for OpenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            OpenError::Io { cause, .. } => Some(cause),
            OpenError::InUse(_) | OpenError::Version { .. } => None,
        }
    }
}

impl Error for RecordError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            RecordError::Thread(cause) | RecordError::Io { cause, .. } => Some(cause),
            RecordError::Join(cause) => Some(cause),
            RecordError::Behind { .. } | RecordError::LastEpoch(_) => None,
        }
    }
}

impl Error for StopError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            StopError::Full { cause, .. } | StopError::Io(cause) => Some(cause),
            StopError::Corrupt | StopError::Panicked => None,
        }
    }
}

impl Error for PositionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            PositionError::Io { cause, .. } => Some(cause),
            PositionError::Name(_)
            | PositionError::InUse(_)
            | PositionError::Damaged(_)
            | PositionError::Back { .. } => None,
        }
    }
}

impl Error for ReadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let ReadError::Io { cause, .. } = self;
        Some(cause)
    }
}
