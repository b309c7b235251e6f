//! Memory that the kernel gives a ring by itself, so that it can be asked for something special.

#[cfg(all(feature = "std", target_os = "linux", not(any(loom, shuttle))))]
pub(in crate::ring) use linux::{GRAIN, Region};

/// No region: where this is not Linux, rings lie on the heap.
#[cfg(not(all(feature = "std", target_os = "linux", not(any(loom, shuttle)))))]
pub(in crate::ring) enum Region {}

#[cfg(all(feature = "std", target_os = "linux", not(any(loom, shuttle))))]
mod linux {
    use core::{
        ffi::{c_long, c_ulong},
        ptr::{NonNull, null_mut},
    };
    use std::{fs::File, io};

    use rustix::{
        io::Errno,
        mm::{Advice, MapFlags, MprotectFlags, ProtFlags, madvise, mlock, mmap, mmap_anonymous, mprotect, munmap},
    };

    /// The least page that a kernel has.
    const PAGE: usize = 4096;
    /// A multiple of every kernel's page.
    pub(in crate::ring) const GRAIN: usize = 64 << 10;
    /// Nodes that fit a mask; the kernel has no more.
    const NODES: usize = 1024;

    /// Pages of one ring, zeroed, private to this process.
    pub(in crate::ring) struct Region {
        /// # Invariant: a mapping of `mapped` bytes that is this value's alone; in it, from `base` on, `len` bytes that can be read and written.
        whole: NonNull<u8>,
        mapped: usize,
        base: NonNull<u8>,
        len: usize,
    }

    // SAFETY: a region is an address; what is done with its bytes is its users' business, and the calls are the kernel's.
    unsafe impl Send for Region {}
    // SAFETY: as above.
    unsafe impl Sync for Region {}

    impl Region {
        /// `len` bytes at least, at a multiple of `alignment`, a power of two of at least [`GRAIN`]. Around them lies what nobody can
        /// touch, so that the kernel shows them by themselves.
        pub(in crate::ring) fn new(len: usize, alignment: usize) -> io::Result<Self> {
            let none = || io::Error::from(io::ErrorKind::OutOfMemory);
            let len = len.checked_next_multiple_of(GRAIN).ok_or_else(none)?;
            let mapped = alignment.checked_mul(2).and_then(|around| around.checked_add(len)).ok_or_else(none)?;
            // SAFETY: a new mapping where the kernel has room.
            let whole = unsafe { mmap_anonymous(null_mut(), mapped, ProtFlags::empty(), MapFlags::PRIVATE) }?;
            let whole = NonNull::new(whole.cast::<u8>()).expect("the kernel maps nothing at null");
            let before = (whole.addr().get() + 1).next_multiple_of(alignment) - whole.addr().get();
            // SAFETY: `before` is at most the alignment, so `len` bytes more are in bounds of the mapping.
            let base = unsafe { whole.add(before) };
            let region = Region { whole, mapped, base, len };
            // SAFETY: in bounds of a mapping that nobody has yet.
            unsafe { mprotect(base.as_ptr().cast(), len, MprotectFlags::READ | MprotectFlags::WRITE) }?;
            Ok(region)
        }

        /// `len` bytes of `file`, which is on a hugetlbfs, or the kernel refuses it. They are a multiple of its pages.
        pub(in crate::ring) fn of_huge_pages(file: &File, len: usize) -> io::Result<Self> {
            let (rights, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE | MapFlags::HUGETLB);
            // SAFETY: a new mapping where the kernel has room.
            let whole = unsafe { mmap(null_mut(), len, rights, flags, file, 0) }?;
            let whole = NonNull::new(whole.cast::<u8>()).expect("the kernel maps nothing at null");
            Ok(Region { whole, mapped: len, base: whole, len })
        }

        pub(in crate::ring) fn base(&self) -> NonNull<u8> {
            self.base
        }

        pub(in crate::ring) fn len(&self) -> usize {
            self.len
        }

        /// Asks for transparent huge pages.
        pub(in crate::ring) fn advise_huge(&self) -> io::Result<()> {
            // SAFETY: the field's invariant; the advice changes no byte.
            Ok(unsafe { madvise(self.base.as_ptr().cast(), self.len, Advice::LinuxHugepage) }?)
        }

        /// Asks for memory of `node`, as long as there is some. For pages that were not touched yet.
        pub(in crate::ring) fn prefer(&self, node: usize) -> io::Result<()> {
            const PREFERRED: c_long = 1;
            let mut mask = [0 as c_ulong; NODES / c_ulong::BITS as usize];
            let bits = c_ulong::BITS as usize;
            let word = mask.get_mut(node / bits).ok_or(io::ErrorKind::InvalidInput)?;
            *word |= 1 << (node % bits);
            let number = MBIND.ok_or(io::ErrorKind::Unsupported)?;
            // The kernel takes one bit less than it is told.
            let (address, nodes) = (self.base.as_ptr(), NODES as c_ulong + 1);
            // SAFETY: the mask is as long as said, and a policy changes no byte of a range of this region.
            let failed =
                unsafe { syscall(number, address, self.len as c_ulong, PREFERRED, mask.as_ptr(), nodes, 0 as c_ulong) };
            if failed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
        }

        /// Takes all pages now, by this thread.
        ///
        /// # Errors
        ///
        /// If the kernel has no page, or this process may have no more, and it can say so. Where it cannot, the process is ended, as anywhere.
        pub(in crate::ring) fn touch(&mut self) -> io::Result<()> {
            loop {
                // SAFETY: the field's invariant; pages come to be, with what they would have.
                match unsafe { madvise(self.base.as_ptr().cast(), self.len, Advice::LinuxPopulateWrite) } {
                    Err(Errno::INTR) => {}
                    // A kernel before 5.14.
                    Err(Errno::INVAL) => break,
                    outcome => return Ok(outcome?),
                }
            }
            for offset in (0..self.len).step_by(PAGE) {
                // SAFETY: in bounds of the region.
                let page = unsafe { self.base.add(offset) };
                // SAFETY: borrowed mutably, so nobody has a byte of it, and each is zero.
                unsafe { page.write_volatile(0) };
            }
            Ok(())
        }

        /// Has no page of it ever swapped out.
        pub(in crate::ring) fn lock(&self) -> io::Result<()> {
            // SAFETY: the field's invariant; no byte changes.
            Ok(unsafe { mlock(self.base.as_ptr().cast(), self.len) }?)
        }
    }

    impl Drop for Region {
        fn drop(&mut self) {
            // SAFETY: the field's invariant; it is unmapped once, here. A lock ends with it.
            let _ = unsafe { munmap(self.whole.as_ptr().cast(), self.mapped) };
        }
    }

    /// The number of the system call `mbind`, of which there is no binding, where it is known.
    const MBIND: Option<c_long> = match () {
        () if cfg!(all(target_arch = "x86_64", target_pointer_width = "64")) => Some(237),
        () if cfg!(any(target_arch = "aarch64", target_arch = "riscv64", target_arch = "loongarch64")) => Some(235),
        () => None,
    };

    unsafe extern "C" {
        /// The C library's door to the kernel.
        fn syscall(number: c_long, ...) -> c_long;
    }
}
