//! A ring's file before it has its name.

use std::{
    fs::{self, File, Metadata, OpenOptions, Permissions},
    io::{self, ErrorKind, Write},
    os::{
        fd::AsRawFd,
        unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, CWD, FallocateFlags, fallocate, linkat},
    io::{Errno, retry_on_intr},
};

use crate::{FileError, header::Properties};

/// A file that nobody else can find, or not as a ring: whole, but for its name.
pub(crate) struct Draft {
    file: File,
    /// The name that it has meanwhile, where the file system has no files without one.
    name: Option<PathBuf>,
}

fn failure(what: &'static str, path: &Path, needed: u64, error: io::Error) -> FileError {
    if error.kind() == ErrorKind::NotFound {
        return FileError::NoDirectory(directory(path).to_owned());
    }
    let path = path.to_owned();
    match error.kind() {
        ErrorKind::AlreadyExists => FileError::Exists(path),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            FileError::NoSpace { needed, path }
        }
        _ => FileError::System { what, path, error },
    }
}

pub(crate) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

impl Draft {
    /// The file of an empty ring that is to be at `path`: whole, or none.
    pub(crate) fn whole(path: &Path, mode: u32, properties: &Properties) -> Result<Self, FileError> {
        let failed = |what| move |error| failure(what, path, properties.bytes, error);
        let draft = Self::new(directory(path)).map_err(failed("creating"))?;
        draft.fill(mode, properties).map_err(failed("reserving room for"))?;
        Ok(draft)
    }

    /// The file, by the same description.
    pub(crate) fn file(&self, path: &Path) -> Result<File, FileError> {
        self.file.try_clone().map_err(|error| failure("opening", path, 0, error))
    }

    /// Gives the file its name, which nobody else may have.
    pub(crate) fn name(&self, path: &Path) -> Result<(), FileError> {
        let needed = || self.file.metadata().map_or(0, |metadata| metadata.len());
        self.link(path).map_err(|error| failure("naming", path, needed(), error))
    }

    fn new(directory: &Path) -> io::Result<Self> {
        Self::nameless(directory).or_else(|error| match error.raw_os_error() {
            // The file system cannot.
            Some(libc::EOPNOTSUPP | libc::EISDIR | libc::EINVAL) => Self::named(directory),
            _ => Err(error),
        })
    }

    /// A file without a name: should this process be killed, nothing is left of it.
    fn nameless(directory: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).mode(0o600).custom_flags(libc::O_TMPFILE).open(directory)?;
        Ok(Draft { file, name: None })
    }

    /// A file with a name of its own, which is no ring's.
    fn named(directory: &Path) -> io::Result<Self> {
        let name = directory.join(format!(".rusted-ring-{:032x}.new", random()?));
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).mode(0o600).create_new(true).open(&name)?;
        Ok(Draft { file, name: Some(name) })
    }

    /// Takes all the room that the file will ever need, and writes its header, its first bytes last.
    fn fill(&self, mode: u32, properties: &Properties) -> io::Result<()> {
        // Whatever the umask is.
        self.file.set_permissions(Permissions::from_mode(mode))?;
        match retry_on_intr(|| fallocate(&self.file, FallocateFlags::empty(), 0, properties.bytes)) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => self.write_zeros(properties.bytes)?,
            outcome => outcome?,
        }
        self.check_reserved(properties.bytes)?;
        let header = properties.encode();
        let magic = Properties::magic_at();
        self.file.write_all_at(&header[magic.end..], magic.end as u64)?;
        self.file.write_all_at(&header[magic], 0)
    }

    /// Has the file system find room for every byte by writing it.
    fn write_zeros(&self, len: u64) -> io::Result<()> {
        let zeros = [0; 1 << 16];
        let mut left = len;
        while left > 0 {
            let piece = left.min(zeros.len() as u64);
            (&self.file).write_all(&zeros[..piece as usize])?;
            left -= piece;
        }
        Ok(())
    }

    /// Refuses a file system that has not reserved what it was asked to, because it compresses, or does not say.
    fn check_reserved(&self, len: u64) -> io::Result<()> {
        if reserved(&self.file.metadata()?) >= len {
            return Ok(());
        }
        // Some know it once all is written.
        self.file.sync_all()?;
        match reserved(&self.file.metadata()?) {
            enough if enough >= len => Ok(()),
            _ => Err(io::Error::new(
                ErrorKind::Unsupported,
                "its file system reserves no room, so that a full disk would end the ring's users by a signal: use another, such as /dev/shm",
            )),
        }
    }

    fn link(&self, path: &Path) -> io::Result<()> {
        match &self.name {
            None => {
                let descriptor = format!("/proc/self/fd/{}", self.file.as_raw_fd());
                linkat(CWD, descriptor, CWD, path, AtFlags::SYMLINK_FOLLOW)?;
            }
            Some(name) => fs::hard_link(name, path)?,
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // It is of no use to anybody, and no ring, if it stays.
            let _ = fs::remove_file(name);
        }
    }
}

/// Bytes for which the file system has reserved room: it counts them in this unit, whatever its blocks are.
pub(crate) fn reserved(metadata: &Metadata) -> u64 {
    metadata.blocks().saturating_mul(512)
}

/// 128 random bits.
pub(crate) fn random() -> io::Result<u128> {
    let mut bytes = [0; 16];
    let mut filled = 0;
    while filled < bytes.len() {
        filled +=
            retry_on_intr(|| rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty()))?;
    }
    Ok(u128::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use rusted_ring::{Bytes, Many};

    use super::*;
    use crate::{Described, Identity, header::LEN};

    fn properties() -> Properties {
        Properties::new::<Many>(&Bytes::<64>::fingerprint(), 1, 9000, Identity { id: 1, epoch: 2 })
    }

    #[test]
    fn a_file_has_its_name_once_it_is_whole_with_or_without_one_before() {
        for make in [Draft::nameless, Draft::named] {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("ring");
            let draft = make(directory.path()).unwrap();
            draft.fill(0o640, &properties()).unwrap();
            assert!(!path.exists());
            draft.link(&path).unwrap();
            drop(draft);
            let metadata = fs::metadata(&path).unwrap();
            assert_eq!((metadata.len(), metadata.permissions().mode() & 0o777), (9000, 0o640));
            assert_eq!(fs::read(&path).unwrap()[..LEN], properties().encode());
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "only the ring is left");
            // A second one replaces nothing, and leaves nothing.
            let draft = make(directory.path()).unwrap();
            draft.fill(0o600, &properties()).unwrap();
            assert_eq!(draft.link(&path).unwrap_err().kind(), ErrorKind::AlreadyExists);
            drop(draft);
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn where_the_file_system_reserves_nothing_zeros_are_written() {
        let directory = tempfile::tempdir().unwrap();
        let draft = Draft::new(directory.path()).unwrap();
        draft.write_zeros(100_001).unwrap();
        assert_eq!(draft.file.metadata().unwrap().len(), 100_001);
    }
}
