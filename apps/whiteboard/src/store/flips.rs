//! Stores whose files are damaged, bit by bit: whatever happens to them, no acknowledged action is lost in silence.

use std::path::Path;

use super::backup::tests::all;
use super::rescue::rescue;
use super::tests::{action, compact, revisions, stroke};
use super::*;
use crate::protocol::Kind;

/// How a store was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    Closed,
    /// As a killed process leaves it.
    Killed,
    /// As its copy is.
    Copied,
}

type Files = Vec<(PathBuf, Vec<u8>)>;
/// A store's contents: table, key, value.
type Entries = Vec<(u8, Vec<u8>, Vec<u8>)>;

/// All files of a directory.
fn files(directory: &Path) -> Files {
    let entries = std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let mut files: Files = entries.map(|path| (path.clone(), std::fs::read(path).expect("read"))).collect();
    files.sort();
    files
}

fn chat(revision: u64) -> Action {
    action(Kind::Chat, revision, b"\0\0\0\0\0said")
}

/// Returns a store with this many actions of all kinds, five in a commit, left in this way; and all its contents.
fn left(home: &Path, actions: u64, left: Left) -> (PathBuf, Entries) {
    let data = home.join("data");
    let store = Store::open(&data).expect("a new store");
    let mut next = 1;
    while next <= actions {
        let batch: Vec<Action> = (next..=actions.min(next + 4))
            .map(|revision| match revision % 7 {
                0 => chat(revision),
                3 => action(Kind::Hide, revision, &(revision - 1).to_le_bytes()),
                _ => stroke(revision),
            })
            .collect();
        next += 5;
        store.commit(&batch, next / 50).expect("a commit");
    }
    let held = all(&store);
    match left {
        Left::Closed => {
            store.close().expect("closed");
            (data, held)
        }
        Left::Killed => {
            let killed = home.join("killed");
            std::fs::create_dir(&killed).expect("made");
            for (path, bytes) in files(&data) {
                std::fs::write(killed.join(path.file_name().expect("a name")), bytes).expect("written");
            }
            (killed, held)
        }
        Left::Copied => {
            let copy = home.join("copy");
            backup::copy(&store, &copy).expect("a copy");
            (copy, held)
        }
    }
}

/// How many bits of each store are flipped.
fn flips() -> usize {
    std::env::var("FLIPS").ok().and_then(|flips| flips.parse().ok()).unwrap_or(12)
}

#[test]
fn whichever_bit_of_the_file_is_flipped_all_is_there_or_it_is_refused_as_it_is() {
    let mut refused = 0;
    for (seed, (actions, how)) in [
        (21, Left::Closed),
        (21, Left::Killed),
        (21, Left::Copied),
        (500, Left::Closed),
        (500, Left::Killed),
        (500, Left::Copied),
    ]
    .into_iter()
    .enumerate()
    {
        let home = tempfile::tempdir().expect("a directory");
        let (data, held) = left(home.path(), actions, how);
        let before = files(&data);
        let file = file_in(&data);
        let whole = std::fs::read(&file).expect("read");
        let written: Vec<usize> = (0..whole.len()).filter(|&at| whole[at] != 0).collect();
        // The last write is the one that is given up.
        let newest = stroke(actions - 1).frame;
        let places = whole.windows(newest.len()).enumerate().filter(|(_, window)| *window == newest);
        let newest: Vec<usize> = places.flat_map(|(at, _)| at..at + newest.len()).collect();
        let mut random = fastrand::Rng::with_seed(seed as u64);
        // Each bit of the byte that says what is to be mended, and of the one that says the version of the database; then any, and
        // mostly where something was written.
        let mut bits: Vec<(usize, u8)> = (0..8).map(|bit| (9, bit)).chain([(64, 0), (192, 1)]).collect();
        while bits.len() < 10 + flips() {
            let at = match random.u8(..10) {
                0 => random.usize(..whole.len()),
                1 => random.usize(..320),
                2..5 => newest[random.usize(..newest.len())],
                _ => written[random.usize(..written.len())],
            };
            bits.push((at, random.u8(..8)));
        }
        for (number, (at, bit)) in bits.into_iter().enumerate() {
            let what = format!("{actions} actions, {how:?}, bit {bit} of byte {at}");
            for (path, bytes) in &before {
                std::fs::write(path, bytes).expect("written");
            }
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            std::fs::write(&file, &bytes).expect("written");
            let damaged = files(&data);
            let read = Store::open_to_read(&data).map(|store| all(&store) == held);
            assert!(files(&data) == damaged, "{what}: who reads changes nothing");
            match Store::open(&data) {
                Ok(store) => {
                    assert!(all(&store) == held, "{what}: {} of {actions} actions", store.actions());
                    assert!(matches!(read, Ok(true)), "{what}: {read:?}");
                    drop(store);
                    // It was mended, or the bit is where nothing is.
                    assert!(all(&Store::open(&data).expect("opened again")) == held, "{what}");
                }
                Err(error) => {
                    refused += 1;
                    assert!(files(&data) == damaged, "{what}: it stays as it is");
                    let error = format!("{error:#}");
                    assert!(error.contains("rescue") && read.is_err(), "{what}: {error}");
                    if number % 4 == 0 {
                        let into = home.path().join("rescued");
                        let rescued = rescue(&data, &into, |_, _| {}).expect("rescued");
                        assert!(rescued.actions + 1 >= actions, "{what}: {rescued:?}");
                        std::fs::remove_dir_all(into).expect("removed");
                    }
                }
            }
        }
    }
    assert!(refused > 10, "{refused}");
}

