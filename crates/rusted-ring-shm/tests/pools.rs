//! Pool sets in files: made, found, refused, removed, and used as pool sets of one process are.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt,
    sync::atomic::AtomicU8,
    thread,
};

use rusted_ring::{
    Bytes, Capacities, Consumer, Notes, PoolSet, Publisher, Start, Subscriber,
    pool::{AutoSizedEvent, EmitError, EventUtils, PoolId, SystemHealth, XL_TSHIRT_SIZE},
    publisher::PublishError,
};
use rusted_ring_shm::{DIRECTORY, FileError, PREFIX, PoolFiles, Pools, Ring, list_in, trust_pools};

const FEW: Capacities = Capacities { xs: 4, s: 4, m: 4, l: 4, xl: 4 };

/// A directory of its own, which goes with the test.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    fn files(&self) -> PoolFiles {
        PoolFiles::at(self.0.path().join("set"))
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

const ALL: [&str; 5] = ["set.l", "set.m", "set.s", "set.xl", "set.xs"];

#[test]
fn an_event_goes_into_the_smallest_pool_that_holds_it_in_every_process() {
    let place = Place::new();
    let pools: Pools = place.files().create(FEW).unwrap();
    let others: Pools = place.files().open().unwrap();
    let mut stores = (
        Consumer::join(others.xs(), Start::Newest).unwrap(),
        Consumer::join(others.s(), Start::Newest).unwrap(),
        Consumer::join(others.m(), Start::Newest).unwrap(),
        Consumer::join(others.l(), Start::Newest).unwrap(),
        Consumer::join(others.xl(), Start::Newest).unwrap(),
    );
    for (len, pool) in [(0, PoolId::XS), (65, PoolId::S), (1024, PoolId::M), (1025, PoolId::L), (16384, PoolId::XL)] {
        let data = vec![len as u8; len];
        assert_eq!(pools.emit(&data, 3).unwrap().0, pool);
        match pool {
            PoolId::XS => assert_eq!(stores.0.try_copy().unwrap().bytes(), data),
            PoolId::S => assert_eq!(stores.1.try_copy().unwrap().bytes(), data),
            PoolId::M => assert_eq!(stores.2.try_copy().unwrap().bytes(), data),
            PoolId::L => assert_eq!(stores.3.try_copy().unwrap().bytes(), data),
            PoolId::XL => assert_eq!(stores.4.try_copy().unwrap().bytes(), data),
        }
    }
    assert!(matches!(pools.emit(&[0; XL_TSHIRT_SIZE + 1], 3), Err(PublishError::TooLarge(_))));
    assert_eq!(pools.stats().map(|stats| stats.capacity), [4; 5]);
    assert_eq!(SystemHealth::of(&pools.stats()), SystemHealth::Excellent);
}

#[test]
fn a_full_pool_names_who_blocks_it_and_the_old_way_to_emit_says_so_too() {
    let place = Place::new();
    let pools: Pools = place.files().create(FEW).unwrap();
    let _archive = Consumer::join(pools.xs(), Start::Newest).unwrap().named("archive");
    let event = EventUtils::create_auto_sized_event(b"a stroke", 1).unwrap();
    assert!(matches!(event, AutoSizedEvent::Xs(_)));
    for _ in 0..4 {
        event.emit_to(&pools).unwrap();
    }
    let Err(PublishError::Full(full)) = pools.emit(b"a stroke", 1) else { panic!("it is full") };
    assert_eq!(full.blocker.unwrap().name.as_str(), "archive");
    assert_eq!(event.emit_to(&pools), Err(EmitError::RingFull(PoolId::XS)));
    assert_eq!(pools.stats_of(PoolId::XS).current_backpressure, 1.0);
}

#[test]
fn a_set_for_longer_events_and_one_with_notes_are_opened_as_these_alone() {
    let place = Place::new();
    let long: Pools<100_000> = place.files().create(Capacities { xl: 32, ..FEW }).unwrap();
    let mut reader = Subscriber::join(long.xl(), Start::Newest);
    assert_eq!(long.emit(&[7; 100_000], 1).unwrap().0, PoolId::XL);
    assert_eq!(reader.try_recv().unwrap().bytes(), [7; 100_000]);
    let what = |refused| match refused {
        FileError::Mismatch { what, .. } => what,
        other => panic!("{other}"),
    };
    assert_eq!(what(place.files().open::<XL_TSHIRT_SIZE, ()>().unwrap_err()), "longest event");
    assert_eq!(what(place.files().open::<XL_TSHIRT_SIZE, AtomicU8>().unwrap_err()), "type");
    assert_eq!(what(place.files().open_or_create::<100_000, ()>(FEW).unwrap_err()), "capacity");

    let noted = PoolFiles::at(place.0.path().join("noted"));
    let pools = noted.create::<XL_TSHIRT_SIZE, AtomicU8>(FEW).unwrap();
    fn is_noted<A: Notes>(_: &impl PoolSet<Notes = A>) {}
    is_noted::<AtomicU8>(&pools);
}

