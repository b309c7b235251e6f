use bytes::Bytes;

use super::*;
use crate::protocol::Kind;

const CLIENT: ClientId = ClientId::new([7; 16]);

pub(super) fn board(name: &str) -> BoardName {
    name.parse().expect("a name")
}

/// An action on the board "one" whose id is its revision and 1000 more.
pub(super) fn action(kind: Kind, revision: u64, body: &[u8]) -> Action {
    let mut frame = vec![kind as u8; 25];
    protocol::set_revision(&mut frame, revision);
    frame[17..25].copy_from_slice(&(revision + 1000).to_le_bytes());
    frame.extend_from_slice(body);
    Action { board: board("one"), client: CLIENT, frame: Bytes::from(frame) }
}

/// Four points of a black pen.
pub(super) fn stroke(revision: u64) -> Action {
    let pen = [[0; 4], 1f32.to_le_bytes()].concat();
    action(Kind::Stroke, revision, &[&pen[..], &[0; 36]].concat())
}

fn hide(revision: u64, target: u64) -> Action {
    action(Kind::Hide, revision, &target.to_le_bytes())
}

/// The revisions that a board has.
pub(super) fn revisions(store: &Store, name: &str) -> Vec<u64> {
    let chunk = store.chunk(&board(name), 1, u64::MAX, usize::MAX).expect("a chunk");
    chunk.frames.iter().map(|frame| protocol::revision(frame)).collect()
}

/// No clear can be undone, and ids stay.
pub(super) const CLEARS_AT_ONCE: Keep = Keep { cleared: 0, ids: u64::MAX };

/// Drops all that clears hide at this time.
pub(super) fn compact(store: &Store, now: u64) {
    while store.compact(now, CLEARS_AT_ONCE).expect("a commit") {}
}

#[test]
fn a_commit_is_there_after_opening_again_with_its_ids() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    assert_eq!((store.last_revision().expect("read"), store.run(), store.bytes()), (0, 1, 0));
    store.commit(&[stroke(1), stroke(2)], 0).expect("a commit");
    let (number, bytes) = (store.number(), store.bytes());
    assert!(bytes > 2 * 65);
    drop(store);

    let store = Store::open(home.path()).expect("the same store");
    assert_eq!((store.number(), store.run(), store.bytes(), store.damaged()), (number, 2, bytes, 0));
    assert_eq!((store.last_revision().expect("read"), store.actions()), (2, 2));
    assert_eq!(store.revision_of(CLIENT, 1001).expect("read"), Some(1));
    assert_eq!(store.revision_of(CLIENT, 1003).expect("read"), None);
    assert_eq!(store.revision_of(ClientId::new([8; 16]), 1001).expect("read"), None);
}

#[test]
fn each_board_has_its_own_actions() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    let on = |name, revision| Action { board: board(name), ..stroke(revision) };
    store.commit(&[on("one", 1), on("one-2", 2), on("on", 3), on("one", 4)], 0).expect("a commit");
    assert_eq!(
        ["one", "one-2", "on", "two"].map(|name| revisions(&store, name)),
        [vec![1, 4], vec![2], vec![3], vec![]]
    );
    assert_eq!(store.last_revision().expect("read"), 4);
}

#[test]
fn chunks_are_bounded_in_order_and_never_empty_while_there_is_more() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    let batch: Vec<Action> = (1..=20).map(|n| action(Kind::Stroke, n, &[1; 975])).collect();
    store.commit(&batch, 0).expect("a commit");
    let mut next = 1;
    while next <= 18 {
        let Chunk { frames, through } = store.chunk(&board("one"), next, 18, 3000).expect("a chunk");
        assert!((1..=3).contains(&frames.len()));
        for frame in frames {
            assert_eq!(protocol::revision(&frame), next);
            next += 1;
        }
        assert_eq!(through, next - 1);
    }
    assert_eq!(next, 19);
    assert_eq!(store.chunk(&board("one"), 5, 5, 1).expect("a chunk").frames.len(), 1);
    let beyond = Chunk { frames: vec![], through: 30 };
    assert_eq!(store.chunk(&board("one"), 21, 30, 1).expect("a chunk"), beyond);
}

