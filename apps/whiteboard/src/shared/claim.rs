//! The right to a name in shared memory: one living server has it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use rusted_ring_shm::DIRECTORY;
use rustix::fs::OFlags;

use crate::remedy;

/// How often a file that comes and goes is tried to be locked.
const TRIES: usize = 16;

/// A file that is locked as long as its process lives.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    _locked: File,
}

impl Claim {
    /// Claims `name`, unless a living server has it.
    pub(super) fn on(name: &str) -> anyhow::Result<Self> {
        Self::at(Path::new(DIRECTORY).join(format!(".whiteboard.{name}.lock")), name)
    }

    fn at(path: PathBuf, name: &str) -> anyhow::Result<Self> {
        let failed = |error: &std::io::Error| match error.kind() {
            ErrorKind::NotFound => anyhow!(
                "--shm: there is no {DIRECTORY}: mount a tmpfs there (`mount -t tmpfs tmpfs {DIRECTORY}`), or start without --shm"
            ),
            _ => remedy::explained(format_args!("--shm: locking {}", path.display()), error, "start without --shm"),
        };
        for _ in 0..TRIES {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false).mode(0o600);
            options.custom_flags(OFlags::NOFOLLOW.bits() as i32);
            let mut file = options.open(&path).map_err(|error| failed(&error))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => bail!(
                    "--shm: the name {name} is taken by a whiteboard that runs{}: stop that one, or choose another name",
                    process(&mut file)
                ),
                Err(TryLockError::Error(error)) => return Err(failed(&error)),
            }
            // Its server may have ended, and taken it away, between the two.
            let found = file.metadata().map_err(|error| failed(&error))?;
            if fs::symlink_metadata(&path).is_ok_and(|named| (named.dev(), named.ino()) == (found.dev(), found.ino())) {
                // For the message above alone.
                let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
                return Ok(Claim { path, _locked: file });
            }
        }
        bail!("--shm: {} comes and goes: choose another name", path.display())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // While it is locked, so that it is nobody else's.
        let _ = fs::remove_file(&self.path);
    }
}

/// Which process has locked it, as it says.
fn process(file: &mut File) -> String {
    let mut text = String::new();
    let _ = file.take(20).read_to_string(&mut text);
    text.trim().parse::<u32>().map_or(String::new(), |process| format!(" (process {process})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_a_name_at_a_time_and_the_other_is_told_who() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lock");
        let claim = Claim::at(path.clone(), "board").expect("claimed");
        let refused = Claim::at(path.clone(), "board").expect_err("taken").to_string();
        assert!(refused.contains("board is taken") && refused.contains(&std::process::id().to_string()), "{refused}");
        drop(claim);
        assert!(!path.exists());
        // What a killed one has left is no claim.
        fs::write(&path, "1").expect("written");
        Claim::at(path, "board").expect("claimed");
        let nowhere = Claim::at(directory.path().join("nowhere/lock"), "board").expect_err("none").to_string();
        assert!(nowhere.contains("mount -t tmpfs"), "{nowhere}");
    }
}
