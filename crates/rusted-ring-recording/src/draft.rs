//! A recording's file until it is finished: beside its name, under another.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{CWD, OFlags, RenameFlags, renameat_with},
    io::Errno,
};

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
        match wanted.symlink_metadata() {
            Ok(_) if !may_replace => return Err(RecordError::Exists(wanted.to_owned())),
            Ok(found) if !found.is_file() => return Err(RecordError::NotAFile(wanted.to_owned())),
            _ => {}
        }
        // As a ring's file: for its owner alone.
        let create = || OpenOptions::new().write(true).create_new(true).mode(0o600).open(&name);
        // The lock of what was left is kept until there is another: two that replace it do not replace each other.
        let (created, _left) = match create() {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let left = check_left(&name, may_replace)?;
                fs::remove_file(&name).map_err(failed("removing"))?;
                (create(), Some(left))
            }
            outcome => (outcome, None),
        };
        let draft = Draft {
            file: created.map_err(failed("creating"))?,
            name: name.clone(),
            wanted: wanted.to_owned(),
            may_replace,
        };
        match draft.file.try_lock() {
            // Before it was locked, another may have taken it for what was left.
            Ok(()) if draft.has_its_name() => Ok(draft),
            Ok(()) | Err(TryLockError::WouldBlock) => Err(RecordError::InUse(name.clone())),
            Err(TryLockError::Error(cause)) => {
                draft.discard();
                Err(failed("locking")(cause))
            }
        }
    }

    /// Whether the file is still called as it was.
    fn has_its_name(&self) -> bool {
        let number = |found: Metadata| (found.dev(), found.ino());
        match (self.file.metadata(), self.name.symlink_metadata()) {
            (Ok(file), Ok(name)) => number(file) == number(name),
            _ => false,
        }
    }

    /// Removes the file, of which nothing was begun.
    pub(crate) fn discard(self) {
        if self.has_its_name() {
            let _ = fs::remove_file(&self.name);
        }
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
        if !self.has_its_name() {
            return Err(RecordError::Gone(self.name));
        }
        let outcome = if self.may_replace {
            fs::rename(&self.name, &self.wanted)
        } else {
            rename_without_replacing(&self.name, &self.wanted)
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
        match File::open(directory).and_then(|directory| directory.sync_all()) {
            // Whoever may write a directory and not read it has done what there is to be done.
            Err(error) if error.kind() != ErrorKind::PermissionDenied => {
                Err(RecordError::Unsynced { path: self.wanted, cause: error })
            }
            _ => Ok(()),
        }
    }
}

/// Renames a file, unless there is one of the other name. Some file systems, such as those over a network, know no such rename: there the file has both names
/// for a moment.
fn rename_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            fs::hard_link(from, to)?;
            fs::remove_file(from)
        }
        outcome => Ok(outcome?),
    }
}

/// The name of a file that is to be called `wanted` until it is finished.
pub(crate) fn unfinished(wanted: &Path) -> PathBuf {
    let mut name = OsString::from(wanted);
    name.push(SUFFIX);
    name.into()
}

/// Returns what was left, locked, if it may be replaced; refuses it otherwise, and a file that somebody writes.
fn check_left(name: &Path, may_replace: bool) -> Result<File, RecordError> {
    let failed = |doing| move |cause| RecordError::Io { doing, path: name.to_owned(), cause };
    // To open what is no file may wait, unless one asks not to. Some file systems lock only what may be written.
    let mut open = OpenOptions::new();
    open.read(true).write(true).custom_flags(OFlags::NONBLOCK.bits() as i32);
    let left = open.open(name).map_err(failed("opening"))?;
    if !left.metadata().map_err(failed("looking at"))?.is_file() {
        return Err(RecordError::NotAFile(name.to_owned()));
    }
    match left.try_lock() {
        Err(TryLockError::WouldBlock) => Err(RecordError::InUse(name.to_owned())),
        Err(TryLockError::Error(cause)) => Err(failed("locking")(cause)),
        Ok(()) if may_replace => Ok(left),
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

    #[test]
    fn what_has_lost_its_name_is_not_renamed() {
        let directory = tempfile::tempdir().unwrap();
        let wanted = directory.path().join("strokes.mcap");
        let first = Draft::create(&wanted, false).unwrap();
        fs::remove_file(unfinished(&wanted)).unwrap();
        let second = Draft::create(&wanted, false).unwrap();
        second.file().unwrap().write_all(b"second").unwrap();
        assert!(matches!(first.finish(), Err(RecordError::Gone(path)) if path == unfinished(&wanted)));
        assert!(!wanted.exists(), "that one is not finished");
        second.finish().unwrap();
        assert_eq!(fs::read_to_string(&wanted).unwrap(), "second");
    }

    #[test]
    fn what_is_no_file_is_neither_replaced_nor_opened() {
        let directory = tempfile::tempdir().unwrap();
        let wanted = directory.path().join("strokes.mcap");
        fs::create_dir(&wanted).unwrap();
        assert!(matches!(Draft::create(&wanted, true), Err(RecordError::NotAFile(path)) if path == wanted));
        fs::remove_dir(&wanted).unwrap();
        std::os::unix::fs::symlink("elsewhere", &wanted).unwrap();
        assert!(matches!(Draft::create(&wanted, true), Err(RecordError::NotAFile(_))));
        fs::remove_file(&wanted).unwrap();
        let left = unfinished(&wanted);
        rustix::fs::mknodat(CWD, &left, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        for may_replace in [false, true] {
            assert!(matches!(Draft::create(&wanted, may_replace), Err(RecordError::NotAFile(path)) if path == left));
        }
    }

    #[test]
    fn a_rename_that_must_not_replace_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("from"), directory.path().join("to"));
        fs::write(&from, "new").unwrap();
        rename_without_replacing(&from, &to).unwrap();
        fs::write(&from, "newer").unwrap();
        assert_eq!(rename_without_replacing(&from, &to).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&to).unwrap(), "new");
    }
}