#[test]
fn what_a_clear_hides_goes_when_it_is_old_enough_and_chat_and_ids_stay() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    store.commit(&[stroke(1), action(Kind::Chat, 2, b"....\0said"), stroke(3)], 100).expect("a commit");
    store.commit(&[action(Kind::Clear, 4, b""), stroke(5)], 200).expect("a commit");
    let before = store.bytes();
    compact(&store, 200);
    assert_eq!(revisions(&store, "one"), [1, 2, 3, 4, 5], "not old enough");
    compact(&store, 201);
    assert_eq!(revisions(&store, "one"), [2, 4, 5]);
    assert!(store.bytes() < before);
    assert_eq!(store.revision_of(CLIENT, 1001).expect("read"), Some(1), "a repeat is recognised all the same");
    let bytes = store.bytes();
    drop(store);
    assert_eq!(Store::open(home.path()).expect("the same store").bytes(), bytes);
}

#[test]
fn a_clear_that_was_undone_drops_nothing_and_one_that_was_done_again_does() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    store.commit(&[stroke(1), action(Kind::Clear, 2, b""), hide(3, 2)], 100).expect("a commit");
    compact(&store, 100);
    assert_eq!(revisions(&store, "one"), [1, 2, 3]);
    store.commit(&[action(Kind::Show, 4, &2u64.to_le_bytes())], 100).expect("a commit");
    compact(&store, 1000);
    assert_eq!(revisions(&store, "one"), [2, 4], "the hide says nothing any more");
}

#[test]
fn a_clear_whose_past_was_dropped_is_known_as_such() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    let is_too_late = |name, objects: &[u64]| store.is_too_late(&board(name), objects.iter().copied()).expect("read");
    store.commit(&[stroke(1), action(Kind::Clear, 2, b""), stroke(3)], 100).expect("a commit");
    assert!(!is_too_late("one", &[1, 2, 3]));
    compact(&store, 101);
    assert!(is_too_late("one", &[1, 2, 3]) && !is_too_late("one", &[1, 3]) && !is_too_late("other", &[2]));
    store.commit(&[hide(4, 2), action(Kind::Show, 5, &2u64.to_le_bytes())], 100).expect("a commit");
    assert!(is_too_late("one", &[2]), "for good");
    compact(&store, 101);
    assert_eq!(revisions(&store, "one"), [2, 3, 5]);
}

#[test]
fn a_clear_of_one_board_leaves_the_others_alone_and_many_clears_and_parts_all_go() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    let other = Action { board: board("other"), ..stroke(1) };
    let many: Vec<Action> = (2..9002).map(stroke).collect();
    store.commit(&[other], 0).expect("a commit");
    store.commit(&many, 0).expect("a commit");
    store.commit(&[action(Kind::Clear, 9002, b""), stroke(9003), action(Kind::Clear, 9004, b"")], 0).expect("a commit");
    let aboard = Action { board: board("zoo"), ..action(Kind::Clear, 9006, b"") };
    store.commit(&[Action { board: board("zoo"), ..stroke(9005) }, aboard], 0).expect("a commit");
    compact(&store, 1);
    assert_eq!(["one", "other", "zoo"].map(|name| revisions(&store, name)), [vec![9004], vec![1], vec![9006]]);
    assert!(!store.compact(1, CLEARS_AT_ONCE).expect("a commit"), "nothing is left to do");
}

#[test]
fn the_id_of_what_was_dropped_counts_and_goes_with_time_and_that_of_what_is_there_stays() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    let alone = [action(Kind::Clear, 1, b""), stroke(2)];
    store.commit(&alone, 0).expect("a commit");
    compact(&store, 1);
    let bytes = store.bytes();
    let many: Vec<Action> = (3..9003).map(stroke).collect();
    store.commit(&many, 0).expect("a commit");
    store.commit(&[action(Kind::Clear, 9003, b""), stroke(9004)], 0).expect("a commit");
    compact(&store, 50);
    assert!(store.bytes() > bytes + 9000 * 64, "{} for 9001 ids", store.bytes());
    let keep = Keep { cleared: 0, ids: 100 };
    while store.compact(150, keep).expect("a commit") {}
    assert_eq!(store.revision_of(CLIENT, 1003).expect("read"), Some(3), "not yet");
    while store.compact(151, keep).expect("a commit") {}
    assert_eq!(store.revision_of(CLIENT, 1003).expect("read"), None);
    assert_eq!(store.revision_of(CLIENT, 10_004).expect("read"), Some(9004));
    assert_eq!(revisions(&store, "one"), [9003, 9004]);
    assert_eq!(store.bytes(), bytes, "as if nothing else had ever been there");
}

