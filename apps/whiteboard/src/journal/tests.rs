use std::fs;

use bytes::Bytes;

use super::*;
use crate::protocol::{self, ClientId, Kind};
use crate::store::{Action, file_in};

fn action(revision: u64, id: u64) -> Action {
    let mut frame = vec![0; 25];
    frame[0] = Kind::Stroke as u8;
    protocol::set_revision(&mut frame, revision);
    frame[17..].copy_from_slice(&id.to_le_bytes());
    frame.extend_from_slice(&[0, 0, 0, 0]);
    for value in [4.0f32, 1.0, 2.0] {
        frame.extend_from_slice(&value.to_le_bytes());
    }
    frame.push(128);
    Action { board: "main".parse().expect("a name"), client: ClientId::new([9; 16]), frame: Bytes::from(frame) }
}

/// Starts as a server does: what the store got from the journal, and both.
fn start(home: &Path) -> (u64, Arc<Store>, Keeper, Arc<Journal>) {
    let store = Arc::new(Store::open(home).expect("a store"));
    let opened = open(&Options::kept(), home, &store).expect("a journal").expect("kept");
    let (keeper, journal) = opened.keep(&store).expect("it begins");
    (journal.completed, store, keeper, journal)
}

/// The revisions and ids in all parts of the past.
fn past(journal: &Journal, committed: u64) -> Vec<(u64, u64)> {
    let (mut found, mut from) = (Vec::new(), Place::default());
    loop {
        let part = journal.past(&"main".parse().expect("a name"), from, committed).expect("readable");
        let mut rest = &part.entries[..];
        while let [_, _, _, _, _, _, _, _, 0, low, high, behind @ ..] = rest {
            let (frame, behind) = behind.split_at(usize::from(u16::from_le_bytes([*low, *high])));
            found.push((protocol::revision(frame), protocol::action(frame)));
            rest = behind;
        }
        assert_eq!(rest, [0; 0]);
        if !part.more {
            return found;
        }
        from = part.next;
    }
}

#[test]
fn what_the_store_did_not_get_it_gets_once() {
    let home = tempfile::tempdir().expect("a directory");
    let (completed, store, mut keeper, journal) = start(home.path());
    assert_eq!(completed, 0);
    let actions = [1, 2, 3, 4].map(|revision| action(revision, 70 + revision));
    actions.iter().for_each(|action| keeper.add(action));
    store.commit(&actions[..2], 0).expect("stored");
    drop(keeper);
    assert_eq!(past(&journal, 2), [(1, 71), (2, 72)], "none is shown before it is on disk");
    drop(journal);
    store.close().expect("closed");
    for given in [2, 0] {
        let (completed, store, keeper, journal) = start(home.path());
        assert_eq!((completed, store.last_revision().expect("readable")), (given, 4));
        assert_eq!(past(&journal, 4), [(1, 71), (2, 72), (3, 73), (4, 74)]);
        keeper.end();
        store.close().expect("closed");
    }
}

#[test]
fn behind_a_gap_nothing_is_given_and_what_was_left_out_is_no_part_of_the_past() {
    let home = tempfile::tempdir().expect("a directory");
    let (_, store, mut keeper, _) = start(home.path());
    [1, 2, 4, 5].iter().for_each(|&revision| keeper.add(&action(revision, 70 + revision)));
    drop(keeper);
    store.close().expect("closed");
    let (completed, store, mut keeper, journal) = start(home.path());
    assert_eq!((completed, store.last_revision().expect("readable")), (2, 2));
    let next = [3, 4].map(|revision| action(revision, 80 + revision));
    next.iter().for_each(|action| keeper.add(action));
    store.commit(&next, 0).expect("stored");
    keeper.stored();
    keeper.end();
    let all = [(1, 71), (2, 72), (3, 83), (4, 84)];
    assert_eq!(past(&journal, 4), all);
    store.close().expect("closed");
    let (completed, _, _, journal) = start(home.path());
    assert_eq!((completed, past(&journal, 4)), (0, all.to_vec()));
}

#[test]
fn an_action_that_the_store_knows_ends_what_is_given() {
    let home = tempfile::tempdir().expect("a directory");
    let (_, store, mut keeper, _) = start(home.path());
    store.commit(&[action(1, 71)], 0).expect("stored");
    [action(2, 72), action(3, 71), action(4, 74)].iter().for_each(|action| keeper.add(action));
    drop(keeper);
    store.close().expect("closed");
    let (completed, store, ..) = start(home.path());
    assert_eq!((completed, store.last_revision().expect("readable")), (1, 2));
}

#[test]
fn an_older_copy_of_the_store_and_another_store_stay_what_they_are() {
    let home = tempfile::tempdir().expect("a directory");
    let copy = home.path().join("copy");
    let (_, store, mut keeper, _) = start(home.path());
    let first = action(1, 71);
    keeper.add(&first);
    store.commit(&[first], 0).expect("stored");
    keeper.stored();
    keeper.end();
    store.close().expect("closed");
    fs::copy(file_in(home.path()), &copy).expect("copied");

    let (_, store, mut keeper, _) = start(home.path());
    let second = action(2, 72);
    keeper.add(&second);
    store.commit(&[second], 0).expect("stored");
    keeper.stored();
    keeper.end();
    store.close().expect("closed");
    fs::copy(&copy, file_in(home.path())).expect("put back");
    fs::remove_file(home.path().join("board.mark")).expect("a mark");
    let (completed, store, mut keeper, journal) = start(home.path());
    assert_eq!((completed, store.last_revision().expect("readable")), (0, 1));
    assert_eq!(past(&journal, 1), [(1, 71)]);
    // What is killed now is of this store, and the next one is another.
    keeper.add(&action(2, 92));
    drop(keeper);
    store.close().expect("closed");
    for name in ["board.redb", "board.key", "board.mark"] {
        fs::remove_file(home.path().join(name)).expect("it was there");
    }
    let (completed, store, _, journal) = start(home.path());
    assert_eq!((completed, store.last_revision().expect("readable")), (0, 0));
    assert_eq!(past(&journal, 9), []);
}

