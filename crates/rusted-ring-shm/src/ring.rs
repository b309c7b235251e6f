//! A ring in a mapped file.

use std::{fs::File, io, os::unix::fs::FileExt, sync::Arc};

use rusted_ring::{Incident, Lease, Many, MappedRing, Mode, Notes, Peers};

use crate::{
    Described, FileError, Identity, Noted, PoolRings, Pools, Properties, RingFile, TrustedPools, header::RING_AT,
    mapping::Mapping, memory::Memory,
};

/// Bytes in which a ring's first word lies, which is its cursor.
const CURSOR: usize = 8;

/// A ring between processes of which each may write anything at any time: events are copied out.
pub type Ring<S, M = Many> = MappedRing<S, M, Processes<false>>;

/// A ring between processes that are trusted to write it as this library does: all of the library works on it.
pub type TrustedRing<S, M = Many> = MappedRing<S, M, Processes<true>>;

/// One or the other.
pub(crate) type MappedRingOf<S, const TRUSTED: bool> = MappedRing<S, Many, Processes<TRUSTED>>;

/// The processes that have a ring's file open: [`MappedRing::peers`].
#[derive(Clone, Debug)]
pub struct Processes<const TRUSTED: bool>(Arc<Mapping>);

impl<const TRUSTED: bool> Processes<TRUSTED> {
    pub(crate) fn of(mapping: Arc<Mapping>) -> Self {
        Processes(mapping)
    }

    pub(crate) fn is_open_elsewhere(&self) -> io::Result<bool> {
        self.0.is_open_elsewhere()
    }

    /// The file, by the same description.
    pub(crate) fn file(&self) -> &File {
        self.0.file()
    }

    /// Whether `file`'s name still leads to this ring, and not to nothing, or to another file that was put there.
    ///
    /// A ring that was removed or replaced goes on for the processes that have it open, and no other finds it. May change at once.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let file = rusted_ring_shm::RingFile::at(directory.path().join("ring"));
    /// use rusted_ring::Bytes;
    /// use rusted_ring_shm::Ring;
    ///
    /// let ring: Ring<Bytes<64>> = file.create(1024)?;
    /// assert!(ring.peers().has_name(&file));
    /// file.remove()?;
    /// assert!(!ring.peers().has_name(&file));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn has_name(&self, file: &RingFile) -> bool {
        self.0.is_at(file.path())
    }

    /// What went wrong on the ring since it was created, as far as somebody noted it.
    pub fn noted(&self) -> Vec<Noted> {
        self.0.noted()
    }

    /// Which ring it is.
    pub fn identity(&self) -> Identity {
        self.0.properties().identity
    }

    /// What the file says of itself.
    pub fn properties(&self) -> &Properties {
        self.0.properties()
    }

    /// The number of the process that holds `lease`, as that process knows itself, which may be in a namespace of its own: to be shown
    /// to people, and for nothing else. None, if nobody holds it, or its holder has ended.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let file = rusted_ring_shm::RingFile::at(directory.path().join("ring"));
    /// use std::time::Duration;
    /// use rusted_ring::{Bytes, Consumer, Lease, Publisher, Start, publisher::PublishError};
    /// use rusted_ring_shm::Ring;
    ///
    /// let ring: Ring<Bytes<64>> = file.create(1)?;
    /// let _archive = Consumer::join(ring.clone(), Start::Newest)?.named("archive");
    /// let publisher = Publisher::join(ring.clone())?;
    /// publisher.publish(b"a stroke", 1)?;
    /// match publisher.publish_timeout(b"another", 1, Duration::from_millis(5)) {
    ///     Err(PublishError::Full(full)) => {
    ///         let entry = full.blocker.unwrap().entry;
    ///         assert_eq!(ring.peers().holder(Lease::Reader(entry)), Some(std::process::id()));
    ///     }
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn holder(&self, lease: Lease) -> Option<u32> {
        self.0.holder(lease)
    }
}

// SAFETY: the mapping is unmapped with the last clone of its `Arc`, and stays where it is. What `hold` gives is a lock of one byte of the file
// by the one description of it that the mapping has, and within this process a bit that only one thread sets; both are given up by
// `give_back`, or with the process. A fork, which would have the same description, is given nothing.
unsafe impl<const TRUSTED: bool> Peers for Processes<TRUSTED> {
    const TRUSTED: bool = TRUSTED;

    fn hold(&self, lease: Lease) -> bool {
        self.0.hold(lease)
    }

    unsafe fn give_back(&self, lease: Lease) {
        self.0.give_back(lease);
    }

    fn is_held(&self, lease: Lease) -> bool {
        self.0.holder(lease).is_some()
    }

    fn note(&self, incident: Incident) {
        self.0.note(incident);
    }

    fn is_time_to_look(&self) -> bool {
        self.0.is_time_to_look()
    }
}

/// The ring in `mapping`, whose properties are of these slots and mode; it is not [shared](MappedRing::share) yet.
pub(crate) fn ring_in<S: Described, M: Mode>(mapping: Mapping) -> Result<Ring<S, M>, FileError> {
    let capacity = mapping.properties().capacity as usize;
    if Ring::<S, M>::bytes_for(capacity).map_err(FileError::Slots)? + RING_AT != mapping.properties().bytes as usize {
        return Err(FileError::Damaged("its length is not that of its slots"));
    }
    let base = mapping.ring();
    // SAFETY: at a page, with as many bytes behind it as just checked, mapped for as long as the mapping lives. Those that may not be
    // written are only ever an `Observer`'s. Every mapping of this process is a ring of the kind and sizes that its header says,
    // which were compared.
    unsafe { Ring::at(base, capacity, Processes(Arc::new(mapping))) }.map_err(FileError::Slots)
}