#[test]
fn pools_of_trusted_processes_lend() {
    let place = Place::new();
    // SAFETY: this process alone has the files.
    let pools = unsafe { trust_pools(place.files().create::<XL_TSHIRT_SIZE, ()>(FEW).unwrap()) };
    let mut store = Consumer::join(pools.m(), Start::Newest).unwrap();
    pools.emit(&[7; 1000], 1).unwrap();
    assert_eq!(*store.try_recv().unwrap(), [7; 1000]);
}

#[test]
fn each_pool_is_a_ring_that_tools_find_by_its_name() {
    let place = Place::new();
    let pools: Pools = place.files().for_group().create(FEW).unwrap();
    let rings = list_in(place.0.path()).unwrap();
    assert_eq!(place.names(), ALL);
    let sets: Vec<_> = rings.iter().map(|ring| ring.properties.as_ref().unwrap().set).collect();
    assert!(sets[0].is_some() && sets.iter().all(|set| *set == sets[0]));
    let file = place.files().file(PoolId::S).clone().for_group();
    let ring: Ring<Bytes<256>> = file.open().unwrap();
    Publisher::join(ring).unwrap().publish(b"by hand", 1).unwrap();
    assert_eq!(Subscriber::join(pools.s(), Start::Oldest).try_recv().unwrap().bytes(), b"by hand");
    assert_eq!(file.observe_any().unwrap().claimed().get(), 1);
}

#[test]
fn a_named_set_is_in_memory() {
    let name = format!("test-pools.{}", std::process::id());
    let files = PoolFiles::named(&name).unwrap();
    assert_eq!(files.file(PoolId::L).path().to_str().unwrap(), format!("{DIRECTORY}/{PREFIX}{name}.l"));
    let pools: Pools = files.create(FEW).unwrap();
    files.remove().unwrap();
    assert!(matches!(files.open::<XL_TSHIRT_SIZE, ()>(), Err(FileError::NotFound(_))));
    pools.emit(b"is kept by those that have it", 1).unwrap();
    for name in ["", ".hidden", "a/b", &"x".repeat(199)] {
        assert!(matches!(PoolFiles::named(name), Err(FileError::Name(_))), "{name:?}");
    }
}

#[test]
fn a_set_is_created_whole_or_nothing_is_left() {
    let place = Place::new();
    let first: Pools = place.files().create(FEW).unwrap();
    assert!(matches!(place.files().create::<XL_TSHIRT_SIZE, ()>(FEW), Err(FileError::Exists(_))));
    let second: Pools = place.files().open_or_create(FEW).unwrap();
    assert_eq!(first.xs().peers().identity(), second.xs().peers().identity());
    assert_eq!(place.names(), ALL);
    place.files().remove().unwrap();
    assert!(matches!(place.files().remove(), Err(FileError::NotFound(_))));

    // A ring of somebody else's has the name of a pool: it stays, and nothing else does.
    for pool in PoolId::ALL {
        let ring: Ring<Bytes<8>> = place.files().file(pool).create(8).unwrap();
        assert!(matches!(place.files().create::<XL_TSHIRT_SIZE, ()>(FEW), Err(FileError::Exists(_))), "{pool:?}");
        assert!(place.files().open::<XL_TSHIRT_SIZE, ()>().is_err());
        assert!(place.files().remove().is_err());
        assert_eq!(place.names().len(), 1, "{pool:?}");
        assert!(ring.peers().has_name(place.files().file(pool)));
        place.files().file(pool).remove().unwrap();
    }
    // There is no room for the last of them.
    let many = Capacities { xl: 1 << 32, ..FEW };
    let files = PoolFiles::named(&format!("test-no-room-{}", std::process::id())).unwrap();
    assert!(matches!(files.create::<XL_TSHIRT_SIZE, ()>(many), Err(FileError::NoSpace { .. })));
    assert!(PoolId::ALL.iter().all(|pool| !files.file(*pool).path().exists()));
    let none = Capacities { m: 0, ..FEW };
    assert!(matches!(place.files().create::<XL_TSHIRT_SIZE, ()>(none), Err(FileError::Slots(_))));
    assert!(place.names().is_empty());
}

