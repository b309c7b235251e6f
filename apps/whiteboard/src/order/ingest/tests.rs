use rusted_ring::Consumer;
use rusted_ring::Start;
use rusted_ring::pool::{Capacities, PoolSet};

use super::*;
use crate::protocol::BoardId;
use crate::rings::pools::Pools;
use crate::store::{Action, Keep};

const CLIENT: ClientId = ClientId::new([1; 16]);
const BOARD: BoardId = BoardId::new(0);
const CAPACITY: usize = 4;
const MAX_STORE: u64 = 10_000;

struct Bench {
    pools: Pools,
    store: Arc<Store>,
    watermark: Watermark,
    ingest: Ingest,
    _open: Open,
    _home: tempfile::TempDir,
}

/// An ingest on tiny pools and a new store.
fn bench() -> Bench {
    let home = tempfile::tempdir().expect("a directory");
    let store = Arc::new(Store::open(home.path()).expect("a new board"));
    let pools = Pools::noted(Capacities { xs: CAPACITY, s: CAPACITY, m: CAPACITY, l: CAPACITY, xl: CAPACITY });
    let watermark = Watermark::at(0);
    let boards = Boards::default();
    let open = boards.open(&"one".parse().expect("a name"));
    assert_eq!(open.number(), BOARD);
    let writers = Writers::join(&pools).expect("open pools");
    let ingest = Ingest::new(Arc::clone(&store), boards, writers, watermark.clone(), MAX_STORE);
    Bench { pools, store, watermark, ingest, _open: open, _home: home }
}

fn frame(action: u64) -> Vec<u8> {
    let mut frame = vec![0; 41];
    frame[0] = Kind::Stroke as u8;
    frame[17..25].copy_from_slice(&action.to_le_bytes());
    frame
}

fn stored_action(frame: Vec<u8>) -> Action {
    Action { board: "one".parse().expect("a name"), client: CLIENT, frame: frame.into() }
}

/// The board that everything is on.
fn one(ingest: &Ingest) -> Open {
    ingest.boards.open(&"one".parse().expect("a name"))
}

fn order(ingest: &mut Ingest, action: u64) -> Reply {
    let board = one(ingest);
    ingest.order(CLIENT, board, Kind::Stroke, frame(action))
}

#[test]
fn new_actions_get_contiguous_revisions_and_carry_them() {
    let mut bench = bench();
    let mut storage = Consumer::join(bench.pools.m(), Start::Newest).expect("a seat");
    for action in 10..13 {
        assert_eq!(order(&mut bench.ingest, action), Reply::At { action, revision: action - 9 });
    }
    for revision in 1..4 {
        let payload = storage.try_recv().expect("published");
        let Posted { frame, client, board } = Posted::split(Kind::Stroke, &payload).expect("an action");
        assert_eq!((protocol::revision(frame), client, board), (revision, Some(CLIENT), BOARD));
    }
}

#[test]
fn a_full_pool_is_busy_and_uses_no_revision() {
    let mut bench = bench();
    // A storage actor that stands still: the writers wait for it, so the pool fills.
    let mut storage = Consumer::join(bench.pools.m(), Start::Newest).expect("a seat");
    let mut taken = 0;
    let refused = loop {
        match order(&mut bench.ingest, taken + 1) {
            Reply::At { revision, .. } => {
                taken += 1;
                assert_eq!(revision, taken);
            }
            Reply::Busy { action } => break action,
            other @ (Reply::Refused { .. } | Reply::Alive) => panic!("{other:?}"),
        }
    };
    assert_eq!(taken, CAPACITY as u64);
    assert_eq!(order(&mut bench.ingest, refused), Reply::Busy { action: refused }, "still full");

    for _ in 0..CAPACITY {
        assert!(storage.try_recv().is_ok());
    }
    assert!(storage.try_recv().is_err(), "nothing was published while the pool was full");
    assert_eq!(order(&mut bench.ingest, refused), Reply::At { action: refused, revision: taken + 1 });
}

#[test]
fn a_repeat_gets_the_revision_it_has_in_flight_and_stored() {
    let mut bench = bench();
    assert_eq!(order(&mut bench.ingest, 5), Reply::At { action: 5, revision: 1 });
    assert_eq!(order(&mut bench.ingest, 5), Reply::At { action: 5, revision: 1 }, "in flight");

    let mut stored = frame(5);
    protocol::set_revision(&mut stored, 1);
    bench.store.commit(&[stored_action(stored)], 0).expect("a commit");
    bench.watermark.raise(1);
    assert_eq!(order(&mut bench.ingest, 5), Reply::At { action: 5, revision: 1 }, "stored");
    assert!(bench.ingest.in_flight.is_empty() && bench.ingest.by_revision.is_empty(), "what is stored is forgotten");
    assert_eq!(order(&mut bench.ingest, 6), Reply::At { action: 6, revision: 2 });
}

