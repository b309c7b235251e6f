//! Rings' files: made, found, refused, removed.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    os::unix::{
        ffi::OsStrExt,
        fs::{FileExt, PermissionsExt, symlink},
        net::UnixListener,
    },
    path::PathBuf,
};

use rusted_ring::{
    Bytes, Consumer, JoinError, Lease, Many, Peers, PlaceError, Publisher, Sole, SolePublisher, Start, Subscriber,
    Typed, ledger::Ledger,
};
use rusted_ring_shm::{DIRECTORY, FileError, PREFIX, Ring, RingFile, list, list_in};

/// A directory of its own, which goes with the test.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str) -> RingFile {
        RingFile::at(self.path(name))
    }
}

type Small = Ring<Bytes<64>>;

#[test]
fn who_opens_a_ring_has_the_ring_that_was_created() {
    let place = Place::new();
    let file = place.file("ring");
    let created: Small = file.create(16).unwrap();
    let opened: Small = file.open().unwrap();
    assert_eq!(created.peers().identity(), opened.peers().identity());
    let mut reader = Subscriber::join(opened, Start::Newest);
    Publisher::join(created.clone()).unwrap().publish(b"a stroke", 1).unwrap();
    assert_eq!(reader.try_recv().unwrap().bytes(), b"a stroke");
    // A ring does not close because its publishers have gone.
    assert_eq!(reader.try_recv().unwrap_err(), rusted_ring::subscriber::TryRecvError::Empty);
    let properties = file.properties().unwrap();
    assert_eq!((properties.capacity, properties.many, properties.longest), (16, true, 64));
    assert_eq!(fs::metadata(file.path()).unwrap().len(), properties.bytes);
}

#[test]
fn a_ring_is_not_created_over_another_file() {
    let place = Place::new();
    let file = place.file("ring");
    let first: Small = file.create(16).unwrap();
    assert!(matches!(file.create::<Bytes<64>, Many>(16), Err(FileError::Exists(_))));
    fs::write(place.path("text"), "a text").unwrap();
    assert!(matches!(place.file("text").create::<Bytes<64>, Many>(16), Err(FileError::Exists(_))));
    assert_eq!(fs::read(place.path("text")).unwrap(), b"a text");
    let second: Small = file.open_or_create(16).unwrap();
    assert_eq!(first.peers().identity(), second.peers().identity());
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 2, "nothing is left of the refused");
}

#[test]
fn a_ring_is_opened_as_what_it_is_alone() {
    let place = Place::new();
    let file = place.file("ring");
    assert!(matches!(file.open::<Bytes<64>, Many>(), Err(FileError::NotFound(_))));
    let _: Small = file.create(16).unwrap();
    let what = |error| match error {
        FileError::Mismatch { what, .. } => what,
        other => panic!("{other}"),
    };
    assert_eq!(what(file.open::<Bytes<64>, Sole>().unwrap_err()), "mode");
    assert_eq!(what(file.open::<Bytes<128>, Many>().unwrap_err()), "slot size");
    assert_eq!(what(file.open::<Typed<[u8; 64]>, Many>().unwrap_err()), "content");
    assert_eq!(what(file.observe::<Bytes<64>, Sole>().unwrap_err()), "mode");
    assert_eq!(what(file.open_or_create::<Bytes<64>, Many>(17).unwrap_err()), "capacity");
    let none = file.create::<Bytes<64>, Many>(0);
    assert!(matches!(none, Err(FileError::Slots(PlaceError::NoSlots))));
}

#[test]
fn its_owner_alone_may_use_a_file_or_its_group_and_nobody_may_execute_it() {
    let place = Place::new();
    let _: Small = place.file("own").create(16).unwrap();
    let _: Small = place.file("group").for_group().create(16).unwrap();
    let mode = |name| fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("own"), mode("group")), (0o600, 0o660));
}

#[test]
fn what_another_user_may_have_put_there_is_not_joined_unasked() {
    let place = Place::new();
    let file = place.file("ring");
    drop(file.create::<Bytes<64>, Many>(16).unwrap());
    let permit = |mode| fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
    permit(0o606);
    for file in [file.clone(), file.clone().for_group()] {
        let refused = file.open::<Bytes<64>, Many>().unwrap_err();
        assert!(matches!(refused, FileError::Foreign { mode, .. } if mode & 0o777 == 0o606), "{refused}");
        assert!(file.observe::<Bytes<64>, Many>().is_ok(), "a look does no harm");
    }
}

