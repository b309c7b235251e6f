//! Named positions: how far a reader came, kept in the journal's directory.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rusted_ring::Sequence;

use crate::{
    PositionError,
    directory::{Lock, sync_directory},
    shared::Shared,
    step::{Step, reach},
};

const MAGIC: [u8; 8] = *b"rrposit1";
const BYTES: usize = 24;

/// How far a reader came, under a name: made by [`Journal::position`](crate::Journal::position) and [`Recording::position`](crate::Recording::position).
///
/// It says what the reader [confirmed](Self::confirm), and nothing else moves it. It holds no publisher, and keeps no segment from being removed. The
/// journal's directory is in use until it is dropped.
#[derive(Debug)]
pub struct Position {
    shared: Arc<Shared>,
    _lock: Arc<Lock>,
    name: String,
    path: PathBuf,
    is_synced: bool,
    confirmed: Option<Confirmed>,
}

/// What a reader confirmed: everything of the epoch below the sequence, and all of the epochs before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Confirmed {
    /// The epoch.
    pub epoch: u32,
    /// The next sequence that the reader wants.
    pub next: Sequence,
}

impl Position {
    pub(crate) fn open(
        shared: Arc<Shared>,
        lock: Arc<Lock>,
        directory: &Path,
        name: &str,
        is_synced: bool,
    ) -> Result<Self, PositionError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=64).contains(&name.len()) || !name.bytes().all(is_plain) {
            return Err(PositionError::Name(name.to_owned()));
        }
        if !shared.lock().positions.insert(name.to_owned()) {
            return Err(PositionError::InUse(name.to_owned()));
        }
        let path = directory.join(format!("{name}.position"));
        // From here on its drop gives the name back.
        let mut position = Position { shared, _lock: lock, name: name.to_owned(), path, is_synced, confirmed: None };
        position.confirmed = match fs::read(&position.path) {
            Ok(bytes) => Some(read(&bytes).ok_or_else(|| PositionError::Damaged(position.path.clone()))?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(cause) => return Err(PositionError::Io { path: position.path.clone(), cause }),
        };
        Ok(position)
    }

    /// Returns what was confirmed last, in this process or an earlier one; none, if nothing ever was.
    pub fn confirmed(&self) -> Option<Confirmed> {
        self.confirmed
    }

    /// Confirms that everything of `epoch` below `next` is dealt with. When it returns, this outlasts the end of the process; and that of the machine,
    /// unless the journal's policy is [`SyncPolicy::Never`](crate::SyncPolicy::Never). A process that ends in between leaves what was confirmed before, or this.
    ///
    /// Writes a small file, and syncs it: confirm after a batch rather than after an event.
    ///
    /// # Errors
    ///
    /// - [`PositionError::Back`], if more was confirmed before.
    /// - [`PositionError::Io`]: what was confirmed before stays.
    pub fn confirm(&mut self, epoch: u32, next: Sequence) -> Result<(), PositionError> {
        let confirmed = Confirmed { epoch, next };
        if let Some(last) = self.confirmed.filter(|last| *last > confirmed) {
            return Err(PositionError::Back { last, asked: confirmed });
        }
        self.write(confirmed).map_err(|cause| PositionError::Io { path: self.path.clone(), cause })?;
        self.confirmed = Some(confirmed);
        Ok(())
    }

    /// Writes another file, and puts it in this one's place.
    fn write(&self, confirmed: Confirmed) -> io::Result<()> {
        let new = self.path.with_extension("position-new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(&bytes_of(confirmed))?;
        reach(Step::PositionWritten)?;
        if self.is_synced {
            file.sync_data()?;
        }
        reach(Step::PositionSynced)?;
        fs::rename(&new, &self.path)?;
        reach(Step::PositionRenamed)?;
        if self.is_synced {
            sync_directory(self.path.parent().unwrap_or(Path::new(".")))?;
        }
        Ok(())
    }
}

impl Drop for Position {
    fn drop(&mut self) {
        self.shared.lock().positions.remove(&self.name);
    }
}

/// The newest epoch in which a position of this directory is, if there is one. Positions that are damaged say nothing, also to their readers.
pub(crate) fn newest_epoch(directory: &Path) -> io::Result<Option<u32>> {
    let mut newest = None;
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "position") {
            newest = newest.max(read(&fs::read(&path)?).map(|confirmed| confirmed.epoch));
        }
    }
    Ok(newest)
}

fn bytes_of(confirmed: Confirmed) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..12].copy_from_slice(&confirmed.epoch.to_le_bytes());
    bytes[12..20].copy_from_slice(&confirmed.next.get().to_le_bytes());
    let crc = crc32c::crc32c(&bytes[..20]);
    bytes[20..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// What is confirmed in a file, if it is whole.
fn read(bytes: &[u8]) -> Option<Confirmed> {
    let bytes: [u8; BYTES] = bytes.try_into().ok()?;
    let epoch = u32::from_le_bytes(bytes[8..12].try_into().ok()?);
    let next = u64::from_le_bytes(bytes[12..20].try_into().ok()?);
    let confirmed = Confirmed { epoch, next: Sequence::new(next) };
    (bytes == bytes_of(confirmed)).then_some(confirmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_torn_or_flipped_byte_passes() {
        let confirmed = Confirmed { epoch: 7, next: Sequence::new(1 << 40) };
        let bytes = bytes_of(confirmed);
        assert_eq!(read(&bytes), Some(confirmed));
        for bit in 0..8 * BYTES {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&flipped), None, "bit {bit}");
        }
        assert!((0..BYTES).all(|len| read(&bytes[..len]).is_none()));
    }
}