#[test]
fn what_a_run_with_the_option_left_is_given_without_it_too() {
    let home = tempfile::tempdir().expect("a directory");
    let (_, store, mut keeper, _) = start(home.path());
    keeper.add(&action(1, 71));
    drop(keeper);
    store.close().expect("closed");
    let store = Store::open(home.path()).expect("a store");
    let mut without = Options::kept();
    without.is_kept = false;
    assert!(open(&without, home.path(), &store).expect("a journal").is_none());
    assert_eq!(store.last_revision().expect("readable"), 1);
    let nowhere = home.path().join("nowhere");
    fs::create_dir(&nowhere).expect("made");
    assert!(open(&without, &nowhere, &store).expect("nothing").is_none());
    assert!(!nowhere.join(DIRECTORY).exists());
}

#[test]
fn a_journal_that_cannot_be_opened_says_what_to_do() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a store");
    fs::write(home.path().join(DIRECTORY), "a file").expect("written");
    let error = open(&Options::kept(), home.path(), &store).expect_err("no directory");
    assert!(format!("{error:#}").contains("journal"), "{error:#}");
    fs::remove_file(home.path().join(DIRECTORY)).expect("removed");
    fs::create_dir_all(home.path().join(DIRECTORY).join("lock")).expect("made");
    let error = open(&Options::kept(), home.path(), &store).expect_err("no lock").to_string();
    assert!(error.contains("move the directory of the journal away"), "{error}");
    fs::remove_dir_all(home.path().join(DIRECTORY)).expect("removed");
    drop(store);
    let (_, store, mut keeper, _) = start(home.path());
    keeper.add(&action(1, 71));
    keeper.end();
    let position = home.path().join(DIRECTORY).join("store.position");
    fs::write(&position, "not what was written").expect("written");
    let error = format!("{:#}", open(&Options::kept(), home.path(), &store).expect_err("no position"));
    assert!(error.contains("store.position") && error.contains("move the directory of the journal away"), "{error}");
}

#[test]
fn what_is_damaged_is_told_in_words() {
    let words = |from, to| damaged(Path::new("a/journal/1-0.journal"), to - from);
    assert_eq!(words(3u64, 4), "1 entry of the journal is damaged, and no part of the history: a/journal/1-0.journal");
    assert_eq!(words(3, 5), "2 entries of the journal are damaged, and no part of the history: a/journal/1-0.journal");
    assert_eq!(
        words(3, 3),
        "a file of the journal is damaged, and what cannot be read of it is no part of the history: a/journal/1-0.journal"
    );
}

#[test]
fn what_was_left_out_is_no_part_of_the_past_after_a_run_without_a_journal_either() {
    let home = tempfile::tempdir().expect("a directory");
    let (_, store, mut keeper, _) = start(home.path());
    [1, 2, 4].iter().for_each(|&revision| keeper.add(&action(revision, 70 + revision)));
    drop(keeper);
    store.close().expect("closed");
    let store = Store::open(home.path()).expect("a store");
    let mut without = Options::kept();
    without.is_kept = false;
    assert!(open(&without, home.path(), &store).expect("a journal").is_none());
    store.commit(&[3, 4, 5].map(|revision| action(revision, 80 + revision)), 0).expect("stored");
    store.close().expect("closed");
    drop(store);
    let (_, _, _, journal) = start(home.path());
    assert_eq!(past(&journal, 5), [(1, 71), (2, 72)], "the store never had the other one");
}

#[test]
fn a_reader_whose_place_was_removed_meanwhile_is_told_that_something_is_missing() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Arc::new(Store::open(home.path()).expect("a store"));
    let opened = open(&Options::kept_small(), home.path(), &store).expect("a journal").expect("kept");
    let (mut keeper, journal) = opened.keep(&store).expect("it begins");
    let board = "main".parse().expect("a name");
    (1..=3).for_each(|revision| keeper.add(&action(revision, revision)));
    store.commit(&[1, 2, 3].map(|revision| action(revision, revision)), 0).expect("stored");
    keeper.stored();
    let next = journal.past(&board, Place::default(), 3).expect("readable").next;
    assert!(next.sequence > 0, "{next:?}");
    let mut revision = 3;
    // Three times what is kept.
    while revision < 20_000 {
        revision += 1;
        keeper.add(&action(revision, revision));
    }
    keeper.stored();
    let part = journal.past(&board, next, u64::MAX).expect("readable");
    assert_eq!(part.entries[..11], [0; 11], "time, name and frame of what is missing");
    let part = journal.past(&board, Place::default(), u64::MAX).expect("readable");
    assert_ne!(part.entries[..11], [0; 11], "who asks for all that there is misses nothing");
}
