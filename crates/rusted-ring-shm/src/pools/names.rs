//! Giving five files their names, and taking these away, as if it were one step.
//!
//! Whoever does so has a lock of the XS pool's file: the creator from before that file has its name on, which is the first that it gives;
//! the remover until that name, which it takes away last, is gone. So if the lock is free and a pool is missing, the one that was at work has
//! been killed, and what it left is nobody's.

use std::{
    fs::File,
    io,
    os::unix::fs::MetadataExt,
    thread,
    time::{Duration, Instant},
};

use rusted_ring::pool::PoolId;

use super::{PoolFiles, mismatch};
use crate::{
    FileError, RingFile,
    draft::Draft,
    file::TRIES,
    lock,
    mapping::{KEPT_OUT, NAMES_AT},
};

/// The right to give and take the names of a set.
pub(crate) struct Names<'a> {
    files: &'a PoolFiles,
    /// That of the XS pool.
    file: File,
    set: u128,
}

impl<'a> Names<'a> {
    /// Gives the pools of a new set, which are `drafts`, their names: all, or none.
    pub(crate) fn give(files: &'a PoolFiles, set: u128, drafts: [&Draft; 5]) -> Result<(), FileError> {
        let xs = files.file(PoolId::XS);
        let file = drafts[0].file(xs.path())?;
        lock::lock(&file, NAMES_AT).map_err(|error| xs.system("locking", error))?;
        let names = Names { files, file, set };
        for (pool, draft) in PoolId::ALL.into_iter().zip(drafts) {
            if let Err(error) = names.give_one(pool, draft) {
                // The first error is the one that says what is wrong.
                let _ = names.take_away();
                return Err(error);
            }
        }
        Ok(())
    }

    /// Removes the pools that a process has left which placed its statics there, and has ended.
    pub(crate) fn clear_statics(files: &'a PoolFiles) -> Result<(), FileError> {
        let xs = files.file(PoolId::XS);
        match Self::hold(files) {
            Ok(None) => Ok(()),
            Ok(Some(names)) => {
                let metadata = names.file.metadata().map_err(|error| xs.system("looking at", error))?;
                // Nobody else places statics there while this has the right to the names.
                xs.check_left(&names.file, &xs.judge(&names.file, &metadata)?)?;
                names.take_away()
            }
            Err(FileError::Mismatch { .. }) => Err(FileError::Exists(xs.path().to_owned())),
            Err(error) => Err(error),
        }
    }

    fn give_one(&self, pool: PoolId, draft: &Draft) -> Result<(), FileError> {
        let file = self.files.file(pool);
        let mut outcome = draft.name(file.path());
        for _ in 0..TRIES {
            match outcome {
                Err(FileError::Exists(_)) if pool == PoolId::XS => self.files.clear()?,
                // Left of a set whose XS pool somebody removed alone.
                Err(FileError::Exists(_)) if of_another(file, self.set) => file.remove()?,
                outcome => return outcome,
            }
            outcome = draft.name(file.path());
        }
        outcome
    }

    /// The right to the names of the set that is there; none, if its XS pool is not.
    pub(super) fn hold(files: &'a PoolFiles) -> Result<Option<Self>, FileError> {
        let xs = files.file(PoolId::XS);
        let begun = Instant::now();
        loop {
            let (file, metadata) = match xs.find(true) {
                Err(FileError::NotFound(_)) => return Ok(None),
                found => found?,
            };
            let set = xs.judge(&file, &metadata)?.set.ok_or_else(|| mismatch("no pool of a set"))?;
            if lock::try_lock(&file, NAMES_AT).map_err(|error| xs.system("locking", error))? {
                let metadata = file.metadata().map_err(|error| xs.system("looking at", error))?;
                if metadata.nlink() > 0 {
                    return Ok(Some(Names { files, file, set }));
                }
                // It was being removed. There is another one by now, or none.
            } else if begun.elapsed() > KEPT_OUT {
                let why = "a process that creates or removes the set keeps others out, and was stopped in that: let it go on, or end it";
                return Err(xs.system("locking", io::Error::new(io::ErrorKind::TimedOut, why)));
            } else {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// Whether all five pools are there.
    fn are_all(&self) -> Result<bool, FileError> {
        for file in &self.files.files {
            match file.properties() {
                Ok(properties) if properties.set == Some(self.set) => {}
                Ok(_) | Err(FileError::NotFound(_)) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Removes the pools of this set that are there.
    fn take_away(self) -> Result<(), FileError> {
        self.each(|file| file.remove())
    }

    /// Removes the pools of this set, if nobody takes part in any of them.
    pub(super) fn take_away_unused(self) -> Result<(), FileError> {
        let mut unused = Vec::new();
        self.each(|file| {
            unused.push((file.clone(), file.keep_unused()?));
            Ok(())
        })?;
        unused.iter().try_for_each(|(file, unused)| file.unlink(&unused.metadata))
    }

    /// Does something with each pool of this set that is there, that of the XS pool last.
    fn each(&self, mut what: impl FnMut(&RingFile) -> Result<(), FileError>) -> Result<(), FileError> {
        for file in self.files.files.iter().rev() {
            match file.properties() {
                Ok(properties) if properties.set == Some(self.set) => what(file)?,
                _ => {}
            }
        }
        Ok(())
    }
}

impl Drop for Names<'_> {
    fn drop(&mut self) {
        // A creator goes on with the same description. It fails for no lock that is held.
        let _ = lock::unlock(&self.file, NAMES_AT);
    }
}

impl PoolFiles {
    /// Removes what a process has left that was killed while it created or removed the set; an error, if the set is there.
    fn clear(&self) -> Result<(), FileError> {
        let xs = self.file(PoolId::XS);
        match Names::hold(self) {
            Ok(None) => Ok(()),
            Ok(Some(names)) if names.are_all()? => Err(FileError::Exists(xs.path().to_owned())),
            Ok(Some(names)) => names.take_away(),
            // A ring of its own, or what is no ring.
            Err(FileError::Mismatch { .. } | FileError::NotARing(_) | FileError::Link(_)) => {
                Err(FileError::Exists(xs.path().to_owned()))
            }
            Err(error) => Err(error),
        }
    }

    /// Removes the pools that are there, of whatever set, damaged or not; that of the XS pool last.
    pub(super) fn take_pools_away(&self) -> Result<(), FileError> {
        let mut found = false;
        for file in self.files.iter().rev() {
            let is_pool = match file.properties() {
                Ok(properties) => properties.set.is_some(),
                Err(FileError::Damaged(_) | FileError::Version { .. } | FileError::Sparse { .. }) => true,
                Err(_) => false,
            };
            if is_pool {
                file.remove()?;
                found = true;
            }
        }
        if found { Ok(()) } else { Err(self.not_found()) }
    }
}

/// Whether the file is a pool of another set.
fn of_another(file: &RingFile, set: u128) -> bool {
    file.properties().is_ok_and(|properties| properties.set.is_some_and(|found| found != set))
}
