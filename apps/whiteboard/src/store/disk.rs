//! The store's file, whose writes wait while the disk has no room.
//!
//! The database takes a failing write for the end: it loses whatever it holds in memory. So it is not told of a full disk.
//! The write waits here instead, everyone hears why, and it continues by itself when there is room.

use std::fmt;
use std::io::{Error, ErrorKind, Result};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use redb::StorageBackend;
use redb::backends::FileBackend;

/// How often a write is retried.
const AGAIN: Duration = Duration::from_millis(250);
/// How often the waiting thread gets time for something else.
const TURN: Duration = Duration::from_millis(5);

/// What happens while a write waits for room.
pub(crate) trait Waiting: Send + Sync {
    /// There is no room; called once until there is.
    fn began(&self, why: &Error);
    /// The waiting thread may do something else.
    fn meanwhile(&self);
    /// Everything that waited is on disk.
    fn ended(&self);
}

/// Decides whether writes wait. They fail until somebody says that they should.
#[derive(Default)]
pub(super) struct Disk {
    waiting: OnceLock<Box<dyn Waiting>>,
    full: AtomicBool,
    given_up: AtomicBool,
    /// The file's length.
    len: AtomicU64,
}

impl Disk {
    /// The file's length.
    pub(super) fn len(&self) -> u64 {
        self.len.load(Ordering::Relaxed)
    }

    /// From now on writes wait, and `waiting` is told.
    pub(super) fn wait_with(&self, waiting: Box<dyn Waiting>) {
        // The first one stays.
        let _ = self.waiting.set(waiting);
    }

    /// Makes waiting writes fail, and none waits any more.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    /// Repeats this until there was room for it.
    fn until_there_is_room(&self, mut write: impl FnMut() -> Result<()>) -> Result<()> {
        loop {
            let error = match write() {
                Err(error) if is_full(&error) => error,
                other => return other,
            };
            let again = Instant::now() + AGAIN;
            while Instant::now() < again {
                if !self.begin_to_wait(&error) {
                    return Err(error);
                }
                sleep(TURN);
                self.waiting.get().inspect(|waiting| waiting.meanwhile());
            }
        }
    }

    /// Reports it if this is the first write that finds no room; returns whether to wait.
    fn begin_to_wait(&self, error: &Error) -> bool {
        let Some(waiting) = self.waiting.get() else { return false };
        if !self.full.swap(true, Ordering::Relaxed) {
            waiting.began(error);
        }
        !self.given_up.load(Ordering::Relaxed)
    }

    /// Notes that what was written is on disk.
    fn synced(&self) {
        if self.full.swap(false, Ordering::Relaxed)
            && let Some(waiting) = self.waiting.get()
        {
            waiting.ended();
        }
    }
}

/// Whether the error means that there is no room now, but may be later.
pub(super) fn is_full(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").field("full", &self.full).finish_non_exhaustive()
    }
}

/// A file whose writes wait.
///
/// Only writes wait. The database lengthens its file while it holds what its readers need, too; a file that cannot become
/// longer now does so before the next write.
/// longer now does so before the next write.
#[derive(Debug)]
pub(super) struct Patient {
    file: FileBackend,
    disk: Arc<Disk>,
    /// The length that the file must get before anything else is written; 0 if it has it.
    owed: AtomicU64,
}

impl Patient {
    /// The file; `disk` decides whether its writes wait.
    pub(super) fn new(file: FileBackend, disk: Arc<Disk>) -> Result<Self> {
        disk.len.store(file.len()?, Ordering::Relaxed);
        Ok(Patient { file, disk, owed: AtomicU64::new(0) })
    }

    /// Makes the file as long as the database believes it is, on disk too: what is written next may say so.
    fn pay(&self) -> Result<()> {
        let owed = self.owed.load(Ordering::Relaxed);
        if owed > 0 {
            self.disk.until_there_is_room(|| self.file.set_len(owed))?;
            self.file.sync_data()?;
            self.owed.store(0, Ordering::Relaxed);
        }
        Ok(())
    }
}

type Bound = std::ops::Bound<u64>;
type Locked<T> = std::result::Result<T, redb::BackendError>;

impl StorageBackend for Patient {
    fn len(&self) -> Result<u64> {
        Ok(self.file.len()?.max(self.owed.load(Ordering::Relaxed)))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        // The missing part of the file is zeros.
        let there = match self.owed.load(Ordering::Relaxed) {
            0 => out.len(),
            _ => usize::try_from(self.file.len()?.saturating_sub(offset)).map_or(out.len(), |len| len.min(out.len())),
        };
        let (there, owed) = out.split_at_mut(there);
        owed.fill(0);
        self.file.read(offset, there)
    }

    fn set_len(&self, len: u64) -> Result<()> {
        let owed = match self.file.set_len(len) {
            Err(error) if is_full(&error) && self.disk.begin_to_wait(&error) => len,
            other => {
                other?;
                0
            }
        };
        self.owed.store(owed, Ordering::Relaxed);
        self.disk.len.store(len, Ordering::Relaxed);
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        // Tried once: a second flush does not write what a failed one has dropped.
        self.file.sync_data()?;
        if self.owed.load(Ordering::Relaxed) == 0 {
            self.disk.synced();
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        self.pay()?;
        self.disk.until_there_is_room(|| self.file.write(offset, data))
    }

    fn close(&self) -> Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound, end: Bound) -> Locked<bool> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound, end: Bound) -> Locked<bool> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound, end: Bound) -> Locked<()> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound, end: Bound) -> Locked<()> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound, end: Bound) -> Locked<()> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound, end: Bound) -> Locked<bool> {
        self.file.query_lock_range(start, end)
    }
}
