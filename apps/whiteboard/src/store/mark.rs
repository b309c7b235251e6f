//! How far a store has come, recorded beside its file: `board.mark` has the last acknowledged revision, sealed with the
//! store's key.
//!
//! The database returns to its previous state when it cannot read the last one. After a power failure nobody was told of
//! that last state; in a damaged file everybody may have been. The mark tells the two apart. It is written after each
//! commit, before anyone hears of it, and synced once a second: a process's writes outlive it, and only a power failure can
//! lose a second of the mark, never of the store.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::disk::is_full;
use super::seal::{Key, SEAL_LEN};
use crate::private;

/// How often it is synced.
const SYNC_TIME: Duration = Duration::from_secs(1);
/// The longest mark, in bytes.
const LEN_MAX: u64 = 256;

/// The mark's file in the data directory.
pub(crate) fn file_in(directory: &Path) -> PathBuf {
    directory.join("board.mark")
}

/// What a mark says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The store's number.
    pub(super) number: u64,
    /// The last revision that was acknowledged.
    pub(super) revision: u64,
}

/// Reads the mark in this directory; `None` if there is none that the key has sealed.
pub(super) fn read(directory: &Path, key: &Key) -> anyhow::Result<Option<Said>> {
    let path = file_in(directory);
    let file = match private::open(OpenOptions::new().read(true), &path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read the store's mark in {}", path.display())),
    };
    let mut text = Vec::new();
    file.take(LEN_MAX).read_to_end(&mut text).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(std::str::from_utf8(&text).ok().and_then(|text| Said::of(text, key)))
}

impl Said {
    /// Its text, always of the same length, so that the next one can replace it.
    fn text(&self, key: &Key) -> String {
        let said = format!("{:016x} {:020}", self.number, self.revision);
        let seal = URL_SAFE_NO_PAD.encode(key.seal_mark(said.as_bytes()));
        format!("{said} {seal}\n")
    }

    fn of(text: &str, key: &Key) -> Option<Self> {
        let (said, seal) = text.trim_end().rsplit_once(' ')?;
        let seal: [u8; SEAL_LEN] = URL_SAFE_NO_PAD.decode(seal).ok()?.try_into().ok()?;
        let (number, revision) = said.split_once(' ')?;
        let said = Said { number: u64::from_str_radix(number, 16).ok()?, revision: revision.parse().ok()? };
        (seal == key.seal_mark(format!("{:016x} {:020}", said.number, said.revision).as_bytes())).then_some(said)
    }
}

/// Puts a new mark into a directory, in place of the present one.
pub(super) fn put(directory: &Path, key: &Key, said: Said) -> anyhow::Result<()> {
    let path = file_in(directory);
    let failed = || format!("cannot write the store's mark to {}", path.display());
    let mut part =
        tempfile::Builder::new().prefix("board.").suffix(".part").tempfile_in(directory).with_context(failed)?;
    part.write_all(said.text(key).as_bytes()).with_context(failed)?;
    part.as_file().sync_all().with_context(failed)?;
    part.persist(&path).map_err(|error| error.error).with_context(failed)?;
    private::sync(directory);
    Ok(())
}

/// The mark of an open store.
#[derive(Debug)]
pub(super) struct Mark {
    key: Key,
    number: u64,
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    file: File,
    synced: Instant,
    is_synced: bool,
}

impl Mark {
    /// Opens the mark in this directory, for the store with this number, which is open from here on.
    pub(super) fn open(directory: &Path, key: &Key, number: u64) -> anyhow::Result<Self> {
        let path = file_in(directory);
        let file = private::open(OpenOptions::new().write(true), &path)
            .with_context(|| format!("cannot write the store's mark to {}", path.display()))?;
        let written = Mutex::new(Written { file, synced: Instant::now(), is_synced: true });
        Ok(Mark { key: key.clone(), number, written })
    }

    /// Notes that everything up to this revision is on disk, and may be announced. Where there is no room for it the mark
    /// stays behind, and says nothing wrong.
    pub(super) fn raise(&self, revision: u64) -> Result<()> {
        let text = Said { number: self.number, revision }.text(&self.key);
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let put = written.file.seek(SeekFrom::Start(0)).and_then(|_| written.file.write_all(text.as_bytes()));
        match put {
            Err(error) if is_full(&error) => return Ok(()),
            other => {
                other.map_err(|error| Error::new(error.kind(), format!("cannot write the store's mark: {error}")))?
            }
        }
        written.is_synced = false;
        written.sync_if_older_than(SYNC_TIME)
    }

    /// Syncs it if it is time for that.
    pub(super) fn sync_in_time(&self) -> Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.sync_if_older_than(SYNC_TIME)
    }

    /// Syncs it now.
    pub(super) fn sync(&self) -> Result<()> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).sync_if_older_than(Duration::ZERO)
    }
}

impl Written {
    fn sync_if_older_than(&mut self, time: Duration) -> Result<()> {
        if !self.is_synced && self.synced.elapsed() >= time {
            self.file.sync_data()?;
            (self.is_synced, self.synced) = (true, Instant::now());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key::new([byte; Key::LEN])
    }

    #[test]
    fn a_mark_says_what_was_raised_last_and_nothing_to_who_has_another_key() {
        let home = tempfile::tempdir().expect("a directory");
        assert_eq!(read(home.path(), &key(1)).expect("read"), None);
        let said = |revision| Said { number: u64::MAX, revision };
        put(home.path(), &key(1), said(3)).expect("written");
        let mark = Mark::open(home.path(), &key(1), u64::MAX).expect("opened");
        assert_eq!(read(home.path(), &key(1)).expect("read"), Some(said(3)));
        for revision in [4, 1 << 52] {
            mark.raise(revision).expect("written");
            assert_eq!(read(home.path(), &key(1)).expect("read"), Some(said(revision)));
        }
        mark.sync().expect("synced");
        assert_eq!(read(home.path(), &key(2)).expect("read"), None);
        let whole = std::fs::read(file_in(home.path())).expect("read");
        for at in 0..whole.len() - 1 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(file_in(home.path()), &bytes).expect("written");
            let read = read(home.path(), &key(1)).expect("read");
            assert!(read.is_none_or(|read| read == said(1 << 52)), "byte {at}: {read:?}");
        }
    }
}
