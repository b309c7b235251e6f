//! How a command ends: what it says on standard error, and its exit code.

use std::{error::Error, fmt, io, process::ExitCode};

use rusted_ring_recording::{ReadError, Unreadable};
use rusted_ring_shm::FileError;

use crate::{text, words};

/// An end that has an exit code of its own. Other errors have 1, and clap's, about the command line, 2.
#[derive(Debug)]
pub(crate) enum End {
    /// There was no room in the time given.
    Full(String),
    /// The ring is in use, and was to be removed.
    InUse(String),
    /// It was asked to stop before its input had ended.
    Interrupted(String),
    /// The ring's events cannot be opened by this program.
    Unreadable(String),
    /// What was measured is worth nothing.
    Void(String),
    /// Two recordings are not the same.
    Different(String),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Full(text)
            | End::InUse(text)
            | End::Interrupted(text)
            | End::Unreadable(text)
            | End::Void(text)
            | End::Different(text) => f.write_str(text),
        }
    }
}

impl Error for End {}

/// What `--help` says of the codes that [`code`] gives.
pub(crate) const CODES: &str = "\
Exit codes:
  0  it was done
  1  it failed, and standard error says why
  2  the command line is wrong
  3  there is no such ring, or the file is no ring
  4  the ring was full until the time was over (pub, replay)
  5  the ring is in use (rm)
  6  the ring holds what this program cannot open (tap, pub, record, replay)
  7  what was measured is worth nothing: the second process ended early, or received + lost is not what was published (bench)
  8  the recording is damaged, has no end, or does not balance (replay, compare)
  9  two recordings differ (compare)
  130  it was interrupted before the end of its input, or of what it measures (pub, replay, bench)";

/// The exit code of `outcome`, whose error is said.
pub(crate) fn code(outcome: anyhow::Result<()>) -> ExitCode {
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    if is_closed_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    crate::text::say!("rring: {}", text::message(&words::of(&error)));
    ExitCode::from(match (error.downcast_ref(), error.downcast_ref()) {
        (Some(FileError::NotFound(_) | FileError::NotARing(_)), _) => 3,
        (Some(FileError::InUse(_)), _) => 5,
        (_, Some(End::Full(_))) => 4,
        (_, Some(End::InUse(_))) => 5,
        (_, Some(End::Unreadable(_))) => 6,
        (_, Some(End::Void(_))) => 7,
        _ if error.downcast_ref().is_some_and(is_not_whole) => 8,
        (_, Some(End::Different(_))) => 9,
        (_, Some(End::Interrupted(_))) => 130,
        _ => 1,
    })
}

/// Whether a recording is one, and not all that was recorded.
fn is_not_whole(error: &ReadError) -> bool {
    let is_whole = matches!(
        error.what,
        Unreadable::Io(_) | Unreadable::Foreign(_) | Unreadable::Version { .. } | Unreadable::ByteOrder { .. }
    );
    !is_whole
}

/// Whether nobody reads the output any more, as in `rring tap strokes | head`.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