#[test]
fn a_bit_flipped_in_the_mark_loses_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    for how in [Left::Closed, Left::Killed] {
        let home = home.path().join(format!("{how:?}"));
        let (data, held) = left(&home, 21, how);
        let mark = mark::file_in(&data);
        for at in [0, 17, 36, 40] {
            let mut bytes = std::fs::read(&mark).expect("read");
            bytes[at] ^= 1;
            std::fs::write(&mark, bytes).expect("written");
            assert!(all(&Store::open(&data).expect("opened")) == held);
        }
    }
}

#[test]
fn a_store_that_is_closed_says_so_and_one_that_is_not_opens_with_all_that_was_acknowledged() {
    for how in [Left::Closed, Left::Killed, Left::Copied] {
        let home = tempfile::tempdir().expect("a directory");
        let (data, held) = left(home.path(), 21, how);
        let is_unclean = std::fs::read(file_in(&data)).expect("read")[9] & 2 != 0;
        assert_eq!(is_unclean, how == Left::Killed, "{how:?}");
        let before = files(&data);
        assert!(all(&Store::open_to_read(&data).expect("opened")) == held);
        assert!(files(&data) == before);
        assert!(all(&Store::open(&data).expect("opened")) == held);
    }
}

#[test]
fn a_store_that_is_behind_what_was_acknowledged_is_refused_as_it_is_and_opens_when_its_user_says_so() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    store.commit(&[stroke(1)], 0).expect("a commit");
    store.close().expect("closed");
    let early = std::fs::read(file_in(home.path())).expect("read");
    drop(store);
    let store = Store::open(home.path()).expect("opened");
    store.commit(&[stroke(2), stroke(3)], 0).expect("a commit");
    // Without a close, and so without a sync.
    drop(store);
    std::fs::write(file_in(home.path()), &early).expect("written");
    for error in [Store::open(home.path()), Store::open_to_read(home.path())] {
        let error = format!("{:#}", error.expect_err("behind"));
        for word in ["up to revision 1", "up to 3 were", "board.mark", "whiteboard rescue"] {
            assert!(error.contains(word), "{word}: {error}");
        }
    }
    assert!(std::fs::read(file_in(home.path())).expect("read") == early);
    std::fs::remove_file(mark::file_in(home.path())).expect("removed");
    assert_eq!(revisions(&Store::open(home.path()).expect("opened"), "one"), [1]);
}

