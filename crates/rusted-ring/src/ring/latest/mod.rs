//! Latest-value cells: what the value of a key is now.
//!
//! # Memory
//!
//! ```text
//! desk      whether there is a writer, its updates
//! keys      [version, slot]      of each key, on a line of its own
//! readers   [what it holds]      of each reader, on a line of its own
//! slots     [value | stamp]      as many as keys and spares, on lines of their own
//! ```
//!
//! Everything refers to everything else by index, so that it may lie anywhere: on the heap, or in memory that processes share. The writer
//! has books of its own, which it makes from the keys when it joins: the slot of each key, the slots that are no key's, in a circle, and for each slot
//! the last scan that found it held. So a writer that ended anywhere in an update leaves nothing to be mended: what it wrote is a spare, until
//! a key shows it.
//!
//! # Writing
//!
//! The writer never changes the slot that a key has. It takes the next spare from the circle, empties its stamp, writes the value and
//! then the new version as the stamp, puts the slot that the key had in the spare's place in the circle, and shows first the slot and then the
//! version in the key. Before each round of the circle it looks at all readers once, and leaves out what they hold.
//!
//! # Reading
//!
//! A reader loads a key's version and slot, copies the value, and looks whether the slot's stamp is that version. If it is, the copy is
//! whole: an update that changed any of it emptied the stamp before, and no stamp is used twice. If it is not, the
//! slot was used anew meanwhile, and the reader *holds* a slot:
//!
//! 1. It says that it is choosing, for this key. It loads the key's slot, and exchanges the one for the other: it holds this slot.
//! 2. A scan that finds a reader choosing chooses for it: the slot that the key has. One of the two exchanges succeeds, and the reader
//!    goes by it.
//! 3. It copies the held slot, which nobody writes (invariant L), and lets go.
//!
//! There is no loop in it, but what a processor needs for one atomic exchange: a reader copies at most twice, whatever the writer does,
//! and waits for nobody. The writer waits for nobody either: of `readers + 1` spares or more, `readers` at most are held, so each round of
//! the circle has one that is not.
//!
//! # Invariant L
//!
//! A slot that a reader holds is not written until it lets go.
//!
//! A slot is written only as a spare, taken from the circle in the round that the last scan began; it was put there before that scan, or
//! found to be no key's when the writer joined.
//! So no key has had it since the scan's fence. A reader whose choosing the scan found, or what came of it, has a slot that the scan
//! marked, or one that a key had at the scan. A reader that begins to choose later has its own fence behind the scan's, so the slot that it
//! loads is one that a key had at the scan or has got since: no spare of this round until it is written and shown. A reader that had
//! let go by then did so by a Release, which the scan acquired.

mod cells;
#[cfg(not(any(loom, shuttle)))]
mod mapped;
mod reader;
mod slot;
#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod tests;
mod writer;

use alloc::{boxed::Box, sync::Arc};
use core::{error::Error, fmt, marker::PhantomData};

use cells::Cells;
pub use cells::LatestRef;
#[cfg(not(any(loom, shuttle)))]
pub use mapped::{LatestPlaceError, MappedLatest};
pub use reader::LatestReader;
use slot::Stamped;
use writer::Books;
pub use writer::LatestWriter;

use super::{
    Sealed,
    memory::{Boxed, cache_line::CacheLine, slot::Slot, value::Value},
    storage::room::{NoMemory, Room, given},
};
use crate::{
    Corrupt,
    sync::{AtomicU64, Relaxed},
};

