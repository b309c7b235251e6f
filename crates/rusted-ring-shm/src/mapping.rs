//! A ring's file in this process's memory, and what this process holds of it.

use std::{
    fs::File,
    io, process,
    ptr::{self, NonNull},
    slice,
    sync::atomic::{
        AtomicU32, AtomicU64,
        Ordering::{AcqRel, Relaxed},
    },
    time::{Duration, Instant},
};

use rusted_ring::Lease;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

use crate::{
    header::{self, Properties},
    lock,
};

/// Entries of a ring's table of readers.
const READERS: usize = 64;
/// Where in the file the numbers of the processes are that hold leases; for display alone.
const PROCESSES_AT: usize = 1024;
const _: () = assert!(PROCESSES_AT >= header::LEN && PROCESSES_AT + (READERS + 1) * 4 <= header::RING_AT);
/// The byte of the file that everybody has locked, with the others, who has it open to take part.
const OPEN_AT: i64 = READERS as i64 + 1;
/// How long it is from one look at the others to the next.
const LOOK: Duration = Duration::from_millis(1);

/// A mapped file. A lease is a lock of one byte of it: that of a reader's entry at the entry's index, the publisher's behind them, and
/// behind that the one that is shared by all who take part.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// # Invariant: of `len` mapped bytes, which are unmapped by the drop alone; at least those of the header's page.
    base: NonNull<u8>,
    len: usize,
    file: File,
    properties: Properties,
    is_writable: bool,
    /// The process that opened the file: a fork has the same description, and would have the same locks.
    process: u32,
    /// A bit for each reader's lease that this mapping holds.
    readers: AtomicU64,
    /// Whether it holds the publisher's.
    publisher: AtomicU64,
    opened: Instant,
    /// When somebody last looked at the others, in nanoseconds from there on.
    looked: AtomicU64,
}

// SAFETY: the mapping is not any thread's, and what is done with it here is done by atomics and system calls.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps all of `file`, which is as long as its properties say.
    pub(crate) fn new(file: File, properties: Properties, is_writable: bool) -> io::Result<Self> {
        let len = usize::try_from(properties.bytes).map_err(|_| io::ErrorKind::OutOfMemory)?;
        assert!(len >= header::RING_AT, "a ring's file has a page of its own for its header");
        let access = if is_writable { ProtFlags::READ | ProtFlags::WRITE } else { ProtFlags::READ };
        // SAFETY: a new mapping, wherever the kernel finds room for it.
        let base = unsafe { mmap(ptr::null_mut(), len, access, MapFlags::SHARED, &file, 0) }?;
        let base = NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        let mapping = Mapping {
            base,
            len,
            file,
            properties,
            is_writable,
            process: process::id(),
            readers: AtomicU64::new(0),
            publisher: AtomicU64::new(0),
            opened: Instant::now(),
            looked: AtomicU64::new(0),
        };
        if is_writable {
            lock::lock_with_others(&mapping.file, OPEN_AT)?;
        }
        Ok(mapping)
    }

    /// Where the ring begins: at a page.
    pub(crate) fn ring(&self) -> NonNull<u8> {
        // SAFETY: in bounds, by the field's invariant.
        unsafe { self.base.add(header::RING_AT) }
    }

    pub(crate) fn properties(&self) -> &Properties {
        &self.properties
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
        self.processes()[index(lease)].store(self.process, Relaxed);
        true
    }

    /// Gives `lease` back, which is held.
    pub(crate) fn give_back(&self, lease: Lease) {
        if !self.is_of_this_process() {
            return;
        }
        self.processes()[index(lease)].store(0, Relaxed);
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
        is_held.then(|| self.processes()[index(lease)].load(Relaxed))
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
        }
    }

    fn processes(&self) -> &[AtomicU32] {
        // SAFETY: in bounds of the header's page, by the field's invariant.
        let processes = unsafe { self.base.add(PROCESSES_AT) }.cast::<AtomicU32>();
        // SAFETY: as above, and aligned; all processes touch these words as atomics, and this one stores only where it may.
        unsafe { slice::from_raw_parts(processes.as_ptr(), READERS + 1) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the field's invariant: mapped, and here for the last time. It fails for no mapping that there is.
        let _ = unsafe { munmap(self.base.as_ptr().cast(), self.len) };
    }
}

/// Whether there is such a lease: the table has only so many entries.
fn is_there(lease: Lease) -> bool {
    !matches!(lease, Lease::Reader(READERS..))
}

fn index(lease: Lease) -> usize {
    match lease {
        Lease::Reader(entry) => entry,
        Lease::Publisher => READERS,
    }
}

fn byte(lease: Lease) -> i64 {
    index(lease) as i64
}