#[test]
fn what_was_left_of_a_set_is_no_set_and_is_removed_by_the_next_that_creates_it() {
    // What a creator leaves that is killed after so many names, and a remover: names are taken away in the other order.
    for left in 1..5 {
        let place = Place::new();
        drop(place.files().create::<XL_TSHIRT_SIZE, ()>(FEW).unwrap());
        for pool in &PoolId::ALL[left..] {
            place.files().file(*pool).remove().unwrap();
        }
        assert!(matches!(place.files().open::<XL_TSHIRT_SIZE, ()>(), Err(FileError::NotFound(_))));
        let pools: Pools = place.files().open_or_create(FEW).unwrap();
        pools.emit(b"works", 1).unwrap();
        assert_eq!(place.names(), ALL);
        // Removed as it is, too.
        place.files().file(PoolId::XL).remove().unwrap();
        place.files().remove().unwrap();
        assert!(place.names().is_empty());
    }
    // What a hand leaves that removes one of them.
    for gone in PoolId::ALL {
        let place = Place::new();
        drop(place.files().create::<XL_TSHIRT_SIZE, ()>(FEW).unwrap());
        place.files().file(gone).remove().unwrap();
        let _: Pools = place.files().create(FEW).unwrap();
        place.files().file(gone).remove().unwrap();
        place.files().remove().unwrap();
        assert!(place.names().is_empty(), "{gone:?}");
    }
}

#[test]
fn a_pool_of_another_set_is_not_opened_with_the_others() {
    let place = Place::new();
    let other = PoolFiles::at(place.0.path().join("other"));
    for files in [&place.files(), &other] {
        drop(files.create::<XL_TSHIRT_SIZE, ()>(FEW).unwrap());
    }
    fs::rename(other.file(PoolId::L).path(), place.files().file(PoolId::L).path()).unwrap();
    let refused = place.files().open::<XL_TSHIRT_SIZE, ()>().unwrap_err();
    assert!(matches!(refused, FileError::Mismatch { what: "set", .. }), "{refused}");
    // It is what is left of two sets, and so none: who creates one clears it.
    let pools = place.files().open_or_create::<XL_TSHIRT_SIZE, ()>(FEW).unwrap();
    assert!(pools.emit(&[0; 3000], 1).is_ok());
    assert_eq!(place.names().len(), 5 + 4);
}

#[test]
fn damaged_pools_are_removed() {
    let place = Place::new();
    for pool in PoolId::ALL {
        drop(place.files().create::<XL_TSHIRT_SIZE, ()>(FEW).unwrap());
        let path = place.files().file(pool).path().to_owned();
        let mut bytes = fs::read(&path).unwrap();
        bytes[490] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(matches!(place.files().open::<XL_TSHIRT_SIZE, ()>(), Err(FileError::Damaged(_))), "{pool:?}");
        assert!(place.files().create::<XL_TSHIRT_SIZE, ()>(FEW).is_err());
        place.files().remove().unwrap();
        assert!(place.names().is_empty(), "{pool:?}: {:?}", place.names());
    }
}

#[test]
fn a_set_in_use_is_not_removed_as_unused() {
    let place = Place::new();
    let pools: Pools = place.files().create(FEW).unwrap();
    assert!(matches!(place.files().remove_unused(), Err(FileError::InUse(_))));
    let last = pools.m();
    drop(pools);
    assert!(matches!(place.files().remove_unused(), Err(FileError::InUse(_))));
    assert_eq!(place.names(), ALL, "nothing of it was removed");
    drop(last);
    place.files().remove_unused().unwrap();
    assert!(place.names().is_empty());
    assert!(matches!(place.files().remove_unused(), Err(FileError::NotFound(_))));
}

#[test]
fn threads_that_create_and_remove_a_set_at_once_never_have_a_part_of_one() {
    let place = Place::new();
    thread::scope(|scope| {
        for n in 0..3 {
            let files = place.files();
            scope.spawn(move || {
                for round in 0..40 {
                    match files.open_or_create::<XL_TSHIRT_SIZE, ()>(FEW) {
                        Ok(pools) => assert!(pools.emit(&[0; 5000], 1).is_ok()),
                        Err(FileError::NotFound(_) | FileError::Exists(_)) => {}
                        Err(error) => panic!("{error}"),
                    }
                    if round % 3 == n {
                        let _ = files.remove();
                    }
                }
            });
        }
    });
    let _ = place.files().remove();
    assert!(place.names().is_empty(), "{:?}", place.names());
}

#[test]
fn a_pool_whose_words_cannot_be_is_corrupt_and_the_others_are_not() {
    let place = Place::new();
    let pools: Pools = place.files().create(FEW).unwrap();
    let file = OpenOptions::new().write(true).open(place.files().file(PoolId::XS).path()).unwrap();
    file.write_all_at(&u64::MAX.to_le_bytes(), 4096).unwrap();
    assert!(matches!(pools.emit(b"an event", 1), Err(PublishError::Corrupt(_))));
    pools.emit(&[7; 100], 1).unwrap();
}
