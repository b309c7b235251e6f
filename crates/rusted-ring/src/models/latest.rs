//! Latest-value cells: what a reader gets is whole, of its key, and never older than what it or anybody knew before.

use std::sync::Arc;

use super::explore;
use crate::{
    latest::{Latest, LatestReader, LatestWriter, Versioned},
    sync::{AtomicU64, thread},
};

/// Twice the same, so that a torn one shows.
type Value = [u64; 2];

/// Writes the key's next value, which tells the key and the version.
fn update(writer: &mut LatestWriter<Value>, key: usize, version: u64) {
    let word = (key as u64) << 32 | version;
    assert_eq!(writer.update(key, &[word; 2]), version);
}

/// The version of what was found of `key`, which must be whole.
fn version_of(key: usize, found: Option<Versioned<Value>>) -> u64 {
    let Some(Versioned { value: [first, second], version }) = found else { return 0 };
    assert_eq!((first, second), ((key as u64) << 32 | version, first), "torn, or of another key or version");
    version
}

/// What two calls of `read` find of key 0 while its versions 2, 3 and 4 are written: as few spares as can be come round.
fn read_twice(read: fn(&mut LatestReader<Value>) -> Option<Versioned<Value>>) {
    explore(2, move || {
        let cells = Latest::<Value>::new(1, 1);
        let (mut writer, mut reader) = (cells.writer().unwrap(), cells.reader().unwrap());
        update(&mut writer, 0, 1);
        let writing = thread::spawn(move || (2..=4).for_each(|version| update(&mut writer, 0, version)));
        let first = version_of(0, read(&mut reader));
        let second = version_of(0, read(&mut reader));
        assert!(1 <= first && first <= second, "{first}, {second}");
        writing.join().unwrap();
        assert_eq!(version_of(0, reader.get(0)), 4);
    });
}

#[test]
fn a_reader_is_overtaken_while_it_copies() {
    read_twice(|reader| reader.get(0));
}

#[test]
fn a_slot_that_is_held_is_not_written() {
    read_twice(|reader| reader.hold(0).ok());
}

#[test]
fn a_slot_goes_from_key_to_key() {
    explore(2, || {
        let cells = Latest::<Value>::new(2, 1);
        let (mut writer, mut reader) = (cells.writer().unwrap(), cells.reader().unwrap());
        update(&mut writer, 0, 1);
        let writing = thread::spawn(move || {
            [(1, 2), (0, 3), (1, 4), (1, 5)].into_iter().for_each(|(key, version)| update(&mut writer, key, version));
        });
        let first = version_of(0, reader.get(0));
        assert!([1, 3].contains(&first));
        let held = version_of(0, reader.hold(0).ok());
        assert!([1, 3].contains(&held) && first <= held);
        writing.join().unwrap();
        assert_eq!([0, 1].map(|key| version_of(key, reader.get(key))), [3, 5]);
    });
}

#[test]
fn who_is_told_of_a_version_finds_it() {
    explore(2, || {
        let cells = Latest::<Value>::new(1, 2);
        let mut writer = cells.writer().unwrap();
        update(&mut writer, 0, 1);
        let (mut first, mut second) = (cells.reader().unwrap(), cells.reader().unwrap());
        let told = Arc::new(AtomicU64::new(0));
        let writing = thread::spawn(move || update(&mut writer, 0, 2));
        let tells = {
            let told = Arc::clone(&told);
            thread::spawn(move || told.store(version_of(0, first.hold(0).ok()), crate::sync::Release))
        };
        let before = version_of(0, second.get(0));
        let known = told.load(crate::sync::Acquire);
        // Nothing newer is there only if it is not known to be.
        let after = version_of(0, second.newer(0, before)).max(before);
        assert!(known <= after, "{before}, {after}, told of {known}");
        let found = version_of(0, second.get(0));
        assert!(after <= found, "{after}, {found}");
        writing.join().unwrap();
        tells.join().unwrap();
    });
}

#[test]
fn readers_follow_one_another_at_one_entry() {
    explore(2, || {
        let cells = Latest::<Value>::new(1, 1);
        let mut writer = cells.writer().unwrap();
        update(&mut writer, 0, 1);
        let writing = thread::spawn(move || (2..=4).for_each(|version| update(&mut writer, 0, version)));
        let read = || {
            let cells = cells.clone();
            // None while the other has the entry.
            move || Some(version_of(0, cells.reader().ok()?.hold(0).ok()))
        };
        let other = thread::spawn(read());
        let mine = read()();
        let other = other.join().unwrap();
        assert!(mine.is_some() || other.is_some());
        writing.join().unwrap();
    });
}

#[test]
fn writers_follow_one_another() {
    explore(2, || {
        let cells = Latest::<Value>::new(1, 1);
        let write = |word| {
            let cells = cells.clone();
            // None while there is the other.
            move || Some(cells.writer().ok()?.update(0, &[word; 2]))
        };
        let other = thread::spawn(write(7));
        let mine = write(8)();
        let mut versions: Vec<u64> = [mine, other.join().unwrap()].into_iter().flatten().collect();
        versions.sort_unstable();
        assert!(versions == [1] || versions == [1, 2], "{versions:?}");
        let found = cells.reader().unwrap().get(0).unwrap();
        assert_eq!(found.version, versions.len() as u64);
        assert!([[7; 2], [8; 2]].contains(&found.value));
    });
}
