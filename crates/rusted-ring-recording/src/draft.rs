//! A recording's file until it is finished: beside its name, under another.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::RecordError;

/// What is behind the name of a file that is not finished.
const SUFFIX: &str = ".part";

/// A file that has its name once it is finished. Until then it has another, and a lock that ends with the process.
#[derive(Debug)]
pub(crate) struct Draft {
    file: File,
    name: PathBuf,
    wanted: PathBuf,
    may_replace: bool,
}

impl Draft {
    /// Creates a file that is to be called `wanted`. What has that name, or is left from another, is only ever replaced if that is allowed.
    pub(crate) fn create(wanted: &Path, may_replace: bool) -> Result<Self, RecordError> {
        let name = unfinished(wanted);
        let failed = |doing| {
            let path = name.clone();
            move |cause| RecordError::Io { doing, path, cause }
        };
        if !may_replace && wanted.symlink_metadata().is_ok() {
            return Err(RecordError::Exists(wanted.to_owned()));
        }
        // As a ring's file: for its owner alone.
        let create = || OpenOptions::new().write(true).create_new(true).mode(0o600).open(&name);
        let file = match create() {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                check_left(&name, may_replace)?;
                fs::remove_file(&name).map_err(failed("removing"))?;
                create()
            }
            outcome => outcome,
        };
        let file = file.map_err(failed("creating"))?;
        file.try_lock().map_err(|error| failed("locking")(error.into()))?;
        Ok(Draft { file, name, wanted: wanted.to_owned(), may_replace })
    }

    pub(crate) fn name(&self) -> &Path {
        &self.name
    }

    /// The file, by the same description.
    pub(crate) fn file(&self) -> Result<File, RecordError> {
        let path = || self.name.clone();
        self.file.try_clone().map_err(|cause| RecordError::Io { doing: "opening", path: path(), cause })
    }

    /// How many bytes are written.
    pub(crate) fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Takes away what is behind the first `len` bytes.
    pub(crate) fn cut(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Gives the file its name.
    pub(crate) fn finish(self) -> Result<(), RecordError> {
        let outcome = if self.may_replace {
            fs::rename(&self.name, &self.wanted)
        } else {
            renameat_with(CWD, &self.name, CWD, &self.wanted, RenameFlags::NOREPLACE).map_err(io::Error::from)
        };
        outcome.map_err(|cause| RecordError::Unnamed {
            path: self.name.clone(),
            wanted: self.wanted.clone(),
            cause,
        })?;
        let directory = match self.wanted.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(|cause| RecordError::Io {
            doing: "syncing",
            path: directory.to_owned(),
            cause,
        })
    }
}

/// The name of a file that is to be called `wanted` until it is finished.
pub(crate) fn unfinished(wanted: &Path) -> PathBuf {
    let mut name = OsString::from(wanted);
    name.push(SUFFIX);
    name.into()
}

/// Refuses a file that somebody writes, and what was left, unless it may be replaced.
fn check_left(name: &Path, may_replace: bool) -> Result<(), RecordError> {
    let left = File::open(name).map_err(|cause| RecordError::Io { doing: "opening", path: name.to_owned(), cause })?;
    match left.try_lock() {
        Err(TryLockError::WouldBlock) => Err(RecordError::InUse(name.to_owned())),
        Err(TryLockError::Error(cause)) => Err(RecordError::Io { doing: "locking", path: name.to_owned(), cause }),
        Ok(()) if may_replace => Ok(()),
        Ok(()) => Err(RecordError::Left(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn a_file_has_its_name_once_it_is_finished_and_replaces_only_what_it_may() {
        let directory = tempfile::tempdir().unwrap();
        let wanted = directory.path().join("strokes.mcap");
        let write = |may_replace, text: &str| {
            let draft = Draft::create(&wanted, may_replace)?;
            draft.file()?.write_all(text.as_bytes()).unwrap();
            assert_eq!(draft.len().unwrap(), text.len() as u64);
            draft.finish()
        };
        write(false, "first").unwrap();
        assert!(matches!(write(false, "second"), Err(RecordError::Exists(path)) if path == wanted));
        assert_eq!(fs::read_to_string(&wanted).unwrap(), "first");
        write(true, "third").unwrap();
        assert_eq!(fs::read_to_string(&wanted).unwrap(), "third");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        assert_eq!(fs::metadata(&wanted).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_written_now_is_left_alone_and_what_was_left_is_replaced_on_request() {
        let directory = tempfile::tempdir().unwrap();
        let wanted = directory.path().join("strokes.mcap");
        let draft = Draft::create(&wanted, false).unwrap();
        for may_replace in [false, true] {
            assert!(matches!(Draft::create(&wanted, may_replace), Err(RecordError::InUse(_))));
        }
        drop(draft);
        assert!(matches!(Draft::create(&wanted, false), Err(RecordError::Left(path)) if path == unfinished(&wanted)));
        Draft::create(&wanted, true).unwrap().finish().unwrap();
        assert!(wanted.exists() && !unfinished(&wanted).exists());
    }

    #[test]
    fn a_name_that_was_given_away_meanwhile_is_not_taken() {
        let directory = tempfile::tempdir().unwrap();
        let wanted = directory.path().join("strokes.mcap");
        let draft = Draft::create(&wanted, false).unwrap();
        fs::write(&wanted, "another's").unwrap();
        assert!(matches!(draft.finish(), Err(RecordError::Unnamed { .. })));
        assert_eq!(fs::read_to_string(&wanted).unwrap(), "another's");
        assert!(unfinished(&wanted).exists());
    }
}
