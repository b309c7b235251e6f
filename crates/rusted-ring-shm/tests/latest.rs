//! Latest-value cells in files: made, found, refused, removed; and what a writer leaves that ended anywhere in an update.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::FileExt,
};

use rusted_ring::{
    Corrupt, Incident, Typed,
    latest::{LatestJoinError, LatestPlaceError, Versioned},
};
use rusted_ring_shm::{FileError, LatestFile, Ring, RingFile, SharedLatest, list_in};

/// A directory of its own, which goes with the test.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> LatestFile {
        LatestFile::at(self.0.path().join("cells"))
    }

    /// The file, to write into it what a process may.
    fn written(&self) -> Words {
        Words(OpenOptions::new().read(true).write(true).open(self.file().path()).unwrap())
    }
}

type Value = [u64; 5];
const KEYS: usize = 3;
const READERS: usize = 2;

/// A value of which every word tells `number`.
fn of(number: u64) -> Value {
    core::array::from_fn(|index| number * 10 + index as u64)
}

/// The words of a file of cells for [`KEYS`] and [`READERS`], of [`Value`]s, by their place.
struct Words(File);

const TAKEN: u64 = 4096;
const UPDATES: u64 = 4096 + 8;
const fn version(key: u64) -> u64 {
    4096 + 64 * (1 + key)
}
const fn slot(key: u64) -> u64 {
    version(key) + 8
}
const fn reader(index: u64) -> u64 {
    4096 + 64 * (1 + KEYS as u64 + index)
}
const fn value(slot: u64) -> u64 {
    reader(READERS as u64) + 64 * slot
}
const fn stamp(slot: u64) -> u64 {
    value(slot) + 40
}

impl Words {
    fn write(&self, at: u64, word: u64) {
        self.0.write_all_at(&word.to_ne_bytes(), at).unwrap();
    }

    fn read(&self, at: u64) -> u64 {
        let mut word = [0; 8];
        self.0.read_exact_at(&mut word, at).unwrap();
        u64::from_ne_bytes(word)
    }
}

#[test]
fn who_opens_the_cells_has_the_values_that_were_written() {
    let place = Place::new();
    let created: SharedLatest<Value> = place.file().create(KEYS, READERS).unwrap();
    let opened: SharedLatest<Value> = place.file().open().unwrap();
    assert_eq!((created.keys(), opened.keys()), (KEYS, KEYS));
    let (mut writer, mut reader) = (created.writer().unwrap(), opened.reader().unwrap());
    assert_eq!(reader.get(1), Ok(None));
    for n in 1..100 {
        assert_eq!(writer.update((n % 3) as usize, &of(n)), n);
        let now = reader.get((n % 3) as usize).unwrap().unwrap();
        assert_eq!(now, Versioned { value: of(n), version: n });
        assert_eq!(reader.newer((n % 3) as usize, n), Ok(None));
    }
    let properties = place.file().properties().unwrap();
    assert_eq!((properties.keys, properties.readers, properties.value_bytes), (3, 2, 40));
    assert_eq!(properties.value, "[u64; 5]");
    assert_eq!(fs::metadata(place.file().path()).unwrap().len(), properties.bytes);
    assert_eq!(properties.bytes, value((KEYS + 2 * READERS + 2) as u64), "the layout is that of its version");
}

#[test]
fn there_is_one_writer_and_as_many_readers_as_were_asked_for_in_all_handles() {
    let place = Place::new();
    let one: SharedLatest<Value> = place.file().create(KEYS, READERS).unwrap();
    let other: SharedLatest<Value> = place.file().open().unwrap();
    let writer = one.writer().unwrap();
    assert_eq!(one.writer().unwrap_err(), LatestJoinError::Occupied);
    assert_eq!(other.writer().unwrap_err(), LatestJoinError::Occupied);
    drop(writer);
    let _writer = other.writer().unwrap();
    let readers = [one.reader().unwrap(), other.reader().unwrap()];
    assert_eq!(one.reader().unwrap_err(), LatestJoinError::TooManyReaders { readers: 2 });
    drop(readers);
    let _readers = [other.reader().unwrap(), other.reader().unwrap()];
    assert_eq!(one.peers().noted(), [], "nobody was taken for dead");
}