/// The latest value of each of a number of keys: one writer updates them, and any thread reads what the value is now.
///
/// A ring tells every change; this tells what is the case. A reader that comes late, or looks seldom, does not go through
/// the changes that it missed: it gets the latest value of the key, whole, with its version. No reader keeps the writer
/// waiting, or another reader; and the writer keeps no reader waiting.
///
/// Keys are numbers from 0 up to [`keys`](Self::keys). All memory is taken, and touched, when the cells are made: for each key a cache line and a slot, for each reader a cache line and two slots; a slot is a value with its version, in whole cache
/// lines. A clone is another handle on the same cells. `MappedLatest` has cells in memory that processes share.
///
/// # Progress
///
/// [`LatestReader::get`] and [`newer`](LatestReader::newer) are wait-free: they copy the value at most twice, however fast and
/// however often the writer updates it, and wherever the writer is stopped. [`LatestWriter::update`] is wait-free too: it copies once, and looks at each
/// reader at most once.
///
/// # Order
///
/// An update takes effect at one moment between its call and its return, for all readers. So a reader never sees an older version
/// of a key after a newer one, nor does a thread that it tells of that.
///
/// ```
/// use rusted_ring::Latest;
///
/// let prices = Latest::<[u64; 2]>::new(100, 8); // 100 keys, up to 8 readers
/// let mut writer = prices.writer()?;
/// let mut reader = prices.reader()?;
///
/// assert_eq!(reader.get(7), None); // it was never updated
/// writer.update(7, &[10_150, 10_155]);
/// writer.update(7, &[10_151, 10_156]);
///
/// let now = reader.get(7).unwrap();
/// assert_eq!(now.value, [10_151, 10_156]);
/// assert_eq!(reader.newer(7, now.version), None); // nothing has changed since
/// # Ok::<(), rusted_ring::latest::LatestJoinError>(())
/// ```
pub struct Latest<T> {
    memory: Arc<Memory<T>>,
}

/// A value, and which one it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The value.
    pub value: T,
    /// The number of the update that brought it, counted over all keys from 1 on: of two values the one with the larger version is the
    /// later one, whatever their keys.
    pub version: u64,
}

/// Why cells could not be joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LatestJoinError {
    /// The cells take one writer at a time, and have one.
    Occupied,
    /// As many readers as the cells were made for have joined.
    TooManyReaders {
        /// How many that is.
        readers: usize,
    },
    /// The cells are between processes, and their words cannot be; a writer tried to join.
    Corrupt(Corrupt),
}

impl fmt::Display for LatestJoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LatestJoinError::Occupied => {
                f.write_str("these cells take one writer at a time, and have one: drop it, or share it behind a lock")
            }
            LatestJoinError::Corrupt(corrupt) => corrupt.fmt(f),
            LatestJoinError::TooManyReaders { readers } => write!(
                f,
                "these cells were made for {readers} readers, and have them: drop one, or make the cells for more"
            ),
        }
    }
}

impl Error for LatestJoinError {}

/// What a key has.
#[repr(C)]
#[derive(Debug)]
struct Key {
    /// The version that is shown; 0 if there was no update.
    version: AtomicU64,
    /// The index of the slot with the key's value.
    slot: AtomicU64,
}

/// What a writer keeps for the next one.
#[repr(C)]
#[derive(Debug)]
struct Desk {
    /// 1 if there is a writer.
    taken: AtomicU64,
    updates: AtomicU64,
}

struct Memory<T> {
    desk: CacheLine<Desk>,
    keys: Box<[CacheLine<Key>]>,
    /// What each reader holds, as [`Hold`] says.
    readers: Box<[CacheLine<AtomicU64>]>,
    /// # Invariant: of `len` slots.
    slots: Boxed,
    len: usize,
    books: Books,
    #[cfg(any(loom, shuttle))]
    stamps: Box<[AtomicU64]>,
    types: PhantomData<T>,
}

/// What a reader's word says.
#[derive(Clone, Copy)]
enum Hold {
    /// The entry is nobody's.
    Free,
    /// The reader holds nothing.
    Nothing,
    /// The reader will hold the slot of this key. The reader or the writer puts it in, whichever is first.
    Choosing(usize),
    /// The reader holds this slot.
    Slot(usize),
}

impl Hold {
    fn to_bits(self) -> u64 {
        match self {
            Hold::Free => 0,
            Hold::Nothing => 1,
            Hold::Choosing(key) => 2 + 2 * key as u64,
            Hold::Slot(slot) => 3 + 2 * slot as u64,
        }
    }

    fn from_bits(bits: u64) -> Self {
        match bits {
            0 => Hold::Free,
            1 => Hold::Nothing,
            bits if bits.is_multiple_of(2) => Hold::Choosing((bits / 2 - 1) as usize),
            bits => Hold::Slot((bits / 2 - 1) as usize),
        }
    }
}

/// How many spares there are for so many readers. One more than there are readers would do; with more the writer looks at the readers
/// less often, and a reader's first copy is rarely in vain. In models as few as can be.
const fn spares_for(readers: usize) -> usize {
    if cfg!(any(loom, shuttle)) { readers + 1 } else { readers.saturating_mul(2).saturating_add(2) }
}

