use super::super::tests::{CLEARS_AT_ONCE, action, board, compact, revisions, stroke};
use super::super::{Action, Keep, Store};
use crate::protocol::Kind;

fn clear(revision: u64) -> Action {
    action(Kind::Clear, revision, b"")
}

fn chat(revision: u64) -> Action {
    action(Kind::Chat, revision, b"....\0said")
}

fn hide(revision: u64, objects: &[u64]) -> Action {
    naming(Kind::Hide, revision, objects)
}

fn show(revision: u64, objects: &[u64]) -> Action {
    naming(Kind::Show, revision, objects)
}

fn naming(kind: Kind, revision: u64, objects: &[u64]) -> Action {
    let body: Vec<u8> = objects.iter().flat_map(|object| object.to_le_bytes()).collect();
    action(kind, revision, &body)
}

fn new() -> (tempfile::TempDir, Store) {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    (home, store)
}

#[test]
fn clears_that_stay_undone_go_when_they_are_old_enough_and_their_hides_with_them() {
    let (_home, store) = new();
    store.commit(&[stroke(1)], 0).expect("a commit");
    let alone = store.bytes();
    let toggles: Vec<Action> = (0..1000).flat_map(|n| [clear(2 * n + 2), hide(2 * n + 3, &[2 * n + 2])]).collect();
    store.commit(&toggles, 100).expect("a commit");
    compact(&store, 100);
    assert_eq!(store.actions(), 2001, "each clear could be done again");
    compact(&store, 101);
    assert_eq!(revisions(&store, "one"), [1]);
    while store.compact(1000, Keep { cleared: 0, ids: 0 }).expect("a commit") {}
    // The board knows besides that a page with a part of it begins anew.
    assert_eq!(store.forgotten(&board("one")).expect("read"), 2001);
    assert_eq!(store.bytes(), alone);
}

#[test]
fn a_clear_that_was_undone_waits_from_then_on() {
    let (_home, store) = new();
    let keep = Keep { cleared: 600, ids: u64::MAX };
    store.commit(&[stroke(1), clear(2)], 100).expect("a commit");
    store.commit(&[hide(3, &[2])], 700).expect("a commit");
    assert!(!store.compact(1300, keep).expect("a commit"));
    assert_eq!(revisions(&store, "one"), [1, 2, 3], "it can be done again");
    while store.compact(1301, keep).expect("a commit") {}
    assert_eq!(revisions(&store, "one"), [1]);
}

#[test]
fn of_hides_and_shows_those_stay_that_say_of_some_object_what_holds() {
    let (_home, store) = new();
    let said = [
        hide(3, &[1, 2]),
        show(4, &[1]),
        hide(5, &[1]),
        hide(6, &[900, 4]),
        hide(7, &[1]),
        show(8, &[2, 2, 77]),
        hide(9, &[2]),
    ];
    store.commit(&[stroke(1), stroke(2)], 0).expect("a commit");
    store.commit(&said, 0).expect("a commit");
    assert!(store.changes_any(&board("one"), [1, 900].into_iter(), false).expect("read"));
    assert!(!store.changes_any(&board("one"), [1, 2, 900, 4].into_iter(), true).expect("read"));
    compact(&store, 0);
    assert_eq!(revisions(&store, "one"), [1, 2, 7, 9]);
    store.commit(&[clear(10)], 0).expect("a commit");
    compact(&store, 1);
    assert_eq!(revisions(&store, "one"), [10], "with the objects they go, too");
}

#[test]
fn the_past_of_a_clear_is_gone_for_good_as_soon_as_the_first_of_it_goes() {
    let (_home, store) = new();
    store.commit(&(1..3000).map(stroke).collect::<Vec<_>>(), 0).expect("a commit");
    store.commit(&[clear(3000)], 0).expect("a commit");
    assert!(store.compact(1, CLEARS_AT_ONCE).expect("a commit"), "there is more");
    assert!(store.actions() > 1000, "a part went");
    assert!(store.is_too_late(&board("one"), [3000].into_iter()).expect("read"));
}

#[test]
fn what_is_dropped_at_a_time_is_bounded_whatever_there_is() {
    let (_home, store) = new();
    let chats: Vec<Action> = (1..=5000).map(chat).collect();
    store.commit(&chats, 0).expect("a commit");
    let large: Vec<Action> = (5001..=5400).map(|n| action(Kind::Image, n, &[7; 16_000])).collect();
    store.commit(&large, 0).expect("a commit");
    store.commit(&(5401..=9000).map(clear).collect::<Vec<_>>(), 0).expect("a commit");
    let mut parts = 0;
    let mut before = store.actions();
    loop {
        let more = store.compact(1, CLEARS_AT_ONCE).expect("a commit");
        assert!(before - store.actions() <= 1024, "{} at once", before - store.actions());
        before = store.actions();
        parts += 1;
        if !more {
            break;
        }
    }
    assert_eq!(store.actions(), 5001, "chat and the last clear");
    // 3600 clears begin, 5000 messages are skipped once, 400 images of 16 KB and 3599 clears are dropped.
    assert!((12..30).contains(&parts), "{parts} parts");
}

#[test]
fn who_has_a_clear_that_was_undone_and_dropped_is_known() {
    let (_home, store) = new();
    store.commit(&[stroke(1), clear(2)], 0).expect("a commit");
    store.commit(&[hide(3, &[2]), stroke(4)], 0).expect("a commit");
    assert_eq!(store.forgotten(&board("one")).expect("read"), 0);
    compact(&store, 1);
    assert_eq!((revisions(&store, "one"), store.forgotten(&board("one")).expect("read")), (vec![1, 4], 3));
    assert!(store.is_gone(&board("one"), [1, 2].into_iter()).expect("read"));
    assert!(!store.is_gone(&board("one"), [1, 4].into_iter()).expect("read"));
    assert_eq!(store.forgotten(&board("other")).expect("read"), 0);
}

#[test]
fn a_board_is_drawn_on_from_what_is_drawn_to_what_clears_it() {
    let (_home, store) = new();
    let is = || store.is_drawn_on(&board("one")).expect("read");
    for (action, expected) in [
        (clear(1), false),
        (chat(2), false),
        (stroke(3), true),
        (clear(4), false),
        (hide(5, &[3]), false),
        (hide(6, &[4]), true),
    ] {
        store.commit(std::slice::from_ref(&action), 0).expect("a commit");
        assert_eq!(is(), expected, "{action:?}");
    }
}

#[test]
fn of_the_chat_of_a_board_the_last_messages_are_kept() {
    let (home, store) = new();
    let elsewhere = Action { board: board("other"), ..chat(1) };
    store.commit(&[elsewhere], 0).expect("a commit");
    store.commit(&(2..=10_001).map(chat).collect::<Vec<_>>(), 0).expect("a commit");
    assert_eq!(store.actions(), 10_001);
    let full = store.bytes();
    store.commit(&[chat(10_002), stroke(10_003), chat(10_004)], 0).expect("a commit");
    let there = revisions(&store, "one");
    assert_eq!((there[0], there.len(), store.actions()), (4, 10_001, 10_002));
    assert_eq!(store.revision_of(stroke(1).client, 1002).expect("read"), Some(2), "a repeat is recognised");
    while store.compact(1, Keep { cleared: 0, ids: 0 }).expect("a commit") {}
    assert!(store.bytes() < full + 400, "{} after {full}", store.bytes());
    drop(store);
    assert_eq!(Store::open(home.path()).expect("the same store").actions(), 10_002);
}
