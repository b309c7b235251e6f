//! What goes wrong, an error for each verb.

use std::{error::Error, fmt, io, path::PathBuf};

/// Why a recording was not begun, or not finished.
#[derive(Debug)]
#[non_exhaustive]
pub enum RecordError {
    /// There is a file of this name already.
    Exists(PathBuf),
    /// A recording that nobody finished has the name that the new one would have until it is finished.
    Left(PathBuf),
    /// Another process is writing a recording of this name.
    InUse(PathBuf),
    /// The file cannot be written any further: the disk is full, perhaps. What was written before is whole, and was kept.
    Stopped {
        /// The file, which is unfinished.
        path: PathBuf,
        /// How many events are in it.
        events: u64,
        /// What the system said.
        cause: io::Error,
    },
    /// The recording is whole, but could not be given its name.
    Unnamed {
        /// The name that it has.
        path: PathBuf,
        /// The name that it was to have.
        wanted: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The recording is whole, and the file that had its unfinished name is another one: somebody has removed or replaced it. Nothing was renamed.
    Gone(PathBuf),
    /// The recording is finished and has its name, but the directory could not be synced: a power cut may take the name.
    Unsynced {
        /// The recording.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// What has this name is no plain file, and so is not replaced.
    NotAFile(PathBuf),
    /// The system refused something, and nothing was begun.
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordError::Exists(path) => {
                write!(
                    f,
                    "{} is there already, and was left as it is: choose another name, or have it replaced",
                    path.display()
                )
            }
            RecordError::Left(path) => write!(
                f,
                "{} was left by a recorder that was ended before it had finished; it can be read as far as it goes: give it another name, remove it, or \
                 have it replaced",
                path.display()
            ),
            RecordError::InUse(path) => {
                write!(f, "another process is writing {}: choose another name, or end that one first", path.display())
            }
            RecordError::Stopped { path, events, cause } => write!(
                f,
                "writing {}: {cause}; {events} events are whole in it, and those behind them were not kept: make room, and record again, \
                 under another name, or have it replaced",
                path.display()
            ),
            RecordError::Unnamed { path, wanted, cause } => write!(
                f,
                "the recording is finished, and whole, but is called {} still, for it could not be renamed to {}: {cause}",
                path.display(),
                wanted.display()
            ),
            RecordError::Gone(path) => write!(
                f,
                "the recording is finished, and {} is another file now, or none: somebody has removed or replaced it, so it was not given its name",
                path.display()
            ),
            RecordError::Unsynced { path, cause } => write!(
                f,
                "{} is finished, and whole, but its directory could not be synced, so that a power cut may take its name: {cause}",
                path.display()
            ),
            RecordError::NotAFile(path) => {
                write!(f, "{} is no plain file, and was left as it is: choose another name", path.display())
            }
            RecordError::Io { doing, path, cause } => write!(f, "{doing} {}: {cause}", path.display()),
        }
    }
}

// The text has the cause, which is no source, so that nobody says it twice.
impl Error for RecordError {}

/// Why a recording cannot be read, or not any further: what was read before it is whole.
#[derive(Debug)]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: Unreadable,
}

/// What is wrong with a recording.
#[derive(Debug)]
#[non_exhaustive]
pub enum Unreadable {
    /// The system refused to read the file.
    Io(io::Error),
    /// It is no recording of a ring: no MCAP file, or another program's.
    Foreign(&'static str),
    /// It is a recording of another version of the format: a later program's, perhaps.
    Version {
        /// Its version.
        found: String,
        /// This library's.
        expected: &'static str,
    },
    /// It is of a ring on a machine with another order of bytes, so that values are not what they were there.
    ByteOrder {
        /// That machine's.
        found: String,
        /// This one's.
        expected: &'static str,
    },
    /// Something in it is not what was written.
    Damaged {
        /// The byte of the file at which the part begins that is damaged.
        at: u64,
        /// What is wrong there.
        what: String,
    },
    /// It has no end: its recorder was ended before it had finished, or its end was cut off.
    Unfinished {
        /// The byte of the file up to which it is whole.
        at: u64,
    },
    /// It is whole, and does not hold what the ring's ledger said that its recorder received.
    Unbalanced {
        /// What the ledger said.
        ledger: String,
        /// What is there.
        found: String,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.what {
            Unreadable::Io(cause) => write!(f, "reading {path}: {cause}"),
            Unreadable::Foreign(why) => write!(f, "{path} is no recording of a ring: {why}"),
            Unreadable::Version { found, expected } => write!(
                f,
                "{path} is a recording of version {found:?}, and {expected:?} was expected: read it by the program that wrote it, or a later one"
            ),
            Unreadable::ByteOrder { found, expected } => write!(
                f,
                "{path} was recorded on a machine with the byte order {found:?}, and this one's is {expected:?}: read it on one like that"
            ),
            Unreadable::Damaged { at, what } => {
                write!(f, "{path} is damaged at byte {at}: {what}; what is behind it was not read")
            }
            Unreadable::Unfinished { at } => write!(
                f,
                "{path} has no end: its recorder was ended before it had finished, or the file was cut off; it is whole up to byte {at}, and was read \
                 up to there"
            ),
            Unreadable::Unbalanced { ledger, found } => {
                write!(f, "{path} does not balance: the ring's ledger said {ledger}, and there is {found}")
            }
        }
    }
}

impl Error for ReadError {}
