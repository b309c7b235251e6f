use rusted_ring::Consumer;
use rusted_ring::Start;
use rusted_ring::pool::{Capacities, HeapPools, PoolSet};

use super::*;
use crate::rings::bell::Bell;
use crate::store::{Action, Keep};

const CLIENT: ClientId = ClientId::new([1; 16]);
const BOARD: BoardId = BoardId::new(0);
const CAPACITY: usize = 4;
const MAX_STORE: u64 = 10_000;

struct Bench {
    pools: HeapPools,
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
    let pools = HeapPools::new(Capacities { xs: CAPACITY, s: CAPACITY, m: CAPACITY, l: CAPACITY, xl: CAPACITY });
    let watermark = Watermark::at(0);
    let boards = Boards::default();
    let open = boards.open(&"one".parse().expect("a name"));
    assert_eq!(open.number(), BOARD);
    let writers = Writers::join(&pools, Bell::default()).expect("open pools");
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
    let in_time = bench.ingest.order(CLIENT, one.clone(), Kind::Hide, hide(5));
    assert_eq!(in_time, Reply::At { action: 5, revision: 1 });
    let keep = Keep { cleared: 0, ids: 0 };
    while bench.store.compact(101, keep).expect("a commit") {}
    match bench.ingest.order(CLIENT, one.clone(), Kind::Hide, hide(6)) {
        Reply::Refused { action: 6, reason } => assert_eq!(reason, TOO_LATE),
        other => panic!("{other:?}"),
    }
    let shown = bench.ingest.order(CLIENT, one.clone(), Kind::Show, hide(7));
    assert_eq!(shown, Reply::At { action: 7, revision: 2 });
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
    bench.store.commit(&[stored_action(frame(1))], 0).expect("a commit");
    bench.watermark.raise(1);
    order(&mut bench.ingest, 2);
    assert_eq!(bench.ingest.boards.name(number), None);
}
