//! The table of handles. A handle is a number in the guise of a pointer: an entry of the table, and which of all that were ever opened it is. So a
//! handle that was closed, that never was one, or that is of another kind is known, and nothing of it is ever read.

use std::{
    cell::UnsafeCell,
    mem::{self, MaybeUninit},
    ptr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{
            AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
};

use crate::{
    caller::Caller,
    cells::{AnyCells, AnyCellsReader, AnyCellsWriter},
    exclusive::Exclusive,
    failure::Failure,
    journal::{Journal, Position},
    pools::AnyPools,
    rings::{AnyPublisher, AnyReader, AnyRing},
    types,
    waiting::WaitSet,
};

#[cfg(not(target_pointer_width = "64"))]
compile_error!(
    "rusted-ring-ffi keeps the number of a handle in a pointer of 64 bits: build for a target that has such pointers"
);

/// What a handle is of.
pub(crate) enum Object {
    Ring(Box<dyn AnyRing>),
    Pools(Box<dyn AnyPools>),
    Publisher(Box<dyn AnyPublisher>),
    Reader(Box<Exclusive<dyn AnyReader>>),
    WaitSet(Box<Exclusive<WaitSet>>),
    Cells(Box<dyn AnyCells>),
    CellsWriter(Box<Exclusive<dyn AnyCellsWriter>>),
    CellsReader(Box<Exclusive<dyn AnyCellsReader>>),
    Journal(Box<Journal>),
    Position(Box<Exclusive<Position>>),
}

impl Object {
    /// Whether a thread is using it, as far as that can be known.
    fn is_busy(&self) -> bool {
        match self {
            Object::Reader(reader) => reader.is_busy(),
            Object::WaitSet(set) => set.is_busy(),
            Object::CellsWriter(writer) => writer.is_busy(),
            Object::CellsReader(reader) => reader.is_busy(),
            Object::Position(position) => position.is_busy(),
            Object::Publisher(publisher) => publisher.is_busy(),
            Object::Ring(_) | Object::Pools(_) | Object::Cells(_) | Object::Journal(_) => false,
        }
    }
}

/// The entries that there are. The table is all zeros until it is used, and costs memory by the page from then on.
const LEN: usize = 1 << INDEX_BITS;
const INDEX_BITS: u32 = 16;

struct Entry {
    /// The handle that this entry is open under; 0, if it is free.
    handle: AtomicU64,
    /// # Invariant: initialised, and not changed, while `handle` is not 0.
    object: UnsafeCell<MaybeUninit<Object>>,
}

impl Entry {
    /// Where its object is.
    #[inline(always)]
    fn place(&self) -> *mut Object {
        self.object.get().cast()
    }
}

// Which `Sync for Entry` relies on.
const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Object>();
};

// SAFETY: objects are `Send` and `Sync`, as was just asked; an entry's object is written by who has reserved it, and taken out by who has the table's lock, while its handle is 0.
unsafe impl Sync for Entry {}

static TABLE: [Entry; LEN] =
    [const { Entry { handle: AtomicU64::new(0), object: UnsafeCell::new(MaybeUninit::zeroed()) } }; LEN];

/// Which entries are free.
struct Free {
    /// Those that were used before.
    returned: Vec<u16>,
    /// Those from here on never were.
    untouched: usize,
    /// How many were ever opened.
    opened: u64,
}

static FREE: Mutex<Free> = Mutex::new(Free { returned: Vec::new(), untouched: 0, opened: 0 });

fn free() -> MutexGuard<'static, Free> {
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An entry of the table that will be opened, or is given back. It is had before what goes into it is made: to join a ring, or to create a file, is not undone by
/// dropping what that gave.
pub(crate) struct Reserved {
    index: usize,
    handle: u64,
}

impl Reserved {
    pub(crate) fn new() -> Result<Self, Failure> {
        let mut free = free();
        let index = match free.returned.pop() {
            Some(index) => usize::from(index),
            None if free.untouched < LEN => {
                free.untouched += 1;
                free.untouched - 1
            }
            None => return Err(Failure::TooManyHandles),
        };
        free.opened += 1;
        Ok(Reserved { index, handle: free.opened << INDEX_BITS | index as u64 })
    }

    /// Opens a handle on `object`.
    pub(crate) fn open<T>(self, object: Object) -> *mut T {
        let entry = &TABLE[self.index];
        // SAFETY: the entry is free but for this, which has it alone.
        unsafe { entry.place().write(object) };
        entry.handle.store(self.handle, Release);
        let handle = self.handle;
        mem::forget(self);
        ptr::without_provenance_mut(handle as usize)
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        free().returned.push(self.index as u16);
    }
}

/// Closes a handle, and drops what it is of; null is nothing to close. Of two that close the same one, one is told that it is closed.
fn close<T>(
    _promises: Caller,
    handle: *mut T,
    expected: &'static str,
    is_kind: fn(&Object) -> bool,
) -> Result<(), Failure> {
    if handle.is_null() {
        return Ok(());
    }
    let (number, index) = number_of(handle);
    let entry = &TABLE[index];
    let mut free = free();
    if entry.handle.load(Relaxed) != number {
        return Err(Failure::Handle(expected));
    }
    // SAFETY: the field's invariant; the lock keeps others from closing it.
    let object = unsafe { &*entry.place() };
    if !is_kind(object) {
        return Err(Failure::Handle(expected));
    }
    if object.is_busy() {
        return Err(Failure::Busy);
    }
    entry.handle.store(0, Relaxed);
    // SAFETY: initialised until now, and taken out once, because its handle is 0 from here on. That nobody is using it is the caller's promise (F).
    let object = unsafe { entry.place().read() };
    free.returned.push(index as u16);
    // A drop may call wakers, and those this library.
    drop(free);
    drop(object);
    Ok(())
}