#[test]
fn what_there_is_no_room_for_is_an_error_and_leaves_nothing() {
    // On a file system in memory, which says at once that it has not so much.
    let file = RingFile::named(&format!("test-no-room-{}", std::process::id())).unwrap();
    let refused = file.create::<Bytes<1024>, Many>(1 << 34);
    assert!(matches!(refused, Err(FileError::NoSpace { needed: 1.., .. })), "{refused:?}");
    assert!(refused.unwrap_err().to_string().contains("--shm-size"));
    assert!(!file.path().exists());
}

#[test]
fn a_file_with_holes_is_refused_for_a_full_disk_would_end_its_users() {
    let place = Place::new();
    let file = place.file("ring");
    drop(file.create::<Bytes<64>, Many>(1000).unwrap());
    let bytes = fs::read(file.path()).unwrap();
    let sparse = File::create(place.path("sparse")).unwrap();
    sparse.write_all_at(&bytes[..4096], 0).unwrap();
    sparse.set_len(bytes.len() as u64).unwrap();
    let sparse = place.file("sparse");
    for refused in [sparse.open::<Bytes<64>, Many>().err(), sparse.observe_any().err(), sparse.properties().err()] {
        let needed = bytes.len() as u64;
        assert!(matches!(refused, Some(FileError::Sparse { needed: n, .. }) if n == needed), "{refused:?}");
    }
    // A copy that is whole is a ring.
    fs::write(sparse.path(), &bytes).unwrap();
    sparse.open::<Bytes<64>, Many>().unwrap();
    sparse.remove().unwrap();
}

#[test]
fn a_symbolic_link_is_refused_as_what_it_is() {
    let place = Place::new();
    drop(place.file("ring").create::<Bytes<64>, Many>(16).unwrap());
    symlink(place.path("ring"), place.path("link")).unwrap();
    assert!(matches!(place.file("link").open::<Bytes<64>, Many>(), Err(FileError::Link(_))));
    assert!(matches!(place.file("link").remove(), Err(FileError::Link(_))));
}

/// Removes a ring, whatever becomes of the test.
struct Removed(RingFile);

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.0.path());
    }
}

#[test]
fn a_named_ring_is_in_memory_and_is_listed_until_it_is_removed() {
    let name = format!("test-named-{}", std::process::id());
    let file = RingFile::named(&name).unwrap();
    let removed = Removed(file.clone());
    assert_eq!(file.path().to_str().unwrap(), format!("{DIRECTORY}/{PREFIX}{name}"));
    let ring: Small = file.create(16).unwrap();
    let listed = |file: &RingFile| list().unwrap().into_iter().find(|ring| ring.file.path() == file.path());
    assert_eq!(listed(&file).unwrap().properties.unwrap().identity, ring.peers().identity());
    file.remove().unwrap();
    assert!(listed(&file).is_none());
    assert!(matches!(file.remove(), Err(FileError::NotFound(_))));
    drop(removed);
    for name in ["", ".", ".hidden", "a/b", "a\0b", "ü", &"x".repeat(201)] {
        assert!(matches!(RingFile::named(name), Err(FileError::Name(_))), "{name:?}");
    }
}

