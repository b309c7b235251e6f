//! Memory in which a ring lies: its file, mapped, or a copy of its books.

use std::{
    fs::File,
    io, process,
    ptr::{self, NonNull},
    slice,
    sync::atomic::{AtomicU32, AtomicU64},
};

use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

use crate::{
    header::{LOG_AT, PROCESSES, PROCESSES_AT, RING_AT},
    log,
};

/// Pages of this process.
#[derive(Debug)]
pub(crate) struct Memory {
    /// # Invariant: of `len` mapped bytes, which are unmapped by the drop alone; at least those of the header's page.
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: the pages are not any thread's, and what is done with them here is done by atomics.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// The first `len` bytes of `file`, mapped.
    pub(crate) fn map(file: &File, len: u64, is_writable: bool) -> io::Result<Self> {
        let access = if is_writable { ProtFlags::READ | ProtFlags::WRITE } else { ProtFlags::READ };
        let len = length(len)?;
        // SAFETY: a new mapping, wherever the kernel finds room for it.
        Self::at(unsafe { mmap(ptr::null_mut(), len, access, MapFlags::SHARED, file, 0) }?, len)
    }

    /// `len` bytes of this process's own, which are zero, and then what `fill` makes of them.
    pub(crate) fn copy(len: u64, fill: impl FnOnce(&mut [u8]) -> io::Result<()>) -> io::Result<Self> {
        let len = length(len)?;
        // SAFETY: a new mapping, wherever the kernel finds room for it.
        let base =
            unsafe { mmap_anonymous(ptr::null_mut(), len, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE) };
        let memory = Self::at(base?, len)?;
        // SAFETY: the field's invariant; the pages are zeros, and nobody else has them yet.
        fill(unsafe { slice::from_raw_parts_mut(memory.base.as_ptr(), len) })?;
        Ok(memory)
    }

    /// Exchanges the `len` bytes at `base`, which are zeros, for those of `file` from [`RING_AT`] on, which are zeros, too.
    ///
    /// # Safety
    ///
    /// `base` is at a page, and the pages of these bytes are writable memory of this process's own, in which there is nothing else; nobody touches them
    /// meanwhile; they stay for as long as the process lives, and it has no child that goes on to use them.
    pub(crate) unsafe fn exchange(base: NonNull<u8>, len: usize, file: &File) -> io::Result<()> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        let at = base.as_ptr().cast();
        // SAFETY: the caller's promise: there is nothing else, and what is there is the same before and after.
        match unsafe { mmap(at, len, access, MapFlags::SHARED | MapFlags::FIXED, file, RING_AT as u64) } {
            Ok(_) => Ok(()),
            Err(error) => {
                // The kernel may have taken the pages away by then.
                // SAFETY: as above.
                unsafe { Self::give_back(base, len) };
                Err(error.into())
            }
        }
    }

    /// Has zeros of this process's own again at `base`.
    ///
    /// # Safety
    ///
    /// Those of [`exchange`](Self::exchange).
    pub(crate) unsafe fn give_back(base: NonNull<u8>, len: usize) {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: the caller's promise.
        let own = unsafe { mmap_anonymous(base.as_ptr().cast(), len, access, MapFlags::PRIVATE | MapFlags::FIXED) };
        if own.is_err() {
            // The static would have no memory, and whoever used it would be ended by a signal later.
            process::abort();
        }
    }

    fn at(base: *mut core::ffi::c_void, len: usize) -> io::Result<Self> {
        Ok(Memory { base: NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?, len })
    }

    /// Where the ring begins: at a page.
    pub(crate) fn ring(&self) -> NonNull<u8> {
        // SAFETY: in bounds, by the field's invariant.
        unsafe { self.base.add(RING_AT) }
    }

    /// The numbers of the processes that hold leases.
    pub(crate) fn processes(&self) -> &[AtomicU32] {
        // SAFETY: in bounds of the header's page, by the field's invariant.
        let processes = unsafe { self.base.add(PROCESSES_AT) }.cast::<AtomicU32>();
        // SAFETY: as above, and aligned; all processes touch these words as atomics, and this one stores only where it may.
        unsafe { slice::from_raw_parts(processes.as_ptr(), PROCESSES) }
    }

    /// The words in which is noted what went wrong.
    pub(crate) fn log(&self) -> &[AtomicU64] {
        // SAFETY: in bounds of the header's page, by the field's invariant.
        let log = unsafe { self.base.add(LOG_AT) }.cast::<AtomicU64>();
        // SAFETY: as above, and aligned; all processes touch these words as atomics, and this one stores only where it may.
        unsafe { slice::from_raw_parts(log.as_ptr(), log::LEN) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: the field's invariant: mapped, and here for the last time. It fails for no mapping that there is.
        let _ = unsafe { munmap(self.base.as_ptr().cast(), self.len) };
    }
}

fn length(len: u64) -> io::Result<usize> {
    let len = usize::try_from(len).map_err(|_| io::ErrorKind::OutOfMemory)?;
    assert!(len >= RING_AT, "a ring's file has a page of its own for its header");
    Ok(len)
}