/// How many handles are open.
pub(crate) fn count() -> usize {
    let free = free();
    free.untouched - free.returned.len()
}

#[inline(always)]
fn number_of<T>(handle: *mut T) -> (u64, usize) {
    let number = handle.addr() as u64;
    (number, number as usize & (LEN - 1))
}

/// What the handle is of; none, if it is no open handle.
///
/// # Safety
///
/// F: nobody closes the handle while the result is used.
#[inline(always)]
unsafe fn object<'c, T>(handle: *mut T) -> Option<&'c Object> {
    let (number, index) = number_of(handle);
    let entry = &TABLE[index];
    if number == 0 || entry.handle.load(Acquire) != number {
        return None;
    }
    // SAFETY: the field's invariant, and the caller's promise that it stays so.
    Some(unsafe { &*entry.place() })
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $find:ident, $close:ident: $handle:ty, $kind:ident => $object:ty, $expected:literal;)*) => {
        $(
            /// What the handle is of.
            ///
            /// # Safety
            ///
            /// F: nobody closes the handle while the result is used.
            #[inline(always)]
            pub(crate) unsafe fn $find<'c>(handle: *mut $handle) -> Result<&'c $object, Failure> {
                // SAFETY: the caller's promise.
                match unsafe { object(handle) } {
                    Some(Object::$kind(object)) => Ok(&**object),
                    _ => Err(Failure::Handle($expected)),
                }
            }

            /// Closes the handle.
            pub(crate) fn $close(promises: Caller, handle: *mut $handle) -> Result<(), Failure> {
                close(promises, handle, $expected, |object| matches!(object, Object::$kind(_)))
            }
        )*
    };
}

kinds! {
    ring, close_ring: types::Ring, Ring => dyn AnyRing, "a ring";
    pools, close_pools: types::Pools, Pools => dyn AnyPools, "a set of pools";
    publisher, close_publisher: types::Publisher, Publisher => dyn AnyPublisher, "a publisher";
    reader, close_reader: types::Reader, Reader => Exclusive<dyn AnyReader>, "a reader";
    wait_set, close_wait_set: types::WaitSet, WaitSet => Exclusive<WaitSet>, "a wait set";
    cells, close_cells: types::Latest, Cells => dyn AnyCells, "latest-value cells";
    cells_writer, close_cells_writer: types::LatestWriter, CellsWriter => Exclusive<dyn AnyCellsWriter>, "a writer of latest-value cells";
    cells_reader, close_cells_reader: types::LatestReader, CellsReader => Exclusive<dyn AnyCellsReader>, "a reader of latest-value cells";
    journal, close_journal: types::Journal, Journal => Journal, "a journal";
    position, close_position: types::Position, Position => Exclusive<Position>, "a position";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(object: Object) -> *mut types::WaitSet {
        Reserved::new().unwrap().open(object)
    }

    /// Nobody else has the handles of these tests.
    fn promises() -> Caller {
        // SAFETY: as it says.
        unsafe { Caller::promises() }
    }

    fn a_set() -> Object {
        Object::WaitSet(Box::new(Exclusive::new(WaitSet::default())))
    }

    /// What a handle is found to be.
    fn is_open(handle: *mut types::WaitSet) -> bool {
        // SAFETY: nobody else has the handle.
        unsafe { wait_set(handle) }.is_ok()
    }

    #[test]
    fn a_handle_is_known_until_it_is_closed_and_never_again() {
        let handle: *mut types::WaitSet = open(a_set());
        assert!(is_open(handle));
        // SAFETY: nobody else has the handle.
        assert!(unsafe { reader(handle.cast()) }.is_err(), "of another kind");
        assert!(close_reader(promises(), handle.cast()).is_err());
        close_wait_set(promises(), handle).unwrap();
        assert!(!is_open(handle));
        assert!(close_wait_set(promises(), handle).is_err(), "closed twice");
        // The entry is used again, by another handle.
        let next: Vec<*mut types::WaitSet> = (0..64).map(|_| open(a_set())).collect();
        assert!(next.iter().all(|&next| next != handle) && !is_open(handle));
        next.into_iter().for_each(|next| close_wait_set(promises(), next).unwrap());
    }

    #[test]
    fn what_is_no_handle_is_told_from_one_and_not_read() {
        let local = 7_u64;
        for foreign in [0, 1, 8, usize::MAX, (&raw const local).addr(), 0xdead_beef_0000, 1 << 16] {
            assert!(!is_open(std::ptr::without_provenance_mut(foreign)), "{foreign:#x}");
        }
        assert!(close_wait_set(promises(), std::ptr::null_mut()).is_ok(), "null is nothing to close");
    }

    #[test]
    fn a_handle_that_is_being_used_is_not_closed() {
        let handle: *mut types::WaitSet = open(a_set());
        // SAFETY: nobody else has the handle.
        let set = unsafe { wait_set(handle) }.unwrap();
        let guard = set.enter(promises()).unwrap();
        assert!(matches!(close_wait_set(promises(), handle), Err(Failure::Busy)));
        drop(guard);
        close_wait_set(promises(), handle).unwrap();
    }
}
