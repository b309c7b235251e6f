//! Which ring is meant.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use rusted_ring_shm::{DIRECTORY, FileError, PREFIX, RingFile};

/// The ring that `text` names: a path, if there is a `/` in it, else a name in /dev/shm.
pub(crate) fn ring(text: &str) -> Result<RingFile, FileError> {
    if text.contains('/') { Ok(RingFile::at(text)) } else { RingFile::named(text) }
}

/// The directory, or the file of the one ring, that `text` names; without any, where rings are that have names.
///
/// A name without a `/` is that of a ring, but for `.` and `..`, and for a directory that is here while no ring has its name.
pub(crate) fn directory_or_ring(text: Option<&str>) -> Result<PathBuf, FileError> {
    let Some(text) = text else { return Ok(DIRECTORY.into()) };
    let here = Path::new(text);
    match ring(text) {
        Ok(file) if file.path().exists() || !here.is_dir() => Ok(file.path().to_owned()),
        Err(error) if !here.is_dir() => Err(error),
        _ => Ok(here.to_owned()),
    }
}

/// What to call a ring, so that [`ring`] finds it again.
pub(crate) fn name(path: &Path) -> String {
    let in_directory = path.parent() == Some(Path::new(DIRECTORY));
    match path.file_name().and_then(OsStr::to_str).and_then(|name| name.strip_prefix(PREFIX)) {
        Some(name) if in_directory && RingFile::named(name).is_ok() => name.to_owned(),
        _ => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_the_ring_that_has_it() {
        for text in ["strokes", "./strokes", "/tmp/rusted-ring.strokes", "/dev/shm/other"] {
            assert_eq!(name(ring(text).unwrap().path()), text);
        }
        assert_eq!(name(Path::new("/dev/shm/rusted-ring.strokes")), "strokes");
        assert!(ring("two words").is_err());
        // What has no name that can be given has its path.
        assert_eq!(name(Path::new("/dev/shm/rusted-ring.two words")), "/dev/shm/rusted-ring.two words");
    }

    #[test]
    fn a_directory_has_a_slash_in_it_or_no_ring_has_its_name() {
        let found = |text| directory_or_ring(Some(text)).unwrap();
        assert_eq!(directory_or_ring(None).unwrap(), Path::new("/dev/shm"));
        assert_eq!(found("strokes"), Path::new("/dev/shm/rusted-ring.strokes"));
        for directory in [".", "..", "./src", "/tmp", "src"] {
            assert_eq!(found(directory), Path::new(directory));
        }
        assert!(directory_or_ring(Some("two words")).is_err());
    }
}
