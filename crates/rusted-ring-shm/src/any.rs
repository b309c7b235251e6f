//! Looking at a ring of whatever slots.

use std::{fs::File, io};

use rusted_ring::{
    Bytes, Lease, Many, Sequence, Sole, Typed,
    ledger::{Ledger, ReaderStatus},
};

use crate::{FileError, Noted, Processes, Properties, Ring, RingFile, ring::books_in};

/// A ring that is only looked at, of slots and a mode that are found in its file: what a tool needs that meets rings of other programs.
///
/// It has a copy of the ring's books, as they were at the last [look](Self::look). They are read from the file, which is not mapped: a file
/// that somebody truncates is an error, and no signal. The books are the same for all rings. For its events, open it as
/// what its [`properties`](Self::properties) say.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let file = rusted_ring_shm::RingFile::at(directory.path().join("ring"));
/// use rusted_ring::{Sole, SolePublisher, Start, Subscriber, Typed};
///
/// let ring = file.create::<Typed<[u32; 5]>, Sole>(1024)?;
/// let _screen = Subscriber::join(ring.clone(), Start::Newest).named("screen");
/// let mut observer = file.observe_any()?;
/// SolePublisher::join(ring)?.send(&[1, 2, 3, 4, 5]);
///
/// assert_eq!(observer.claimed().get(), 0);
/// observer.look()?;
/// let screen = observer.readers().pop().unwrap();
/// assert_eq!((screen.name.as_str(), screen.ahead), ("screen", 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AnyObserver {
    /// Where the ring was found.
    from: RingFile,
    books: Books,
}

/// A ring's tags depend on whether its slots hold bytes, and on its mode; on nothing else.
#[derive(Debug)]
enum Books {
    Bytes(Ring<Bytes<1>, Many>),
    SoleBytes(Ring<Bytes<1>, Sole>),
    Values(Ring<Typed<u8>, Many>),
    SoleValues(Ring<Typed<u8>, Sole>),
}

/// Does the same with whichever ring it is.
macro_rules! whichever {
    ($books:expr, $ring:ident => $what:expr) => {
        match $books {
            Books::Bytes($ring) => $what,
            Books::SoleBytes($ring) => $what,
            Books::Values($ring) => $what,
            Books::SoleValues($ring) => $what,
        }
    };
}

impl Books {
    fn read(from: &RingFile, file: File, properties: Properties) -> Result<Self, FileError> {
        let Properties { many, typed, .. } = properties;
        Ok(match (typed, many) {
            (false, true) => Books::Bytes(books_in(from, file, properties)?),
            (false, false) => Books::SoleBytes(books_in(from, file, properties)?),
            (true, true) => Books::Values(books_in(from, file, properties)?),
            (true, false) => Books::SoleValues(books_in(from, file, properties)?),
        })
    }
}

impl AnyObserver {
    pub(crate) fn new(from: RingFile, file: File, properties: Properties) -> Result<Self, FileError> {
        let books = Books::read(&from, file, properties)?;
        Ok(AnyObserver { from, books })
    }

    /// Reads the books again, of the same ring, be it still there under its name or not.
    ///
    /// # Errors
    ///
    /// [`FileError::Damaged`], if the file was truncated; [`FileError::System`], if it cannot be read.
    pub fn look(&mut self) -> Result<(), FileError> {
        let file = whichever!(&self.books, ring => ring.peers().file().try_clone());
        let file = file.map_err(|error| self.from.system("looking again at", error))?;
        self.books = Books::read(&self.from, file, self.properties().clone())?;
        Ok(())
    }

    /// The next sequence to be claimed: [`Ledger::claimed`].
    pub fn claimed(&self) -> Sequence {
        whichever!(&self.books, ring => Ledger::of(ring).claimed())
    }

    /// The readers listed now: [`Ledger::readers`].
    pub fn readers(&self) -> Vec<ReaderStatus> {
        whichever!(&self.books, ring => Ledger::of(ring).readers().collect())
    }

    /// Living readers that found the table full: [`Ledger::unlisted`].
    pub fn unlisted(&self) -> u64 {
        whichever!(&self.books, ring => Ledger::of(ring).unlisted())
    }

    /// How many slots publishers hold in the middle of a publish: [`Ledger::held`].
    pub fn held(&self) -> u64 {
        whichever!(&self.books, ring => Ledger::of(ring).held())
    }

    /// What went wrong on the ring since it was created: [`Processes::noted`].
    pub fn noted(&self) -> Vec<Noted> {
        self.processes().noted()
    }

    /// The slowest listed reader's lag as a part of the capacity: [`Ledger::pressure`].
    pub fn pressure(&self) -> f32 {
        whichever!(&self.books, ring => Ledger::of(ring).pressure())
    }

    /// What the file says of itself.
    pub fn properties(&self) -> &Properties {
        self.processes().properties()
    }

    /// Whether the name by which it was found still leads to this ring: as [`Processes::has_name`].
    pub fn has_name(&self) -> bool {
        self.processes().has_name(&self.from)
    }

    /// The number of the process that holds `lease`, to be shown to people; none, if nobody does.
    pub fn holder(&self, lease: Lease) -> Option<u32> {
        self.processes().holder(lease)
    }

