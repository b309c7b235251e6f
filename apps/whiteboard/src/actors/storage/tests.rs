use rusted_ring::pool::{Capacities, PoolSet};

use super::*;
use crate::boards::Open;
use crate::protocol::{BoardId, BoardName, ClientId};
use crate::rings::pools::Pools;
use crate::rings::stages::Stages;
use crate::rings::wakeup;
use crate::rings::writers::Writers;

struct Bench {
    writers: Writers,
    pools: Pools,
    store: Arc<Store>,
    watermark: Watermark,
    last: Arc<OnceLock<Ended>>,
    storage: Storage,
    board: (BoardName, BoardId),
    _open: Open,
    _home: tempfile::TempDir,
}

fn bench() -> Bench {
    let home = tempfile::tempdir().expect("a directory");
    let store = Arc::new(Store::open(home.path()).expect("a new board"));
    let pools = Pools::noted(Capacities::MOBILE);
    let watermark = Watermark::at(0);
    let last = Arc::new(OnceLock::new());
    let (_, feeds) = Stages::over(&pools).expect("seats");
    let boards = Boards::default();
    let name: BoardName = "one".parse().expect("a name");
    let open = boards.open(&name);
    let storage = Storage::new(
        feeds.storage,
        Arc::clone(&store),
        boards,
        watermark.clone(),
        Waking { storage: wakeup::pair().1, network: wakeup::pair().0 },
        Arc::clone(&last),
        Keep { cleared: 600, ids: 86_400 },
        None,
    );
    let writers = Writers::join(&pools).expect("open pools");
    Bench { writers, pools, store, watermark, last, storage, board: (name, open.number()), _open: open, _home: home }
}

fn publish(bench: &Bench, revision: u64, len: usize) {
    let mut frame = vec![0; len];
    frame[0] = Kind::Stroke as u8;
    protocol::set_revision(&mut frame, revision);
    frame[17..25].copy_from_slice(&revision.to_le_bytes());
    let payload = Posted::action(frame, ClientId::new([9; 16]), bench.board.1);
    bench.writers.try_publish(Kind::Stroke, &payload).expect("room");
}

#[test]
fn actions_of_all_pools_are_stored_in_one_order_and_moments_are_not() {
    let bench = bench();
    let sizes = [41, 3000, 9000, 100, 15_000, 41];
    for (revision, len) in (1..).zip(sizes) {
        publish(&bench, revision, len);
        bench.writers.try_publish(Kind::Segment, &[18; 60]).expect("room");
    }
    bench.last.set(Ended::at(sizes.len() as u64)).expect("unset");
    bench.storage.run();
    assert_eq!(bench.watermark.now().revision, sizes.len() as u64);
    let frames = bench.store.chunk(&bench.board.0, 1, 100, usize::MAX).expect("a chunk").frames;
    let stored: Vec<(u64, usize)> = frames.iter().map(|frame| (protocol::revision(frame), frame.len())).collect();
    assert_eq!(stored, (1..).zip(sizes).collect::<Vec<_>>());
    assert_eq!(bench.store.revision_of(ClientId::new([9; 16]), 3).expect("read"), Some(3));
}

#[test]
fn nothing_beyond_a_gap_is_committed_until_the_gap_is_filled() {
    let mut bench = bench();
    publish(&bench, 2, 3000);
    assert!(bench.storage.gather().0.is_empty());
    publish(&bench, 1, 41);
    let (batch, _) = bench.storage.gather();
    assert_eq!(batch.iter().map(|action| protocol::revision(&action.frame)).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_batch_is_bounded_in_bytes() {
    let mut bench = bench();
    let frame = Bytes::from(vec![0; BATCH_BYTES]);
    let board = bench.board.0.clone();
    intake(&bench.storage.intake).merge.offer(1, Action { board, client: ClientId::new([0; 16]), frame });
    for revision in 2..=5 {
        publish(&bench, revision, 15_980);
    }
    assert_eq!(bench.storage.gather().0.len(), 1);
    assert_eq!(bench.storage.gather().0.len(), 4);
}

#[test]
fn after_it_ended_the_writers_wait_for_nobody() {
    let bench = bench();
    bench.last.set(Ended::at(0)).expect("unset");
    bench.storage.run();
    for _ in 0..2 * Capacities::MOBILE.m {
        bench.writers.try_publish(Kind::Stroke, &[1; 60]).expect("no consumer holds the pool");
    }
    assert!(rusted_ring::ledger::Ledger::of(&bench.pools.m()).readers().next().is_none());
}
