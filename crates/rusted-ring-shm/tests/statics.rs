//! Statics that are placed in files: before their first use, once, and as the rings that they are.

use std::fs;

use rusted_ring::{
    Bytes, Closing, Consumer, JoinError, Many, PagedRing, PagedTypedRing, PoolSet, Publisher, Sole, SolePublisher,
    Start, Subscriber, Typed,
    pool::{PoolId, XL_TSHIRT_SIZE},
    subscriber::TryRecvError,
};
use rusted_ring_shm::{FileError, PoolFiles, Ring, RingFile, list_in, place_pools, place_static};

/// A directory of its own, which goes with the test.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> RingFile {
        RingFile::at(self.0.path().join("ring"))
    }

    fn pools(&self) -> PoolFiles {
        PoolFiles::at(self.0.path().join("set"))
    }
}

/// Places a static that one test has alone.
macro_rules! place {
    ($ring:expr, $file:expr) => {
        // SAFETY: this test alone has the static and the file, and no test forks.
        unsafe { place_static(&$ring, &$file) }
    };
}

#[test]
fn what_is_published_on_a_static_is_in_its_file() {
    static RING: PagedRing<64, 100> = PagedRing::new();
    let place = Place::new();
    place!(RING, place.file()).unwrap();
    let mut store = Consumer::join(&RING, Start::Newest).unwrap().named("store");
    let publisher = Publisher::new(&RING);
    for n in 0..250_u64 {
        publisher.publish(&n.to_le_bytes(), 1).unwrap();
        assert_eq!(*store.try_recv().unwrap(), n.to_le_bytes());
    }
    let observer = place.file().observe_any().unwrap();
    assert_eq!(observer.claimed().get(), 250);
    let readers = observer.readers();
    assert_eq!((readers[0].name.as_str(), readers[0].received), ("store", 250));
    assert!(observer.properties().in_static && observer.is_in_use().unwrap());
    assert_eq!(list_in(place.0.path()).unwrap().len(), 1);
    // All that the file has of the ring is the static's, to the last slot.
    let ring: Ring<Bytes<64>> = place.file().open().unwrap();
    let mut tap = Subscriber::join(ring, Start::Oldest);
    let tapped: Vec<u64> =
        (0..100).map(|_| u64::from_le_bytes(tap.try_recv().unwrap().bytes().try_into().unwrap())).collect();
    assert_eq!(tapped, (150..250).collect::<Vec<_>>());
}

#[test]
fn others_read_and_publish_and_are_neither_consumers_nor_the_sole_publisher() {
    static RING: PagedTypedRing<[u64; 3], 10> = PagedTypedRing::new();
    static SOLE: PagedTypedRing<u64, 10, Sole> = PagedTypedRing::sole();
    let place = Place::new();
    place!(RING, place.file()).unwrap();
    let mut own = Consumer::join(&RING, Start::Newest).unwrap();
    let other: Ring<Typed<[u64; 3]>> = place.file().open().unwrap();
    assert_eq!(Consumer::join(other.clone(), Start::Newest).unwrap_err(), JoinError::TooManyReaders);
    let mut reader = Subscriber::join(other.clone(), Start::Newest);
    let publisher = Publisher::join(other).unwrap();
    for n in 0..30 {
        publisher.send(&[n; 3]);
        assert_eq!(*own.try_recv().unwrap(), [n; 3]);
        assert_eq!(reader.try_recv().unwrap(), [n; 3]);
    }
    // The gate is the process's own.
    (0..10).for_each(|n| _ = publisher.send(&[n; 3]));
    assert!(publisher.try_send(&[0; 3]).is_err());

    let sole = RingFile::at(place.0.path().join("sole"));
    place!(SOLE, sole).unwrap();
    let other: Ring<Typed<u64>, Sole> = sole.open().unwrap();
    assert_eq!(SolePublisher::join(other.clone()).unwrap_err(), JoinError::Occupied);
    let mut reader = Subscriber::join(other, Start::Newest);
    SolePublisher::join(&SOLE).unwrap().send(&7);
    assert_eq!(reader.try_recv(), Ok(7));
}

#[test]
fn a_static_is_placed_before_its_first_use_and_once() {
    static USED: PagedRing<64, 10> = PagedRing::new();
    static TWICE: PagedRing<64, 10> = PagedRing::new();
    static READ: PagedRing<64, 10> = PagedRing::new();
    let place = Place::new();
    Publisher::new(&USED).publish(b"an event", 1).unwrap();
    assert!(matches!(place!(USED, place.file()), Err(FileError::Used(_))));
    let reader = Subscriber::new(&READ);
    assert!(matches!(place!(READ, place.file()), Err(FileError::Used(_))));
    drop(reader);
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 0, "nothing was left behind");
    assert_eq!(Subscriber::new(&USED).try_recv().unwrap().bytes(), b"an event");

    place!(TWICE, place.file()).unwrap();
    let elsewhere = RingFile::at(place.0.path().join("elsewhere"));
    assert!(matches!(place!(TWICE, elsewhere), Err(FileError::Used(_))));
    // Another static of this process, or of another one that lives, is not replaced.
    assert!(matches!(place!(READ, place.file()), Err(FileError::InUse(_))));
}