#[test]
fn cells_are_opened_as_what_they_are_alone() {
    let place = Place::new();
    assert!(matches!(place.file().open::<Value>(), Err(FileError::NotFound(_))));
    let _: SharedLatest<Value> = place.file().create(KEYS, READERS).unwrap();
    assert!(matches!(place.file().create::<Value>(KEYS, READERS), Err(FileError::Exists(_))));
    let what = |refused: Result<_, FileError>| match refused {
        Err(FileError::Mismatch { what, .. }) => what,
        other => panic!("{:?}", other.map(|_: ()| ())),
    };
    assert_eq!(what(place.file().open::<[i64; 5]>().map(drop)), "type");
    assert_eq!(what(place.file().open_or_create::<Value>(4, READERS).map(drop)), "number of keys");
    assert_eq!(what(place.file().open_or_create::<Value>(KEYS, 1).map(drop)), "number of readers");
    place.file().open_or_create::<Value>(KEYS, READERS).unwrap();
    // A ring is no cells, and cells are no ring, for whoever looks.
    let as_ring = RingFile::at(place.file().path());
    assert!(matches!(as_ring.open::<Typed<Value>, rusted_ring::Sole>(), Err(FileError::NotARing(_))));
    assert!(matches!(as_ring.observe_any(), Err(FileError::NotARing(_))));
    assert!(matches!(as_ring.remove(), Err(FileError::NotARing(_))));
    assert!(list_in(place.0.path()).unwrap().is_empty());
    let ring = place.0.path().join("ring");
    let _: Ring<Typed<Value>> = RingFile::at(&ring).create(8).unwrap();
    assert!(matches!(LatestFile::at(&ring).open::<Value>(), Err(FileError::NotLatest(_))));
    assert!(matches!(LatestFile::at(&ring).remove(), Err(FileError::NotLatest(_))));

    let none = |keys, readers| match place.file().create::<Value>(keys, readers).unwrap_err() {
        FileError::Latest(error) => error,
        other => panic!("{other}"),
    };
    assert_eq!(none(0, 1), LatestPlaceError::NoKeys);
    assert_eq!(none(1, 65), LatestPlaceError::TooManyReaders { asked: 65 });
    assert_eq!(none(usize::MAX / 64, 1), LatestPlaceError::TooLarge);
}

#[test]
fn cells_in_use_are_not_removed_as_unused_and_are_kept_by_those_that_have_them() {
    let place = Place::new();
    let cells: SharedLatest<Value> = place.file().create(KEYS, READERS).unwrap();
    assert!(matches!(place.file().remove_unused(), Err(FileError::InUse(_))));
    place.file().remove().unwrap();
    cells.writer().unwrap().update(0, &of(1));
    assert_eq!(cells.reader().unwrap().get(0).unwrap().unwrap().value, of(1));
    drop(place.file().create::<Value>(KEYS, READERS).unwrap());
    place.file().remove_unused().unwrap();
}

/// The steps of an update of key 0 by a writer that ends after it: the words that it has written by then.
#[test]
fn wherever_in_an_update_a_writer_ended_nobody_sees_a_part_and_the_next_goes_on() {
    for steps in 0..=7 {
        let place = Place::new();
        let cells: SharedLatest<Value> = place.file().create(KEYS, READERS).unwrap();
        let mut reader = cells.reader().unwrap();
        let mut writer = cells.writer().unwrap();
        for n in 1..=6 {
            writer.update((n % 3) as usize, &of(n));
        }
        drop(writer);
        let words = place.written();
        words.write(TAKEN, 1);
        // The last spare of a rebuilt circle, and the key's own slot.
        let has: Vec<u64> = (0..3).map(|key| words.read(slot(key))).collect();
        let spare = (0..(KEYS + 2 * READERS + 2) as u64).rfind(|slot| !has.contains(slot)).unwrap();
        let update = [
            (UPDATES, 7),
            (stamp(spare), 0),
            (value(spare), of(7)[0]),
            (value(spare) + 8, of(7)[1]),
            (stamp(spare), 7),
            (slot(0), spare),
            (version(0), 7),
        ];
        for (at, word) in &update[..steps] {
            words.write(*at, *word);
            if *at == stamp(spare) && *word == 7 {
                (2..5).for_each(|index| words.write(value(spare) + 8 * index, of(7)[index as usize]));
            }
        }
        let is_shown = steps >= 6;
        let expected = if is_shown { 7 } else { 6 };
        // Behind the version that is shown, there is the newer one already.
        for _ in 0..2 {
            assert_eq!(reader.get(0).unwrap().unwrap(), Versioned { value: of(expected), version: expected });
        }
        let mut second = cells.writer().unwrap();
        assert_eq!(cells.peers().noted()[0].incident, Incident::DeadPublisher);
        assert_eq!(reader.get(0).unwrap().unwrap().version, expected);
        for n in 1..40 {
            let version = second.update((n % 3) as usize, &of(n));
            assert!(version >= 7 + u64::from(steps > 0));
            assert_eq!(reader.get((n % 3) as usize).unwrap().unwrap(), Versioned { value: of(n), version });
        }
        let slots: std::collections::HashSet<u64> = (0..3).map(|key| words.read(slot(key))).collect();
        assert_eq!(slots.len(), KEYS, "each key has its own");
    }
}