#[test]
fn another_client_may_use_the_same_action_id() {
    let mut bench = bench();
    let one = one(&bench.ingest);
    assert_eq!(order(&mut bench.ingest, 5), Reply::At { action: 5, revision: 1 });
    let other = bench.ingest.order(ClientId::new([2; 16]), one.clone(), Kind::Stroke, frame(5));
    assert_eq!(other, Reply::At { action: 5, revision: 2 });
}

#[test]
fn a_full_store_takes_nothing_more_but_what_hides_and_shows() {
    let mut bench = bench();
    let one = one(&bench.ingest);
    let mut large = frame(1);
    protocol::set_revision(&mut large, 1);
    large.resize(MAX_STORE as usize, 0);
    bench.store.commit(&[stored_action(large)], 0).expect("a commit");
    match order(&mut bench.ingest, 5) {
        Reply::Refused { action: 5, reason } => assert!(reason.contains("full") && reason.contains("--max-store")),
        other => panic!("{other:?}"),
    }
    let clear = bench.ingest.order(CLIENT, one.clone(), Kind::Clear, frame(6)[..25].to_vec());
    assert_eq!(clear, Reply::At { action: 6, revision: 1 });
}

#[test]
fn a_clear_is_not_undone_when_what_it_hid_is_gone() {
    let mut bench = bench();
    let one = one(&bench.ingest);
    let hide = |action| [&frame(action)[..25], &2u64.to_le_bytes()].concat();
    let stored = |kind: Kind, revision| {
        let mut stored = frame(90 + revision);
        stored[0] = kind as u8;
        protocol::set_revision(&mut stored, revision);
        stored_action(stored)
    };
    bench.store.commit(&[stored(Kind::Stroke, 1), stored(Kind::Clear, 2)], 100).expect("a commit");
    bench.ingest.last = 2;
    let in_time = bench.ingest.order(CLIENT, one.clone(), Kind::Hide, hide(5));
    assert_eq!(in_time, Reply::At { action: 5, revision: 3 });
    let keep = Keep { cleared: 0, ids: 0 };
    while bench.store.compact(101, keep).expect("a commit") {}
    match bench.ingest.order(CLIENT, one.clone(), Kind::Hide, hide(6)) {
        Reply::Refused { action: 6, reason } => assert_eq!(reason, TOO_LATE),
        other => panic!("{other:?}"),
    }
    let shown = bench.ingest.order(CLIENT, one.clone(), Kind::Show, hide(7));
    assert_eq!(shown, Reply::At { action: 7, revision: 4 });
    // Others do not have what was dropped.
    let gone = [&frame(8)[..25], &2u64.to_le_bytes(), &1u64.to_le_bytes()].concat();
    match bench.ingest.order(CLIENT, one.clone(), Kind::Show, gone) {
        Reply::Refused { action: 8, reason } => assert_eq!(reason, GONE),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_there_yet_is_neither_hidden_nor_shown() {
    let mut bench = bench();
    let one = one(&bench.ingest);
    let naming = |action, object: u64| [&frame(action)[..25], &object.to_le_bytes()].concat();
    assert_eq!(order(&mut bench.ingest, 1), Reply::At { action: 1, revision: 1 });
    for (kind, object) in [(Kind::Hide, 2), (Kind::Show, 2), (Kind::Hide, u64::MAX)] {
        match bench.ingest.order(CLIENT, one.clone(), kind, naming(2, object)) {
            Reply::Refused { action: 2, reason } => assert_eq!(reason, NOT_THERE),
            other => panic!("{other:?}"),
        }
    }
    for (action, kind) in [(3, Kind::Hide), (4, Kind::Show)] {
        let answer = bench.ingest.order(CLIENT, one.clone(), kind, naming(action, 1));
        assert_eq!(answer, Reply::At { action, revision: action - 1 }, "what is on its way may be");
    }
}

#[test]
fn a_full_store_takes_hides_that_change_something_and_each_clear_that_frees_room() {
    let mut bench = bench();
    let one = one(&bench.ingest);
    let mut stored = frame(1);
    protocol::set_revision(&mut stored, 1);
    stored.resize(MAX_STORE as usize, 0);
    bench.store.commit(&[stored_action(stored)], 0).expect("a commit");
    bench.ingest.last = 1;
    let naming = |action, object: u64| [&frame(action)[..25], &object.to_le_bytes()].concat();
    let is_taken = |reply| matches!(reply, Reply::At { .. });
    bench.ingest.max_store = bench.store.bytes();
    for object in [0, 1] {
        let shown = bench.ingest.order(CLIENT, one.clone(), Kind::Show, naming(5, object));
        assert!(!is_taken(shown), "it is shown, or not there");
    }
    let many = [&naming(11, 1)[..], &1u64.to_le_bytes().repeat(20)].concat();
    assert!(
        !is_taken(bench.ingest.order(CLIENT, one.clone(), Kind::Hide, many)),
        "what is noted of it exceeds the reserve"
    );
    assert!(is_taken(bench.ingest.order(CLIENT, one.clone(), Kind::Hide, naming(6, 1))));
    // The reserve is used up.
    bench.ingest.max_store = 1;
    assert!(!is_taken(bench.ingest.order(CLIENT, one.clone(), Kind::Hide, naming(7, 1))));
    assert!(is_taken(bench.ingest.order(CLIENT, one.clone(), Kind::Clear, frame(8)[..25].to_vec())));
    let more = bench.ingest.order(CLIENT, one.clone(), Kind::Clear, frame(10)[..25].to_vec());
    assert!(!is_taken(more), "one is on its way");
    let mut cleared = frame(8)[..25].to_vec();
    cleared[0] = Kind::Clear as u8;
    protocol::set_revision(&mut cleared, 3);
    bench.store.commit(&[stored_action(cleared)], 0).expect("a commit");
    assert!(
        !is_taken(bench.ingest.order(CLIENT, one.clone(), Kind::Clear, frame(9)[..25].to_vec())),
        "it frees nothing"
    );
}

#[test]
fn to_a_file_that_is_much_too_long_nothing_is_added_until_it_is_shorter() {
    let mut bench = bench();
    let stored = |kind: Kind, revision, len| {
        let mut stored = frame(90 + revision);
        stored[0] = kind as u8;
        protocol::set_revision(&mut stored, revision);
        stored.resize(len, 0);
        stored_action(stored)
    };
    let images: Vec<Action> = (1..600).map(|revision| stored(Kind::Image, revision, 16_000)).collect();
    bench.store.commit(&images, 0).expect("a commit");
    bench.store.commit(&[stored(Kind::Clear, 600, 25)], 0).expect("a commit");
    while bench.store.compact(2, Keep { cleared: 0, ids: 0 }).expect("a commit") {}
    bench.ingest.max_store = 1 << 20;
    assert!(bench.store.bytes() < 1 << 20);
    match order(&mut bench.ingest, 5) {
        Reply::Refused { action: 5, reason } => assert_eq!(reason, FULL),
        other => panic!("{other:?} to a file of {} bytes", bench.store.file_len()),
    }
    bench.store.shrink().expect("shorter");
    assert!(bench.store.file_len() < 5 << 20, "{}", bench.store.file_len());
    assert_eq!(order(&mut bench.ingest, 5), Reply::At { action: 5, revision: 1 });
}

#[test]
fn after_the_last_revision_that_there_can_be_nothing_more_is_taken() {
    let mut bench = bench();
    bench.ingest.last = REVISION_MAX - 1;
    assert_eq!(order(&mut bench.ingest, 1), Reply::At { action: 1, revision: REVISION_MAX });
    match order(&mut bench.ingest, 2) {
        Reply::Refused { action: 2, reason } => assert_eq!(reason, USED_UP),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failed_board_takes_nothing() {
    let mut bench = bench();
    bench.watermark.fail(&"the disk is full");
    assert_eq!(order(&mut bench.ingest, 5), Reply::Busy { action: 5 });
}

#[test]
fn a_board_that_everyone_left_has_its_number_until_what_was_sent_there_is_in_the_store() {
    let mut bench = bench();
    let left = bench.ingest.boards.open(&"left".parse().expect("a name"));
    let number = left.number();
    let taken = bench.ingest.order(CLIENT, left, Kind::Stroke, frame(1));
    assert_eq!(taken, Reply::At { action: 1, revision: 1 });
    assert!(bench.ingest.boards.name(number).is_some(), "storage asks for it");
    let mut stored = frame(1);
    protocol::set_revision(&mut stored, 1);
    bench.store.commit(&[stored_action(stored)], 0).expect("a commit");
    bench.watermark.raise(1);
    order(&mut bench.ingest, 2);
    assert_eq!(bench.ingest.boards.name(number), None);
}

#[test]
fn what_was_taken_has_its_board_when_the_ingest_has_ended_and_everyone_is_gone() {
    let bench = bench();
    let boards = bench.ingest.boards.clone();
    let left = boards.open(&"left".parse().expect("a name"));
    let number = left.number();
    let (replies, mut answers) = mpsc::channel(1);
    let (requests, submissions) = mpsc::channel(2);
    let reply = replies.try_reserve_owned().expect("a place");
    let submission = Submission { client: CLIENT, board: left, kind: Kind::Stroke, frame: frame(1), reply };
    requests.try_send(Request::Order(submission)).expect("room");
    requests.try_send(Request::Stop).expect("room");
    let ended = bench.ingest.run(submissions);
    assert_eq!((answers.try_recv(), ended.last), (Ok(Reply::At { action: 1, revision: 1 }), 1));
    assert!(boards.name(number).is_some(), "storage asks for it");
    drop(ended);
    assert!(boards.name(number).is_none());
}