#[test]
fn a_clear_waits_its_time_in_runs_whatever_the_day_is_and_however_long_nobody_served() {
    let home = tempfile::tempdir().expect("a directory");
    let keep = Keep { cleared: 600, ids: 0 };
    let store = Store::open(home.path()).expect("a new store");
    assert!(store.now() < 600, "it knows nothing of 1970");
    store.commit(&[stroke(1), action(Kind::Clear, 2, b"")], 100).expect("a commit");
    assert!(!store.compact(160, keep).expect("a commit"));
    drop(store);
    let store = Store::open(home.path()).expect("the same store");
    assert_eq!(store.now(), 160, "where it stood");
    assert!(!store.compact(700, keep).expect("a commit"));
    assert_eq!(revisions(&store, "one"), [1, 2]);
    while store.compact(701, keep).expect("a commit") {}
    assert_eq!(revisions(&store, "one"), [2]);
}

#[test]
fn a_damaged_action_is_counted_and_left_out_and_the_rest_is_there() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    store.commit(&[stroke(1), stroke(2), stroke(3), stroke(4)], 0).expect("a commit");
    let transaction = store.write().expect("a transaction");
    {
        // Damaged before it was written, and in another's place.
        let mut actions = transaction.open_table(ACTIONS).expect("a table");
        let whole = actions.get(("one", 2)).expect("read").expect("it is there").value().to_vec();
        let mut damaged = whole.clone();
        damaged[40] ^= 1;
        actions.insert(("one", 2), &damaged[..]).expect("an action");
        actions.insert(("one", 4), &whole[..]).expect("an action");
    }
    transaction.commit().expect("a commit");
    drop(store);
    let store = Store::open(home.path()).expect("the same store");
    assert_eq!(store.damaged(), 2);
    assert_eq!(revisions(&store, "one"), [1, 3]);
}

#[test]
fn a_second_opener_is_told_what_to_do() {
    let home = tempfile::tempdir().expect("a directory");
    let _store = Store::open(home.path()).expect("a new store");
    let error = Store::open(home.path()).expect_err("in use").to_string();
    assert!(error.contains("in use by another whiteboard") && error.contains("--data"), "{error}");
}

#[cfg(unix)]
#[test]
fn the_directory_is_made_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().expect("a directory");
    let directory = home.path().join("a/b");
    Store::open(&directory).expect("a new store");
    let mode = std::fs::metadata(&directory).expect("made").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_file_whose_tables_are_damaged_is_told_of_without_a_panic_and_kept() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    for first in (1..500).step_by(50) {
        store.commit(&(first..first + 50).map(stroke).collect::<Vec<_>>(), 0).expect("a commit");
    }
    drop(store);
    let file = file_in(home.path());
    let whole = std::fs::read(&file).expect("read");
    let mut refused = 0;
    for page in 0..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..64].fill(0x5a);
        std::fs::write(&file, &bytes).expect("written");
        if let Err(error) = Store::open(home.path()) {
            let error = format!("{error:#}");
            assert!(error.contains("whiteboard rescue --data") || error.contains("cannot open"), "{page}: {error}");
            assert_eq!(std::fs::metadata(&file).expect("there").len(), whole.len() as u64);
            refused += 1;
        }
    }
    assert!(refused > 3, "{refused} pages matter");
}

#[test]
fn a_file_that_is_no_store_is_left_alone() {
    let home = tempfile::tempdir().expect("a directory");
    let file = file_in(home.path());
    std::fs::write(&file, b"something else").expect("written");
    let error = format!("{:#}", Store::open(home.path()).expect_err("no store"));
    assert!(error.contains("is not the store of a whiteboard") && error.contains("whiteboard rescue"), "{error}");
    assert!(!error.contains("magic"), "{error}");
    assert_eq!(std::fs::read(&file).expect("read"), b"something else");
}

#[test]
fn ids_of_what_was_dropped_are_forgotten_early_when_they_take_too_much() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new store");
    store.bound_ids(4 * 10 * (ids::ID + ids::ID_GONE));
    let strokes: Vec<Action> = (1..=30).map(stroke).collect();
    store.commit(&strokes, 0).expect("a commit");
    store.commit(&[action(Kind::Clear, 31, b"")], 1).expect("a commit");
    compact(&store, 5);
    let known =
        |action: &&Action| store.revision_of(action.client, protocol::action(&action.frame)).expect("read").is_some();
    assert_eq!(strokes.iter().filter(known).count(), 10);
}
