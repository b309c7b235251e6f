//! Which ring is meant.

use std::{ffi::OsStr, path::Path};

use rusted_ring_shm::{DIRECTORY, FileError, PREFIX, RingFile};

/// The ring that `text` names: a path, if there is a `/` in it, else a name in /dev/shm.
pub(crate) fn ring(text: &str) -> Result<RingFile, FileError> {
    if text.contains('/') { Ok(RingFile::at(text)) } else { RingFile::named(text) }
}

/// What to call a ring, so that [`ring`] finds it again.
pub(crate) fn name(path: &Path) -> String {
    let in_directory = path.parent() == Some(Path::new(DIRECTORY));
    match path.file_name().and_then(OsStr::to_str).and_then(|name| name.strip_prefix(PREFIX)) {
        Some(name) if in_directory => name.to_owned(),
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
    }
}