/// As [`ring_in`], and this process takes part. If it is alone with the ring, it frees what processes have left that ended.
pub(crate) fn join_in<S: Described, M: Mode>(from: &RingFile, mapping: Mapping) -> Result<Ring<S, M>, FileError> {
    let failed = |error| from.system("locking", error);
    let is_alone = mapping.enter().map_err(failed)?;
    let ring = ring_in(mapping)?;
    if is_alone {
        // SAFETY: every process that takes part has a lock of the file that would have kept this one out, and none gets it before the others
        // are let in.
        unsafe { ring.mend() };
        ring.peers().0.let_in().map_err(failed)?;
    }
    ring.share();
    Ok(ring)
}

/// The books of the ring in `file`, whatever its slots are: as if they were of one byte, which `S` is. Its tags are as in the ring.
///
/// They are read, and not mapped: a file that somebody truncates is an error here, and not a signal.
pub(crate) fn books_in<S: Described, M: Mode>(
    from: &RingFile,
    file: File,
    properties: Properties,
) -> Result<Ring<S, M>, FileError> {
    const { assert!(S::STRIDE == 1, "each slot adds its other bytes to the length, and nothing else") }
    let capacity = properties.capacity as usize;
    let least = Ring::<S, M>::bytes_for(capacity).map_err(FileError::Slots)? + RING_AT;
    let rest = properties.stride.checked_sub(1).and_then(|more| more.checked_mul(properties.capacity));
    if rest.and_then(|rest| rest.checked_add(least as u64)) != Some(properties.bytes) {
        return Err(FileError::Damaged("its length is not that of its slots"));
    }
    let memory = Memory::copy(least as u64, |memory| {
        // The slots come last, and are left out.
        file.read_exact_at(&mut memory[..least - capacity], 0)?;
        // A sole publisher's cursor, once more: it is at or beyond where its readers were found.
        file.read_exact_at(&mut memory[RING_AT..RING_AT + CURSOR], RING_AT as u64)
    });
    let memory = memory.map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => FileError::Damaged("it was truncated while it was looked at"),
        _ => from.system("reading", error),
    })?;
    let mapping = Mapping::copied(memory, file, properties);
    let base = mapping.ring();
    // SAFETY: invariant M: at a page, with as many bytes behind it as the layout has, mapped for as long as the mapping lives, and this
    // process's own. It is an `AnyObserver`'s, which has its ledger alone.
    unsafe { Ring::at(base, capacity, Processes(Arc::new(mapping))) }.map_err(FileError::Slots)
}

/// The same ring, with all of the library on it: Consumers lend events in place.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let file = rusted_ring_shm::RingFile::at(directory.path().join("ring"));
/// use rusted_ring::{Bytes, Consumer, Publisher, Start};
/// use rusted_ring_shm::{Ring, trust_peers};
///
/// let ring: Ring<Bytes<64>> = file.create(1024)?;
/// // SAFETY: only our own programs run as this user.
/// let ring = unsafe { trust_peers(ring) };
/// let mut store = Consumer::join(ring.clone(), Start::Newest)?;
/// Publisher::join(ring)?.publish(b"a stroke", 1)?;
/// assert_eq!(&*store.recv()?, b"a stroke");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Safety
///
/// - Every process that can write the file, now or while the result or an endpoint of it lives, writes it through this library alone.
/// - A fork of this process neither uses nor drops an endpoint that it inherits: it would free what its parent has. It may `exec`, or
///   open the file itself.
pub unsafe fn trust_peers<S: Described, M: Mode>(ring: Ring<S, M>) -> TrustedRing<S, M> {
    // SAFETY: the same mapping; the caller's promise.
    unsafe { ring.with_peers(|Processes(mapping)| Processes(mapping)) }
}

/// The same pools, with all of the library on them: as [`trust_peers`].
///
/// # Safety
///
/// Those of [`trust_peers`], for each of the five files.
pub unsafe fn trust_pools<const LONGEST: usize, A: Notes>(pools: Pools<LONGEST, A>) -> TrustedPools<LONGEST, A> {
    PoolRings {
        // SAFETY: of each, the caller's promise.
        xs: unsafe { trust_peers(pools.xs) },
        // SAFETY: as above.
        s: unsafe { trust_peers(pools.s) },
        // SAFETY: as above.
        m: unsafe { trust_peers(pools.m) },
        // SAFETY: as above.
        l: unsafe { trust_peers(pools.l) },
        // SAFETY: as above.
        xl: unsafe { trust_peers(pools.xl) },
    }
}

#[cfg(test)]
mod tests {
    use rusted_ring::{Bytes, Sole, Typed};

    use super::*;
    use crate::header::VERSION;

    /// What lies in a file has this layout in every program that has this version.
    #[test]
    fn the_layout_is_that_of_its_version() {
        let sizes = [
            Ring::<Bytes<64>>::bytes_for(100),
            Ring::<Bytes<64>, Sole>::bytes_for(100),
            Ring::<Typed<u64>>::bytes_for(100),
            Ring::<Typed<u64>, Sole>::bytes_for(100),
            Ring::<Bytes<1000, 100>>::bytes_for(100),
        ];
        assert_eq!((VERSION, sizes.map(Result::unwrap)), (4, [16640, 15872, 10272, 9440, 20240]));
    }
}