#[test]
fn what_is_no_static_of_a_process_that_ended_is_not_replaced() {
    static RING: PagedRing<64, 10> = PagedRing::new();
    let place = Place::new();
    drop(place.file().create::<Bytes<64>, Many>(10).unwrap());
    assert!(matches!(place!(RING, place.file()), Err(FileError::Exists(_))));
    place.file().remove().unwrap();
    fs::write(place.file().path(), "a text").unwrap();
    assert!(matches!(place!(RING, place.file()), Err(FileError::NotARing(_))));
    fs::remove_file(place.file().path()).unwrap();
    place!(RING, place.file()).unwrap();
}

#[test]
fn what_cannot_be_placed_is_used_as_it_was() {
    static RING: PagedRing<64, 10> = PagedRing::new();
    let nowhere = RingFile::at("/nowhere/at/all");
    assert!(place!(RING, nowhere).is_err());
    let mut reader = Subscriber::new(&RING);
    Publisher::new(&RING).publish(b"an event", 1).unwrap();
    assert_eq!(reader.try_recv().unwrap().bytes(), b"an event");
}

#[test]
fn a_static_that_closes_does_so_in_its_process() {
    static RING: PagedRing<64, 10, Many, Closing> = PagedRing::closing();
    let place = Place::new();
    place!(RING, place.file()).unwrap();
    let mut own = Subscriber::join(&RING, Start::Newest);
    drop(Publisher::join(&RING).unwrap());
    assert_eq!(own.try_recv(), Err(TryRecvError::Closed));
    let ring: Ring<Bytes<64>> = place.file().open().unwrap();
    assert_eq!(Subscriber::join(ring, Start::Newest).try_recv(), Err(TryRecvError::Empty));
}

rusted_ring::pools! {
    /// Pools that are placed.
    struct Placed { xs: 20, s: 10, m: 5, l: 3, xl: 2 }
}

rusted_ring::pools! {
    /// Pools of which one is used before.
    struct UsedPools { xs: 20, s: 10, m: 5, l: 3, xl: 2 }
}

rusted_ring::pools! {
    /// Pools that meet a file in the way.
    struct Late { xs: 20, s: 10, m: 5, l: 3, xl: 32, longest: 100_000 }
}

#[test]
fn static_pools_are_placed_all_together() {
    let place = Place::new();
    // SAFETY: of each in this test: it alone has the pools and the files, and no test forks.
    unsafe { place_pools(&Placed, &place.pools()) }.unwrap();
    for (len, pool) in [(10, PoolId::XS), (100, PoolId::S), (1000, PoolId::M), (4000, PoolId::L), (10_000, PoolId::XL)]
    {
        assert_eq!(Placed.emit(&vec![7; len], 1).unwrap().0, pool);
        assert_eq!(place.pools().file(pool).observe_any().unwrap().claimed().get(), 1);
    }
    let others = place.pools().open::<XL_TSHIRT_SIZE, ()>().unwrap();
    others.emit(b"from elsewhere", 1).unwrap();
    let mut reader = Subscriber::join(Placed.xs(), Start::Oldest);
    assert_eq!(reader.try_recv().unwrap().bytes(), [7; 10]);
    assert_eq!(reader.try_recv().unwrap().bytes(), b"from elsewhere");

    let used = PoolFiles::at(place.0.path().join("used"));
    UsedPools.emit(&[7; 2000], 1).unwrap();
    // SAFETY: as above.
    assert!(matches!(unsafe { place_pools(&UsedPools, &used) }, Err(FileError::Used(_))));
    let late = PoolFiles::at(place.0.path().join("late"));
    drop(late.file(PoolId::M).create::<Bytes<8>, Many>(10).unwrap());
    // SAFETY: as above.
    assert!(matches!(unsafe { place_pools(&Late, &late) }, Err(FileError::Exists(_))));
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 5 + 1);
    late.file(PoolId::M).remove().unwrap();
    // SAFETY: as above.
    unsafe { place_pools(&Late, &late) }.unwrap();
    assert_eq!(Late.emit(&[7; 90_000], 1).unwrap().0, PoolId::XL);
}