#[test]
fn what_is_no_ring_is_not_listed_nor_opened_nor_removed() {
    let place = Place::new();
    let _: Small = place.file("b-ring").create(16).unwrap();
    let _: Ring<Typed<u64>, Sole> = place.file("a-ring").create(16).unwrap();
    fs::write(place.path("text"), "no ring").unwrap();
    fs::write(place.path("long text"), [b'x'; 10_000]).unwrap();
    fs::write(place.0.path().join(OsStr::from_bytes(b"\xff\xfe")), [0; 5000]).unwrap();
    fs::create_dir(place.path("directory")).unwrap();
    symlink(place.path("b-ring"), place.path("link")).unwrap();
    symlink(place.path("nowhere"), place.path("dangling")).unwrap();
    let _socket = UnixListener::bind(place.path("socket")).unwrap();
    // Of another version, and damaged: these are rings all the same.
    fs::copy(place.path("b-ring"), place.path("c-version")).unwrap();
    OpenOptions::new().write(true).open(place.path("c-version")).unwrap().write_all_at(&[9], 8).unwrap();
    fs::copy(place.path("b-ring"), place.path("d-damaged")).unwrap();
    OpenOptions::new().write(true).open(place.path("d-damaged")).unwrap().write_all_at(&[9], 20).unwrap();

    let rings = list_in(place.0.path()).unwrap();
    let names: Vec<_> = rings.iter().map(|ring| ring.file.path().file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["a-ring", "b-ring", "c-version", "d-damaged"]);
    assert_eq!(rings[0].properties.as_ref().unwrap().event, "u64");
    assert!(matches!(rings[2].properties, Err(FileError::Version { found: 9, .. })));
    assert!(matches!(rings[3].properties, Err(FileError::Damaged(_))));

    for name in ["text", "long text"] {
        assert!(matches!(place.file(name).open::<Bytes<64>, Many>(), Err(FileError::NotARing(_))), "{name}");
        assert!(matches!(place.file(name).remove(), Err(FileError::NotARing(_))), "{name}");
    }
    for name in ["directory", "link", "dangling", "socket"] {
        assert!(place.file(name).open::<Bytes<64>, Many>().is_err(), "{name}");
        assert!(place.file(name).remove().is_err(), "{name}");
    }
    for name in ["c-version", "d-damaged"] {
        assert!(place.file(name).open::<Bytes<64>, Many>().is_err(), "{name}");
        place.file(name).remove().unwrap();
    }
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 9);
}

#[test]
fn two_handles_of_one_process_hold_leases_of_their_own() {
    let place = Place::new();
    let file = place.file("ring");
    let one: Ring<Bytes<64>, Sole> = file.create(16).unwrap();
    let other: Ring<Bytes<64>, Sole> = file.open().unwrap();
    let publisher = SolePublisher::join(one.clone()).unwrap();
    assert_eq!(SolePublisher::join(one.clone()).unwrap_err(), JoinError::Occupied);
    assert_eq!(SolePublisher::join(other.clone()).unwrap_err(), JoinError::Occupied);
    drop(publisher);
    assert!(SolePublisher::join(other.clone()).is_ok());
    let readers: Vec<_> =
        (0..64).map(|n| Consumer::join([&one, &other][n % 2].clone(), Start::Newest).unwrap()).collect();
    assert_eq!(Consumer::join(one, Start::Newest).unwrap_err(), JoinError::TooManyReaders);
    assert_eq!(Ledger::of(&other).readers().count(), 64);
    drop(readers);
    assert_eq!(Ledger::of(&other).readers().count(), 0);
    assert_eq!(other.peers().holder(Lease::Reader(64)), None, "there is no such entry");
    assert!(!other.peers().hold(Lease::Reader(64)) && !other.peers().hold(Lease::Reader(usize::MAX)));
}

#[test]
fn a_mirror_has_its_sources_identity_and_sequences_and_appears_whole() {
    let place = Place::new();
    let (source, mirror) = (RingFile::at(place.path("source")), RingFile::at(place.path("mirror")));
    let identity = source.create::<Bytes<16>, Many>(8).unwrap().peers().identity();
    drop(mirror.create_mirror::<Bytes<16>>(identity, 8, 1000.into()).unwrap());
    let ring = mirror.open::<Bytes<16>, Sole>().unwrap();
    assert_eq!(ring.peers().identity(), identity);
    assert_eq!(SolePublisher::join(ring.clone()).unwrap().publish(b"event", 1).unwrap().get(), 1000);
    let mut oldest = Subscriber::join(ring, Start::Oldest);
    assert_eq!(oldest.try_recv().unwrap().bytes(), b"event");
    assert_eq!((oldest.holes(), oldest.lost()), (7, 0));
    assert!(matches!(mirror.create_mirror::<Bytes<16>>(identity, 8, 0.into()), Err(FileError::Exists(_))));
}
