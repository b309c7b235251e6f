//! A ring's file in this process's memory, and what this process holds of it.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    path::Path,
    process,
    ptr::NonNull,
    sync::atomic::{
        AtomicU64,
        Ordering::{AcqRel, Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{Incident, Lease};

use crate::{
    Noted,
    header::{PROCESSES, Properties, READERS, RING_AT},
    lock, log,
    memory::Memory,
};

/// The byte of the file that all processes have locked, shared, that have the ring open to take part.
pub(crate) const OPEN_AT: i64 = READERS as i64 + 1;
/// The byte behind all leases, which a process has locked that gives or takes the names of a pool set, in the file of its XS pool.
pub(crate) const NAMES_AT: i64 = PROCESSES as i64 + 1;
/// The byte behind that, which a process has locked whose static ring is in the file, for as long as it lives.
const OWNER_AT: i64 = NAMES_AT + 1;
/// How long it is from one look at the others to the next.
const LOOK: Duration = Duration::from_millis(1);

/// How long a process that opens or removes the ring may keep others out: it takes some system calls, and a look at each slot.
pub(crate) const KEPT_OUT: Duration = Duration::from_secs(5);

/// A mapped file. A lease is a lock of one byte of it: that of a reader's entry at the entry's index, the publisher's behind them,
/// behind that the one that all share that take part, and at last those of readers that are not in the table.
#[derive(Debug)]
pub(crate) struct Mapping {
    memory: Memory,
    file: File,
    properties: Properties,
    is_writable: bool,
    /// The process that opened the file: a fork has the same description, and would have the same locks.
    process: u32,
    /// A bit for each reader's lease that this mapping holds.
    readers: AtomicU64,
    /// Whether it holds the publisher's.
    publisher: AtomicU64,
    /// A bit for each place of a reader that is not in the table.
    unlisted: AtomicU64,
    opened: Instant,
    /// When somebody last looked at the others, in nanoseconds from there on.
    looked: AtomicU64,
}

impl Mapping {
    /// Maps all of `file`, which is as long as its properties say.
    pub(crate) fn new(file: File, properties: Properties, is_writable: bool) -> io::Result<Self> {
        let memory = Memory::map(&file, properties.bytes, is_writable)?;
        Ok(Self::with(memory, file, properties, is_writable))
    }

    /// The header's page of `file`, whose ring is elsewhere in this process.
    pub(crate) fn of_header(file: File, properties: Properties) -> io::Result<Self> {
        let memory = Memory::map(&file, RING_AT as u64, true)?;
        Ok(Self::with(memory, file, properties, true))
    }

    /// Has this process take part alone with all that can be held, for as long as the mapping lives: the entries of its readers and the place of its publisher
    /// are its own, and nobody takes them for dead.
    pub(crate) fn own(&self) -> io::Result<()> {
        lock::lock(&self.file, OWNER_AT)?;
        self.let_in()?;
        let all = (0..READERS).map(Lease::Reader).chain([Lease::Publisher]);
        if all.into_iter().all(|lease| self.hold(lease)) {
            return Ok(());
        }
        Err(io::Error::other("somebody has a lock of a new file: try again"))
    }

    /// Whether the process whose static is in `file` lives.
    pub(crate) fn is_owned(file: &File) -> io::Result<bool> {
        lock::is_locked_elsewhere(file, OWNER_AT)
    }

    /// A copy of the books in `file`, which is in `memory`. What leases are held is asked of the file.
    pub(crate) fn copied(memory: Memory, file: File, properties: Properties) -> Self {
        Self::with(memory, file, properties, false)
    }

    fn with(memory: Memory, file: File, properties: Properties, is_writable: bool) -> Self {
        Mapping {
            memory,
            file,
            properties,
            is_writable,
            process: process::id(),
            readers: AtomicU64::new(0),
            publisher: AtomicU64::new(0),
            unlisted: AtomicU64::new(0),
            opened: Instant::now(),
            looked: AtomicU64::new(0),
        }
    }

    /// Where the ring, or the cells, begin: at a page.
    pub(crate) fn ring(&self) -> NonNull<u8> {
        self.memory.ring()
    }

    /// Shows that this process takes part. Returns whether nobody else does: then others are kept out, until they are [let in](Self::let_in).
    pub(crate) fn enter(&self) -> io::Result<bool> {
        let begun = Instant::now();
        loop {
            if lock::try_lock(&self.file, OPEN_AT)? {
                return Ok(true);
            }
            if lock::try_lock_with_others(&self.file, OPEN_AT)? {
                return Ok(false);
            }
            // Somebody else is alone with it for a moment, or was and has gone meanwhile.
            if begun.elapsed() > KEPT_OUT {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "a process that opens or removes the ring keeps others out, and was stopped in that: let it go on, or end it",
                ));
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Takes part like others, which were kept out until now.
    pub(crate) fn let_in(&self) -> io::Result<()> {
        lock::try_lock_with_others(&self.file, OPEN_AT).map(drop)
    }

    /// Notes what this process met.
    pub(crate) fn note(&self, incident: Incident) {
        if self.is_writable {
            log::note(self.memory.log(), incident);
        }
    }

    /// What was noted, by any process.
    pub(crate) fn noted(&self) -> Vec<Noted> {
        log::noted(self.memory.log())
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn properties(&self) -> &Properties {
        &self.properties
    }

    /// Whether `path` is a name of the file.
    pub(crate) fn is_at(&self, path: &Path) -> bool {
        let (Ok(found), Ok(ours)) = (fs::symlink_metadata(path), self.file.metadata()) else { return false };
        (found.dev(), found.ino()) == (ours.dev(), ours.ino())
    }

    /// Tries to take `lease`.
    ///
    /// First from the other threads of this process, for the kernel does not tell them apart, then from the other processes.
    pub(crate) fn hold(&self, lease: Lease) -> bool {
        if !self.is_writable || !self.is_of_this_process() || !is_there(lease) {
            return false;
        }
        let (held, bit) = self.held(lease);
        if held.fetch_or(bit, AcqRel) & bit != 0 {
            return false;
        }
        if lock::lock(&self.file, byte(lease)).is_err() {
            held.fetch_and(!bit, AcqRel);
            return false;
        }
        self.memory.processes()[index(lease)].store(self.process, Relaxed);
        true
    }

    /// Gives `lease` back, which is held.
    pub(crate) fn give_back(&self, lease: Lease) {
        if !self.is_of_this_process() {
            return;
        }
        self.memory.processes()[index(lease)].store(0, Relaxed);
        // It fails for no lock that is held; and if it did, the lease would be free once this process has ended.
        let _ = lock::unlock(&self.file, byte(lease));
        let (held, bit) = self.held(lease);
        held.fetch_and(!bit, AcqRel);
    }

    /// The process that holds `lease`, as it called itself; none, if nobody holds it.
    pub(crate) fn holder(&self, lease: Lease) -> Option<u32> {
        if !is_there(lease) {
            return None;
        }
        let (held, bit) = self.held(lease);
        let is_held =
            held.load(Relaxed) & bit != 0 || lock::is_locked_elsewhere(&self.file, byte(lease)).unwrap_or(false);
        is_held.then(|| self.memory.processes()[index(lease)].load(Relaxed))
    }

    /// Whether somebody else has the file open to take part, be it another mapping of this process.
    pub(crate) fn is_open_elsewhere(&self) -> io::Result<bool> {
        lock::is_locked_elsewhere(&self.file, OPEN_AT)
    }

    pub(crate) fn is_time_to_look(&self) -> bool {
        let now = self.opened.elapsed().as_nanos() as u64;
        let looked = self.looked.load(Relaxed);
        let is_time = now.saturating_sub(looked) >= LOOK.as_nanos() as u64;
        is_time && self.looked.compare_exchange(looked, now, Relaxed, Relaxed).is_ok()
    }

    fn is_of_this_process(&self) -> bool {
        process::id() == self.process
    }

    /// The word, and its bit, that say whether this mapping holds `lease`.
    fn held(&self, lease: Lease) -> (&AtomicU64, u64) {
        match lease {
            Lease::Reader(entry) => (&self.readers, 1 << entry),
            Lease::Publisher => (&self.publisher, 1),
            Lease::Unlisted(place) => (&self.unlisted, 1 << place),
        }
    }
}

/// Whether there is such a lease: the table has only so many entries.
fn is_there(lease: Lease) -> bool {
    !matches!(lease, Lease::Reader(READERS..) | Lease::Unlisted(READERS..))
}

fn index(lease: Lease) -> usize {
    match lease {
        Lease::Reader(entry) => entry,
        Lease::Publisher => READERS,
        Lease::Unlisted(place) => READERS + 1 + place,
    }
}

/// The byte of the file whose lock a lease is. That of [`OPEN_AT`] lies between them.
fn byte(lease: Lease) -> i64 {
    match index(lease) as i64 {
        before if before < OPEN_AT => before,
        index => index + 1,
    }
}
