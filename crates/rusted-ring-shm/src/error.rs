//! What can be wrong with a ring's file.

use std::{
    error::Error,
    fmt,
    io::{self, ErrorKind},
    path::PathBuf,
};

use rusted_ring::{PlaceError, latest::LatestPlaceError};

/// Why a file is no ring that can be used, or was not made one.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileError {
    /// The name cannot be a file's: it has from 1 to 200 letters, digits, `.`, `_` or `-`, and does not begin with `.`.
    Name(String),
    /// There is such a file already.
    Exists(PathBuf),
    /// There is no such file.
    NotFound(PathBuf),
    /// There is no such directory, in which the file was to be created.
    NoDirectory(PathBuf),
    /// The file is no ring.
    NotARing(PathBuf),
    /// The file is no latest-value cells.
    NotLatest(PathBuf),
    /// The file is another user's, or anybody may write it. Events that are published there may be read by that user, and what is read
    /// may be that user's.
    Foreign {
        /// Which file.
        path: PathBuf,
        /// The user that owns it.
        owner: u32,
        /// Its permissions.
        mode: u32,
    },
    /// The ring was made by another version of this crate, or of `rusted-ring`, with another layout.
    Version {
        /// The layout's version in the file.
        found: u32,
        /// The one that this crate reads.
        expected: u32,
    },
    /// The ring is of another kind than was asked for.
    Mismatch {
        /// What differs.
        what: &'static str,
        /// In the file.
        found: String,
        /// As it was asked for.
        expected: String,
    },
    /// The file's header contradicts itself or the file's length: it was overwritten or truncated.
    Damaged(&'static str),
    /// The file has holes, for which the file system has reserved no room: a process that wrote there while the disk is full would be ended by a
    /// signal. It is a copy that a tool has made sparse, or its file system reserves nothing.
    Sparse {
        /// Which file.
        path: PathBuf,
        /// Bytes that are reserved for it.
        reserved: u64,
        /// Bytes that it has.
        needed: u64,
    },
    /// The name is that of a symbolic link, which is not followed.
    Link(PathBuf),
    /// The static was to be placed in the file, and was used before, or placed.
    Used(PathBuf),
    /// The ring was to be removed, and a process has it open to take part.
    InUse(PathBuf),
    /// Another file got the name while the ring was being removed; it was left there.
    Replaced(PathBuf),
    /// There is no room for the ring's file.
    NoSpace {
        /// Bytes that it needs.
        needed: u64,
        /// Where.
        path: PathBuf,
    },
    /// No ring can have so many slots.
    Slots(PlaceError),
    /// No cells can be for so many keys or readers.
    Latest(LatestPlaceError),
    /// The system refused.
    System {
        /// What it was asked for.
        what: &'static str,
        /// Of which file.
        path: PathBuf,
        /// Its answer.
        error: io::Error,
    },
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::Name(name) => write!(
                f,
                "`{name}` is no name of a ring: give it 1 to 200 letters, digits, `.`, `_` or `-`, of which the first is no `.`"
            ),
            FileError::Exists(path) => {
                write!(f, "{} exists: open it, or remove it first", path.display())
            }
            FileError::NotFound(path) => write!(
                f,
                "there is no {}: create it first; in a container, see that both have the same directory (`ipc: host` for /dev/shm)",
                path.display()
            ),
            FileError::NoDirectory(path) => write!(
                f,
                "there is no {}: mount a tmpfs there (`mount -t tmpfs tmpfs {0}`), or give the ring another path",
                path.display()
            ),
            FileError::NotARing(path) => write!(f, "{} is no ring of rusted-ring", path.display()),
            FileError::NotLatest(path) => {
                write!(f, "{} has no latest-value cells of rusted-ring", path.display())
            }
            FileError::Foreign { path, owner, mode } => write!(
                f,
                "{} is of user {owner}, with permissions {:o}, and is not joined unasked: if you share it with that user, open it for the group \
                 (`RingFile::for_group`, `rring pub --group`), and let nobody else write it",
                path.display(),
                mode & 0o777
            ),
            FileError::Version { found, expected } => write!(
                f,
                "the file's layout is version {found}, and this program reads version {expected}: build all its programs with one \
                 version of rusted-ring, and remove the file"
            ),
            FileError::Mismatch { what, found, expected } => write!(
                f,
                "the file's {what} is {found}, and {expected} was expected: open it as what it is, or remove it first"
            ),
            FileError::Damaged(what) => {
                write!(f, "the file is damaged, {what}: remove it, and create it again")
            }
            FileError::Sparse { path, reserved, needed } => write!(
                f,
                "{} has holes, {reserved} of its {needed} bytes are reserved, and a full disk would end its users by a signal: remove it, \
                 and create it again, on a file system that reserves what it is asked to, such as /dev/shm",
                path.display()
            ),
            FileError::Link(path) => write!(
                f,
                "{} is a symbolic link, and is not followed, because another user may have put it there: give the path of the ring itself",
                path.display()
            ),
            FileError::Used(path) => write!(
                f,
                "the static ring was used before it was to be placed in {}, or was placed already: place it once, first thing in `main`",
                path.display()
            ),
            FileError::InUse(path) => write!(
                f,
                "{} is in use, and was to be removed or replaced: end the processes that have it open first",
                path.display()
            ),
            FileError::Replaced(path) => write!(
                f,
                "{} has become another file while it was to be removed, and that one was left there: look at it, and try again",
                path.display()
            ),
            FileError::NoSpace { needed, path } => write!(
                f,
                "there are not {needed} bytes left for {}: free some, ask for fewer slots, or give the container more (`--shm-size`)",
                path.display()
            ),
            FileError::Slots(error) => error.fmt(f),
            FileError::Latest(error) => error.fmt(f),
            FileError::System { what, path, error } => {
                write!(f, "{what} {}: {error}", path.display())?;
                match (error.kind(), *what) {
                    (ErrorKind::PermissionDenied, "creating") => {
                        f.write_str("; this user may not write its directory: give the ring another path")
                    }
                    (ErrorKind::PermissionDenied, _) => f.write_str(
                        "; a ring is its owner's alone, unless its owner created it for a group (`RingFile::for_group`, `rring pub --group`) that \
                         this user is in",
                    ),
                    _ => Ok(()),
                }
            }
        }
    }
}

impl Error for FileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // What these say is in the text already.
            FileError::Slots(error) => error.source(),
            FileError::System { error, .. } => error.source(),
            _ => None,
        }
    }
}