    /// Whether a process has the ring open to take part: as a reader, as the sole publisher, or as one of many, which have no lease.
    /// Observers do not count.
    ///
    /// May change at once.
    ///
    /// # Errors
    ///
    /// If the file system cannot say.
    pub fn is_in_use(&self) -> io::Result<bool> {
        self.processes().is_open_elsewhere()
    }

    fn processes(&self) -> &Processes<false> {
        whichever!(&self.books, ring => ring.peers())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::OpenOptions, os::unix::fs::FileExt, sync::atomic::AtomicU32};

    use rusted_ring::{Consumer, Publisher, SolePublisher, Start, Subscriber};

    use super::*;

    fn file(directory: &tempfile::TempDir) -> RingFile {
        RingFile::at(directory.path().join("ring"))
    }

    #[test]
    fn the_books_are_those_of_the_ring_whatever_its_slots_are() {
        macro_rules! check {
            ($slots:ty, $mode:ty, $publisher:ident.$publish:ident($($event:expr),*)) => {{
                let directory = tempfile::tempdir().unwrap();
                let ring = file(&directory).create::<$slots, $mode>(24).unwrap();
                let mut reader = Subscriber::join(ring.clone(), Start::Newest).named("reader");
                let _slow = Consumer::join(ring.clone(), Start::Newest).unwrap();
                #[allow(unused_mut)]
                let mut publisher = $publisher::join(ring.clone()).unwrap();
                for _ in 0..20 {
                    let _ = publisher.$publish($($event),*);
                }
                for _ in 0..5 {
                    reader.try_recv().unwrap();
                }
                let observer = file(&directory).observe_any().unwrap();
                let books = Ledger::of(&ring);
                assert_eq!(observer.claimed().get(), 20);
                assert_eq!(observer.readers(), books.readers().collect::<Vec<_>>());
                assert_eq!(observer.pressure(), books.pressure());
                assert_eq!(observer.readers()[0].received, 5);
            }};
        }
        check!(Bytes<64>, Many, Publisher.publish(b"event", 1));
        check!(Bytes<13, 13, AtomicU32>, Many, Publisher.publish(b"event", 1));
        check!(Bytes<1000, 200>, Many, Publisher.publish(b"event", 1));
        check!(Bytes<100>, Sole, SolePublisher.publish(b"event", 1));
        check!(Typed<[u32; 5]>, Many, Publisher.send(&[7; 5]));
        check!(Typed<[u64; 3]>, Sole, SolePublisher.send(&[7; 3]));
    }

    #[test]
    fn a_ring_is_in_use_while_somebody_takes_part_and_not_because_it_is_looked_at() {
        let directory = tempfile::tempdir().unwrap();
        let ring = file(&directory).create::<Bytes<64>, Many>(8).unwrap();
        let observer = file(&directory).observe_any().unwrap();
        let _other = file(&directory).observe_any().unwrap();
        let again = file(&directory).open::<Bytes<64>, Many>().unwrap();
        drop(ring);
        assert!(observer.is_in_use().unwrap(), "the second one takes part");
        drop(again);
        assert!(!observer.is_in_use().unwrap());
    }

    #[test]
    fn values_are_read_as_their_bytes_and_nothing_else_is() {
        let directory = tempfile::tempdir().unwrap();
        let ring = file(&directory).create::<Typed<[u32; 5]>, Many>(8).unwrap();
        Publisher::join(ring).unwrap().send(&[1, 2, 3, 4, 0x0506_0708]);
        let bytes = file(&directory).open_as_bytes::<20, Many>().unwrap();
        let event = Subscriber::join(bytes, Start::Oldest).try_recv().unwrap();
        assert_eq!(event[16..], 0x0506_0708u32.to_ne_bytes());
        assert!(matches!(
            file(&directory).open_as_bytes::<24, Many>(),
            Err(FileError::Mismatch { what: "slot size", .. })
        ));
        assert!(matches!(file(&directory).open_as_bytes::<20, Sole>(), Err(FileError::Mismatch { what: "mode", .. })));
        let noted = RingFile::at(directory.path().join("noted"));
        noted.create::<Typed<[u64; 2], AtomicU32>, Many>(8).unwrap();
        assert!(matches!(
            noted.open_as_bytes::<24, Many>(),
            Err(FileError::Mismatch { what: "event size in a slot", .. })
        ));
        let bytes = RingFile::at(directory.path().join("bytes"));
        bytes.create::<Bytes<16>, Many>(8).unwrap();
        assert!(matches!(bytes.open_as_bytes::<16, Many>(), Err(FileError::Mismatch { what: "content", .. })));
    }

    #[test]
    fn a_header_whose_slots_do_not_fill_the_file_is_damaged() {
        let directory = tempfile::tempdir().unwrap();
        drop(file(&directory).create::<Bytes<64>, Many>(8).unwrap());
        let properties = file(&directory).properties().unwrap();
        for capacity in [7, 9, u64::MAX / 64] {
            let mut forged = properties.clone();
            forged.capacity = capacity;
            let written = OpenOptions::new().write(true).open(file(&directory).path()).unwrap();
            written.write_all_at(&forged.encode(), 0).unwrap();
            let refused = file(&directory).observe_any().unwrap_err();
            assert!(matches!(refused, FileError::Damaged(_) | FileError::Slots(_)), "{refused}");
        }
    }
}
