//! Rings in files, between processes.

use std::{
    marker::PhantomData,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64},
    },
};

use rusted_ring::{Bytes, Lease, Many, MappedRing, Mode, Notes, Sole, Start};
use rusted_ring_journal::Reader;
use rusted_ring_shm::{
    AnyObserver, Processes, Properties, RingFile,
    sizes::{self, AtSize},
};

use super::{
    AnyPublisher, AnyRecorder, AnyRing, Reads, RingKind,
    kind::{check_slots, no_such_size, slot_size},
    line,
};
use crate::{
    failure::Failure,
    types::{
        RUSTED_RING_NEVER_CLOSES, RUSTED_RING_OBSERVED, RUSTED_RING_SHARED, RUSTED_RING_SOLE, ReaderStats, RingStats,
    },
};

/// The file: by a path, if there is a `/` in `name`, and else by a name in the directory of rings.
fn file(name: &str) -> Result<RingFile, Failure> {
    if name.contains('/') { Ok(RingFile::at(name)) } else { Ok(RingFile::named(name)?) }
}

/// Creates a ring in a file.
pub(crate) fn create(name: &str, slot_bytes: usize, slots: usize, flags: u32) -> Result<Box<dyn AnyRing>, Failure> {
    if flags & !(RUSTED_RING_SOLE | RUSTED_RING_NEVER_CLOSES) != 0 {
        return Err(Failure::argument(format!(
            "`flags` are {flags:#x}: a ring between processes may be RUSTED_RING_SOLE, and never closes"
        )));
    }
    let (file, size) = (file(name)?, slot_size(slot_bytes)?);
    check_slots(slots, size)?;
    let create = InFile { file, slots: Some(slots), many: flags & RUSTED_RING_SOLE == 0 };
    sizes::with_power(size, create).unwrap_or_else(|| Err(no_such_size(slot_bytes)))
}

/// Opens a ring of bytes in a file, whatever its slots and its mode are; to be read, if it is a pool with a number beside each event.
pub(crate) fn open(name: &str) -> Result<Box<dyn AnyRing>, Failure> {
    let file = file(name)?;
    let properties = file.properties()?;
    let is_plain = !properties.typed && properties.longest == properties.slot_bytes();
    let open = InFile { file, slots: None, many: properties.many };
    let opened = if is_plain { sizes::with_power(properties.longest, open) } else { noted(&open.file, &properties) };
    opened.unwrap_or(Err(Failure::Unsupported(
        "the ring is not one of bytes, has notes that no pool has or long events, or slots of a size that this library was not built for: observe it",
    )))
}

type Opened = Result<Box<dyn AnyRing>, Failure>;

/// Opens a pool with notes; none, if it is not one whose notes are a number.
fn noted(file: &RingFile, properties: &Properties) -> Option<Opened> {
    fn with<A: Notes>(file: &RingFile, properties: &Properties) -> Option<Opened> {
        let has = properties.many && properties.has_notes::<A>();
        if has { sizes::with_pool(properties.longest, Noted::<A>(file, PhantomData)) } else { None }
    }
    let with = [with::<AtomicU8>, with::<AtomicU16>, with::<AtomicU32>, with::<AtomicU64>];
    with.into_iter().find_map(|open| open(file, properties))
}

struct Noted<'f, A>(&'f RingFile, PhantomData<A>);

impl<A: Notes> AtSize for Noted<'_, A> {
    type Output = Opened;

    fn at<const N: usize>(self) -> Opened {
        Ok(Box::new(self.0.open::<Bytes<N, N, A>, Many>()?))
    }
}

struct InFile {
    file: RingFile,
    /// Of a ring that is created; else it is opened.
    slots: Option<usize>,
    many: bool,
}

impl AtSize for InFile {
    type Output = Result<Box<dyn AnyRing>, Failure>;

    fn at<const N: usize>(self) -> Self::Output {
        fn get<const N: usize, M: Mode>(InFile { file, slots, .. }: InFile) -> Result<Box<dyn AnyRing>, Failure>
        where
            MappedRing<Bytes<N>, M, Processes<false>>: RingKind,
        {
            Ok(Box::new(match slots {
                Some(slots) => file.create::<Bytes<N>, M>(slots)?,
                None => file.open::<Bytes<N>, M>()?,
            }))
        }
        if self.many { get::<N, Many>(self) } else { get::<N, Sole>(self) }
    }
}

/// Removes a ring's file.
pub(crate) fn remove(name: &str, even_in_use: bool) -> Result<(), Failure> {
    let file = file(name)?;
    let removed = if even_in_use { file.remove() } else { file.remove_unused() };
    Ok(removed?)
}

/// Looks at the books of a ring in a file, of any kind.
pub(crate) fn observe(name: &str) -> Result<Box<dyn AnyRing>, Failure> {
    Ok(Box::new(Observed(Mutex::new(file(name)?.observe_any()?))))
}

/// A ring that is only looked at.
struct Observed(Mutex<AnyObserver>);

impl Observed {
    /// Looks again.
    fn look<T>(&self, at: impl FnOnce(&AnyObserver) -> T) -> Result<T, Failure> {
        let mut observer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        observer.look()?;
        Ok(at(&observer))
    }
}

const OBSERVED: Failure =
    Failure::Unsupported("this ring is only observed, and has no endpoints: open it with rusted_ring_open");

impl AnyRing for Observed {
    fn publisher(&self) -> Result<Box<dyn AnyPublisher>, Failure> {
        Err(OBSERVED)
    }

    fn subscriber(&self, _from: Start, _name: &str, _history: Option<Reader>) -> Reads {
        Err(OBSERVED)
    }

    fn consumer(&self, _from: Start, _name: &str) -> Reads {
        Err(OBSERVED)
    }

    fn recorder(&self, _from: Start, _name: &str) -> Result<Box<dyn AnyRecorder>, Failure> {
        Err(OBSERVED)
    }

    fn stats(&self) -> Result<RingStats, Failure> {
        self.look(|observer| {
            let properties = observer.properties();
            let sole = if properties.many { 0 } else { RUSTED_RING_SOLE };
            RingStats {
                slot_bytes: properties.longest,
                slots: properties.capacity,
                claimed: observer.claimed().get(),
                held: observer.held(),
                readers: observer.readers().len() as u32,
                unlisted: observer.unlisted() as u32,
                flags: RUSTED_RING_SHARED | RUSTED_RING_OBSERVED | RUSTED_RING_NEVER_CLOSES | sole,
                pressure: observer.pressure(),
            }
        })
    }

    fn readers(&self, each: &mut dyn FnMut(ReaderStats)) -> Result<(), Failure> {
        let holder = |observer: &AnyObserver, entry| observer.holder(Lease::Reader(entry)).unwrap_or(0);
        self.look(|observer| {
            observer.readers().iter().for_each(|status| each(line(status, holder(observer, status.entry))));
        })
    }
}
