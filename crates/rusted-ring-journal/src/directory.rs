//! A journal's directory: its lock, and the names of its segments.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// A file that is locked until this is dropped, or the process ends.
#[derive(Debug)]
pub(crate) struct Lock(pub(crate) File);

impl Drop for Lock {
    fn drop(&mut self) {
        // A process that is being started elsewhere in this one has the file open, too, for a moment, and would keep the lock.
        let _ = self.0.unlock();
    }
}

/// The segments of a directory, in order, each with its epoch and first sequence.
pub(crate) fn segments_in(directory: &Path) -> io::Result<Vec<(PathBuf, u32, u64)>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if let Some((epoch, first)) = name_of(&path) {
            names.push((path, epoch, first));
        }
    }
    names.sort_by_key(|(_, epoch, first)| (*epoch, *first));
    Ok(names)
}

/// Where a segment lies: named by its epoch and its first sequence, so that names are in order.
pub(crate) fn path_of(directory: &Path, epoch: u32, first: u64) -> PathBuf {
    directory.join(format!("{epoch:010}-{first:020}.journal"))
}

/// The epoch and the first sequence in a segment's name.
pub(crate) fn name_of(path: &Path) -> Option<(u32, u64)> {
    let (epoch, first) = path.file_name()?.to_str()?.strip_suffix(".journal")?.split_once('-')?;
    let numbers = (epoch.parse().ok()?, first.parse().ok()?);
    (path == path_of(path.parent()?, numbers.0, numbers.1)).then_some(numbers)
}

/// Makes the names of new files outlast the machine's sudden end.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
