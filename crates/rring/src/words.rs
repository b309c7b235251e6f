//! What errors say at a shell, where the library would name its own functions and types.

use std::{fmt::Write, io::ErrorKind};

use rusted_ring::{JoinError, publisher::Full};
use rusted_ring_recording::RecordError;
use rusted_ring_shm::FileError;

use crate::{cells, place, sets};

/// What `error` says.
pub(crate) fn of(error: &anyhow::Error) -> String {
    if let Some(file) = error.downcast_ref() {
        return of_file(file);
    }
    if let Some(RecordError::Exists(_) | RecordError::Left(_)) = error.downcast_ref() {
        return format!("{error} (--force)");
    }
    match error.downcast_ref() {
        Some(JoinError::Occupied) => {
            "the ring takes one publisher at a time, and another process is its publisher now: end that one first, or \
                                      create the ring without --sole"
                .to_owned()
        }
        _ => format!("{error:#}"),
    }
}

/// What is wrong with a ring's file, on one line, whatever the file's name is: another user may have given it.
pub(crate) fn of_file(error: &FileError) -> String {
    let text = match error {
        FileError::Foreign { path, mode, .. } if mode & 0o002 != 0 => format!(
            "{} has permissions {:o}, so that anybody may write it, and is not joined: take that away first (`chmod o-w`)",
            path.display(),
            mode & 0o777
        ),
        FileError::Foreign { path, owner, .. } => format!(
            "{} belongs to user {owner}, and is not joined unasked: give --group, if you share it with that user",
            path.display()
        ),
        FileError::System { what, path, error }
            if error.kind() == ErrorKind::PermissionDenied && *what != "creating" =>
        {
            format!(
                "{what} {}: {error}; a ring is its owner's alone, unless its owner created it for a group that this user is in (`rring pub --group`)",
                path.display()
            )
        }
        FileError::Slots(_) => {
            "no ring can have so many slots: ask for 1 at least, and for no more than there is memory for".to_owned()
        }
        FileError::NotARing(path) if cells::are_at(path) => {
            format!("{} has latest-value cells and is no ring: `rring stat` shows who writes them", path.display())
        }
        FileError::NotFound(path) if sets::at(path).is_some() => {
            let name = place::name(path);
            format!(
                "{name} is a pool set, of five rings: give one of them, such as {name}.xs; `rring ls {name}` shows them"
            )
        }
        other => other.to_string(),
    };
    text.replace('\n', "\\n")
}

/// Why there was no room.
pub(crate) fn of_full(full: &Full, process: Option<u32>) -> String {
    let mut text = "the ring was full".to_owned();
    if let Some(waited) = full.waited {
        let _ = write!(text, " for {waited:.1?}");
    }
    let Some(blocker) = full.blocker else {
        return text
            + ": the consumer that held the next slot has just gone on, or publishers that were stopped or killed in the middle of a publish hold \
               every slot: try again, and see `rring stat`";
    };
    let name = match blocker.name.as_str() {
        "" => format!("a consumer without a name (entry {})", blocker.entry),
        name => format!("consumer `{name}`"),
    };
    let process = process.map(|process| format!(" of process {process}")).unwrap_or_default();
    let _ = write!(
        text,
        ": {name}{process} has not left sequence {}, {} behind: let it read on, end it, or give a longer --timeout",
        blocker.position, blocker.lag
    );
    text
}
