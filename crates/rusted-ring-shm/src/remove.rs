//! The end of a ring's file.

use std::{
    fs::{self, File, Metadata},
    io::ErrorKind,
    os::unix::fs::MetadataExt,
    path::Path,
};

use crate::{FileError, RingFile, draft, gone, lock, mapping::OPEN_AT};

/// A ring in which nobody takes part, nor joins while this lives.
pub(crate) struct Unused {
    _file: File,
    pub(crate) metadata: Metadata,
}

impl RingFile {
    /// Removes the file, if it is a ring's, of whatever version, and damaged or not.
    ///
    /// Processes that have it open keep the ring, and it is gone with the last of them.
    ///
    /// # Errors
    ///
    /// [`FileError::NotFound`], [`FileError::NotARing`], [`FileError::Replaced`], or whatever the system refuses.
    pub fn remove(&self) -> Result<(), FileError> {
        let (file, metadata) = self.find(false)?;
        match self.judge(&file, &metadata) {
            Ok(_)
            | Err(
                FileError::Version { .. }
                | FileError::Mismatch { .. }
                | FileError::Damaged(_)
                | FileError::Sparse { .. },
            ) => self.unlink(&metadata),
            Err(error) => Err(error),
        }
    }

    /// Removes the file, unless a process has the ring open to take part. Nobody joins it meanwhile.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let file = rusted_ring_shm::RingFile::at(directory.path().join("ring"));
    /// use rusted_ring::Bytes;
    /// use rusted_ring_shm::{FileError, Ring};
    ///
    /// let ring: Ring<Bytes<64>> = file.create(1024)?;
    /// assert!(matches!(file.remove_unused(), Err(FileError::InUse(_))));
    /// drop(ring);
    /// file.remove_unused()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError::InUse`], or as [`remove`](Self::remove); what is wrong with the file, if it is damaged or of another version, for then
    /// it cannot be seen which processes have it open.
    pub fn remove_unused(&self) -> Result<(), FileError> {
        let unused = self.keep_unused()?;
        self.unlink(&unused.metadata)
    }

    /// Keeps everybody from joining the ring, in which nobody takes part, for as long as the result lives.
    pub(crate) fn keep_unused(&self) -> Result<Unused, FileError> {
        let (file, metadata) = self.find(true)?;
        self.judge(&file, &metadata)?;
        // A process that joins shares this byte with the others. It gets it once this description is closed, and finds the file without a name.
        if !lock::try_lock(&file, OPEN_AT).map_err(|error| self.system("locking", error))? {
            return Err(FileError::InUse(self.path().to_owned()));
        }
        Ok(Unused { _file: file, metadata })
    }

    /// Takes its name from the file of `ring`, and from no other that may have got it since.
    pub(crate) fn unlink(&self, ring: &Metadata) -> Result<(), FileError> {
        let failed = |error| self.system("removing", error);
        let is_it = |path: &Path| -> Result<bool, FileError> {
            let found = fs::symlink_metadata(path).map_err(failed)?;
            Ok((found.dev(), found.ino()) == (ring.dev(), ring.ino()))
        };
        let replaced = || FileError::Replaced(self.path().to_owned());
        if !is_it(self.path())? {
            return Err(replaced());
        }
        // Under a name that nobody else gives or looks for, it stays what it is.
        let directory = draft::directory(self.path());
        let private = gone::name(directory, ring).map_err(failed)?;
        fs::rename(self.path(), &private).map_err(failed)?;
        match is_it(&private) {
            Ok(true) => {}
            Ok(false) => {
                // Another ring got the name between the two looks, and gets it back.
                let given_back = RingFile::at(&private);
                fs::hard_link(&private, self.path())
                    .map_err(|error| given_back.system("giving its name back to", error))?;
                fs::remove_file(&private).map_err(failed)?;
                return Err(replaced());
            }
            // Somebody has swept.
            Err(FileError::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error),
        }
        match fs::remove_file(&private) {
            // As above.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            outcome => outcome.map_err(failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use rusted_ring::{Bytes, Many};

    use super::*;

    #[test]
    fn another_ring_that_has_the_name_by_now_keeps_it() {
        let directory = tempfile::tempdir().unwrap();
        let file = RingFile::at(directory.path().join("ring"));
        drop(file.create::<Bytes<64>, Many>(8).unwrap());
        let (_, metadata) = file.find(false).unwrap();
        fs::rename(file.path(), directory.path().join("moved")).unwrap();
        let other = file.create::<Bytes<64>, Many>(9).unwrap().peers().identity();
        assert!(matches!(file.unlink(&metadata), Err(FileError::Replaced(_))));
        assert_eq!(file.properties().unwrap().identity, other);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    }
}
