use bytes::Bytes;

use super::*;

const CLIENT: ClientId = ClientId::new([7; 16]);

fn stroke(revision: u64, action: u64, len: usize) -> Action {
    let mut frame = vec![1; 25 + len];
    protocol::set_revision(&mut frame, revision);
    frame[17..25].copy_from_slice(&action.to_le_bytes());
    Action { client: CLIENT, frame: Bytes::from(frame) }
}

#[test]
fn a_commit_is_there_after_opening_again_with_its_ids() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new board");
    assert_eq!((store.last_revision().expect("read"), store.run()), (0, 1));
    store.commit(&[stroke(1, 70, 8), stroke(2, 71, 8)]).expect("a commit");
    let board = store.board();
    drop(store);

    let store = Store::open(home.path()).expect("the same board");
    assert_eq!((store.board(), store.run()), (board, 2));
    assert_eq!((store.last_revision().expect("read"), store.actions().expect("read")), (2, 2));
    assert_eq!(store.revision_of(CLIENT, 71).expect("read"), Some(2));
    assert_eq!(store.revision_of(CLIENT, 72).expect("read"), None);
    assert_eq!(store.revision_of(ClientId::new([8; 16]), 71).expect("read"), None);
}

#[test]
fn chunks_are_bounded_contiguous_and_never_empty_while_there_is_more() {
    let home = tempfile::tempdir().expect("a directory");
    let store = Store::open(home.path()).expect("a new board");
    let batch: Vec<Action> = (1..=20).map(|n| stroke(n, n, 1000)).collect();
    store.commit(&batch).expect("a commit");
    let mut next = 1;
    while next <= 18 {
        let chunk = store.chunk(next, 18, 3000).expect("a chunk");
        assert!((1..=3).contains(&chunk.len()));
        for frame in chunk {
            assert_eq!(protocol::revision(&frame), next);
            next += 1;
        }
    }
    assert_eq!(next, 19);
    assert_eq!(store.chunk(5, 5, 1).expect("a chunk").len(), 1);
    assert!(store.chunk(21, 30, 1).expect("a chunk").is_empty());
}

#[test]
fn a_second_opener_is_told_what_to_do() {
    let home = tempfile::tempdir().expect("a directory");
    let _store = Store::open(home.path()).expect("a new board");
    let error = Store::open(home.path()).expect_err("in use").to_string();
    assert!(error.contains("in use by another whiteboard") && error.contains("--data"), "{error}");
}

#[cfg(unix)]
#[test]
fn the_directory_is_made_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().expect("a directory");
    let directory = home.path().join("a/b");
    Store::open(&directory).expect("a new board");
    let mode = std::fs::metadata(&directory).expect("made").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_file_that_is_no_board_is_left_alone() {
    let home = tempfile::tempdir().expect("a directory");
    let file = home.path().join(FILE);
    std::fs::write(&file, b"something else").expect("written");
    assert!(Store::open(home.path()).is_err());
    assert_eq!(std::fs::read(&file).expect("read"), b"something else");
}
