//! Files that have lost their names, and are not removed yet.
//!
//! Whoever removes a file gives it a name that nobody looks for, and looks whether it is the file that was meant. The name says which one
//! that was. So what a process has left that was killed in between is removed by the next that creates a file beside it; and a file that
//! has such a name by mistake, because it came to the old name at the last moment, is left alone.

use std::{
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::draft;

const PREFIX: &str = ".rusted-ring-";
const SUFFIX: &str = ".gone";

/// A name in `directory` that nobody else has, for `file` while it is removed.
pub(crate) fn name(directory: &Path, file: &Metadata) -> io::Result<PathBuf> {
    Ok(directory.join(format!("{PREFIX}{}-{:032x}{SUFFIX}", number(file), draft::random()?)))
}

/// Removes from `directory` what is left there. What cannot be removed, as another user's, stays.
pub(crate) fn sweep(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let is_left = entry
            .file_name()
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.rsplit_once('-'))
            .is_some_and(|(meant, _)| entry.metadata().is_ok_and(|file| file.is_file() && number(&file) == meant));
        if is_left {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// What tells a file from all others that there are.
fn number(file: &Metadata) -> String {
    format!("{:x}-{:x}", file.dev(), file.ino())
}

#[cfg(test)]
mod tests {
    use rusted_ring::{Bytes, Many};

    use super::*;
    use crate::RingFile;

    #[test]
    fn what_a_killed_process_was_about_to_remove_goes_with_the_next_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = RingFile::at(directory.path().join("ring"));
        let count = || fs::read_dir(directory.path()).unwrap().count();
        let create = || drop(file.create::<Bytes<64>, Many>(8).unwrap());
        let take_the_name = || {
            let private = name(directory.path(), &fs::metadata(file.path()).unwrap()).unwrap();
            fs::rename(file.path(), private).unwrap();
        };
        create();
        take_the_name();
        create();
        assert_eq!(count(), 1, "the next that creates a file removes it");
        let others = name(directory.path(), &fs::metadata(directory.path()).unwrap()).unwrap();
        fs::rename(file.path(), &others).unwrap();
        fs::write(directory.path().join(".rusted-ring-x.gone"), "a text").unwrap();
        create();
        assert!(others.exists() && count() == 3, "what came to the name at the last moment is somebody else's");
    }
}