/// How many slots there are for so many keys and readers.
const fn slots_for(keys: usize, readers: usize) -> usize {
    keys.saturating_add(spares_for(readers))
}

impl<T: Value> Latest<T> {
    /// Cells for `keys` keys, of which none has a value yet, and for up to `readers` readers at a time.
    ///
    /// # Panics
    ///
    /// If `keys` is 0, the cells exceed the address space, or there is no memory for them.
    #[must_use]
    pub fn new(keys: usize, readers: usize) -> Self {
        given(Self::try_new(keys, readers))
    }

    /// Cells as [`new`](Self::new) makes them, if there is memory for them. All of that is taken before any is touched.
    ///
    /// # Errors
    ///
    /// [`NoMemory`].
    ///
    /// # Panics
    ///
    /// If `keys` is 0, or the cells exceed the address space.
    pub fn try_new(keys: usize, readers: usize) -> Result<Self, NoMemory> {
        assert!(keys > 0, "there are no cells without a key: ask for at least 1");
        let slots = slots_for(keys, readers);
        let bytes = slots.checked_mul(Stamped::<T>::STRIDE);
        assert!(
            bytes.is_some_and(|bytes| bytes < isize::MAX as usize),
            "cells must fit the address space: ask for fewer keys or readers"
        );
        let (values, books) = (Boxed::room(slots, Stamped::<T>::STRIDE)?, Books::room(keys, slots)?);
        let (of_keys, of_readers) = (Room::of(keys)?, Room::of(readers)?);
        #[cfg(any(loom, shuttle))]
        let stamps = Room::of(slots)?;
        let of_key = |key| CacheLine(Key { version: AtomicU64::new(0), slot: AtomicU64::new(key) });
        let memory = Memory {
            desk: CacheLine(Desk { taken: AtomicU64::new(0), updates: AtomicU64::new(0) }),
            slots: Boxed::zeroed(values, slots, Stamped::<T>::STRIDE),
            keys: counted(of_keys, of_key),
            readers: of_readers.filled(|| CacheLine(AtomicU64::new(Hold::Free.to_bits()))),
            len: slots,
            books: Books::of(books),
            #[cfg(any(loom, shuttle))]
            stamps: stamps.filled(|| AtomicU64::new(0)),
            types: PhantomData,
        };
        Ok(Latest { memory: Arc::new(memory) })
    }

    /// Makes the writer. Wait-free; takes time in proportion to the keys.
    ///
    /// # Errors
    ///
    /// [`LatestJoinError::Occupied`], while there is one.
    pub fn writer(&self) -> Result<LatestWriter<T>, LatestJoinError> {
        LatestWriter::join(self.clone())
    }

    /// Makes a reader. Wait-free.
    ///
    /// # Errors
    ///
    /// [`LatestJoinError::TooManyReaders`], if there are as many as the cells were made for, or were while they came and went.
    pub fn reader(&self) -> Result<LatestReader<T>, LatestJoinError> {
        LatestReader::join(self.clone())
    }

    /// Returns how many keys there are.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.memory.keys.len()
    }
}

/// As many values as there is room for, each made of its number.
fn counted<V>(room: Room<V>, of: impl Fn(u64) -> V) -> Box<[V]> {
    let mut numbers = 0..;
    room.filled(|| of(numbers.next().expect("there is no last number")))
}

impl<T> Clone for Latest<T> {
    fn clone(&self) -> Self {
        Latest { memory: Arc::clone(&self.memory) }
    }
}

impl<T> fmt::Debug for Latest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latest")
            .field("keys", &self.memory.keys.len())
            .field("readers", &self.memory.readers.len())
            .field("updates", &self.memory.desk.0.updates.load(Relaxed))
            .finish()
    }
}

impl<T> Sealed for Latest<T> {}

impl<T: Value> LatestRef for Latest<T> {
    type Value = T;

    #[inline]
    fn cells(&self) -> Cells<'_, T> {
        let memory = &*self.memory;
        // SAFETY: the field's invariant.
        unsafe {
            Cells::new(
                &memory.desk.0,
                &memory.keys,
                &memory.readers,
                memory.slots.plane(),
                memory.len,
                Some(&memory.books),
                #[cfg(any(loom, shuttle))]
                &memory.stamps,
            )
        }
    }
}