#[test]
fn the_mark_of_another_store_says_nothing_of_this_one() {
    let home = tempfile::tempdir().expect("a directory");
    let [data, copy] = ["data", "copy"].map(|name| home.path().join(name));
    let store = Store::open(&data).expect("a new store");
    store.commit(&[stroke(1)], 0).expect("a commit");
    backup::copy(&store, &copy).expect("a copy");
    store.commit(&[stroke(2)], 0).expect("a commit");
    drop(store);
    // A user who puts a copy in the place of the store does not have to know of the mark.
    std::fs::copy(file_in(&copy), file_in(&data)).expect("copied");
    assert_eq!(revisions(&Store::open(&data).expect("opened"), "one"), [1]);
}

#[test]
fn without_a_mark_nothing_is_given_up_in_silence_either() {
    let home = tempfile::tempdir().expect("a directory");
    let (data, held) = left(home.path(), 21, Left::Killed);
    std::fs::remove_file(mark::file_in(&data)).expect("removed");
    let file = file_in(&data);
    let whole = std::fs::read(&file).expect("read");
    let newest = stroke(20).frame;
    let places = whole.windows(newest.len()).enumerate().filter(|(_, window)| *window == newest).map(|(at, _)| at);
    let mut refused = 0;
    for place in places {
        let mut bytes = whole.clone();
        bytes[place + 30] ^= 1;
        std::fs::write(&file, &bytes).expect("written");
        match Store::open_to_read(&data) {
            Ok(store) => assert!(all(&store) == held, "{} actions", store.actions()),
            Err(error) => {
                refused += 1;
                let error = format!("{error:#}");
                assert!(error.contains("whiteboard rescue") && error.contains("before it"), "{error}");
            }
        }
    }
    assert_eq!(refused, 1, "one of them is what was written last");
    std::fs::write(&file, &whole).expect("written");
    assert!(all(&Store::open(&data).expect("opened")) == held);
}

#[test]
fn a_missing_file_is_not_replaced_by_empty_boards_while_its_mark_tells_of_it() {
    let home = tempfile::tempdir().expect("a directory");
    let (data, _) = left(home.path(), 5, Left::Closed);
    std::fs::remove_file(file_in(&data)).expect("removed");
    let error = format!("{:#}", Store::open(&data).expect_err("missing"));
    assert!(error.contains("up to revision 5") && error.contains("delete that mark"), "{error}");
    std::fs::remove_file(mark::file_in(&data)).expect("removed");
    assert_eq!(Store::open(&data).expect("empty boards").actions(), 0);
}

#[test]
fn a_store_beside_another_ones_key_is_refused_before_anything_changes() {
    let home = tempfile::tempdir().expect("a directory");
    let (data, _) = left(home.path(), 5, Left::Killed);
    let other = home.path().join("other");
    drop(Store::open(&other).expect("another store"));
    std::fs::copy(key::file_in(&other), key::file_in(&data)).expect("copied");
    let before = files(&data);
    let error = format!("{:#}", Store::open(&data).expect_err("another key"));
    assert!(error.contains("is not the key of the store"), "{error}");
    assert!(files(&data) == before);
}

#[test]
fn an_empty_file_is_not_taken_for_a_new_store() {
    let home = tempfile::tempdir().expect("a directory");
    let (data, _) = left(home.path(), 5, Left::Closed);
    std::fs::write(file_in(&data), b"").expect("written");
    let before = files(&data);
    for error in [Store::open(&data), Store::open_to_read(&data)] {
        let error = format!("{:#}", error.expect_err("empty"));
        assert!(error.contains("is empty") && error.contains("whiteboard backup"), "{error}");
    }
    assert!(files(&data) == before);
}

#[test]
fn a_store_that_is_closed_gives_and_takes_nothing_more() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    store.commit(&[stroke(1)], 0).expect("a commit");
    store.close().expect("closed");
    assert!(store.commit(&[stroke(2)], 0).is_err() && store.last_revision().is_err() && store.shrink().is_ok());
    store.close().expect("closed already");
    let again = Store::open(home.path()).expect("nobody has it");
    compact(&again, 1);
    assert_eq!(revisions(&again, "one"), [1]);
}
