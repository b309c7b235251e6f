//! Which rings there are.

use std::{fs, io, path::Path};

use crate::{DIRECTORY, FileError, PREFIX, Properties, RingFile};

/// A file that is a ring.
#[derive(Debug)]
#[non_exhaustive]
pub struct Listed {
    /// The file.
    pub file: RingFile,
    /// What it says of itself, or why it cannot be opened: made by another version, or damaged.
    pub properties: Result<Properties, FileError>,
}

/// The rings that have a name, in [`DIRECTORY`], in the order of their names.
///
/// # Errors
///
/// If the directory cannot be read.
pub fn list() -> io::Result<Vec<Listed>> {
    let mut rings = list_in(Path::new(DIRECTORY))?;
    rings.retain(|ring| {
        ring.file.path().file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()))
    });
    Ok(rings)
}

/// The rings in `directory`, in the order of their names. What is no ring, or cannot be read, is passed over.
///
/// # Errors
///
/// If the directory cannot be read.
pub fn list_in(directory: &Path) -> io::Result<Vec<Listed>> {
    let mut rings = Vec::new();
    for entry in fs::read_dir(directory)?.flatten() {
        let file = RingFile::at(entry.path());
        match file.properties() {
            Err(FileError::NotARing(_) | FileError::NotFound(_) | FileError::Link(_) | FileError::System { .. }) => {}
            properties => rings.push(Listed { file, properties }),
        }
    }
    rings.sort_by(|a, b| a.file.path().cmp(b.file.path()));
    Ok(rings)
}