#[test]
fn what_dead_readers_hold_is_freed_by_whoever_opens_the_cells() {
    let place = Place::new();
    let cells: SharedLatest<Value> = place.file().create(KEYS, READERS).unwrap();
    cells.writer().unwrap().update(0, &of(1));
    let words = place.written();
    // One held slot 0, one was choosing for key 0.
    words.write(reader(0), 3);
    words.write(reader(1), 2);
    let mut writer = cells.writer().unwrap();
    for n in 2..50 {
        writer.update(0, &of(n));
    }
    drop(place.file().open::<Value>().unwrap());
    assert_eq!((words.read(reader(0)), words.read(reader(1))), (0, 0));
    let dead = cells.peers().noted().into_iter().find(|noted| noted.incident == Incident::DeadReader).unwrap();
    assert_eq!(dead.count, 2);
    // And without that, by the next that joins.
    words.write(reader(0), 3);
    let mut readers = [cells.reader().unwrap(), cells.reader().unwrap()];
    assert_eq!(readers.each_mut().map(|reader| reader.get(0).unwrap().unwrap().value), [of(49); 2]);
}

#[test]
fn a_word_that_cannot_be_is_corrupt() {
    let place = Place::new();
    let cells: SharedLatest<Value> = place.file().create(KEYS, READERS).unwrap();
    let mut writer = cells.writer().unwrap();
    writer.update(0, &of(1));
    let mut first = cells.reader().unwrap();
    let words = place.written();
    for junk in [9, u64::MAX, 1 << 63] {
        words.write(slot(0), junk);
        assert!(matches!(first.get(0), Err(Corrupt { found, .. }) if found == junk), "{junk}");
    }
    assert!(first.get(0).unwrap_err().to_string().starts_with("the latest-value cells are corrupt"));
    // The writer goes by its own books, and what it writes is right again.
    writer.update(0, &of(2));
    assert_eq!(first.get(0).unwrap().unwrap().value, of(2));
    // A reader's word keeps no writer from anything.
    for junk in [u64::MAX, u64::MAX - 1, 1001, 1002] {
        words.write(reader(1), junk);
        (0..20).for_each(|_| _ = writer.update(1, &of(3)));
    }
    // The slot of another key.
    words.write(slot(0), words.read(slot(1)));
    drop(writer);
    assert!(matches!(cells.writer(), Err(LatestJoinError::Corrupt(_))));
    words.write(slot(0), 77);
    assert!(matches!(cells.writer(), Err(LatestJoinError::Corrupt(Corrupt { found: 77, .. }))));
}

#[test]
fn no_word_whatever_is_in_it_makes_anybody_panic_or_wait() {
    let place = Place::new();
    let cells: SharedLatest<Value> = place.file().create(KEYS, READERS).unwrap();
    let mut writer = cells.writer().unwrap();
    (0..9).for_each(|n| _ = writer.update(n % 3, &of(n as u64)));
    let whole = fs::read(place.file().path()).unwrap();
    let words = place.written();
    let mut reader = Some(cells.reader().unwrap());
    let mut writer = Some(writer);
    for at in (4096..whole.len() as u64).step_by(8) {
        let random = (at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for junk in [0, 1, 2, 9, u64::MAX, 1 << 63, (1 << 62) - 2, (1 << 62) - 1, random] {
            words.0.write_all_at(&whole[4096..], 4096).unwrap();
            words.write(at, junk);
            if at % 16 == 0 {
                drop((reader.take(), writer.take()));
                (reader, writer) = (cells.reader().ok(), cells.writer().ok());
            }
            for n in 0..12 {
                let _ = reader.as_mut().map(|reader| (reader.get(n % 3).is_ok(), reader.newer(n % 3, 5).is_ok()));
                let _ = writer.as_mut().map(|writer| writer.update(n % 3, &of(n as u64)));
            }
        }
    }
}
