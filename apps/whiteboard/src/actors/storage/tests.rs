use rusted_ring::pool::{Capacities, HeapPools, PoolSet};

use super::*;
use crate::stages::Stages;
use crate::writers::Writers;

struct Bench {
    writers: Writers,
    pools: HeapPools,
    store: Arc<Store>,
    watermark: Watermark,
    last: Arc<OnceLock<u64>>,
    storage: Storage,
    _home: tempfile::TempDir,
}

fn bench() -> Bench {
    let home = tempfile::tempdir().expect("a directory");
    let store = Arc::new(Store::open(home.path()).expect("a new board"));
    let pools = HeapPools::new(Capacities::MOBILE);
    let watermark = Watermark::at(0);
    let last = Arc::new(OnceLock::new());
    let (_, feeds) = Stages::over(&pools).expect("seats");
    let storage = Storage::new(feeds.storage, Arc::clone(&store), watermark.clone(), Arc::clone(&last));
    let writers = Writers::join(&pools).expect("open pools");
    Bench { writers, pools, store, watermark, last, storage, _home: home }
}

fn publish(writers: &Writers, revision: u64, len: usize) {
    let mut payload = vec![0; len];
    payload[0] = Kind::Stroke as u8;
    protocol::set_revision(&mut payload, revision);
    payload[17..25].copy_from_slice(&revision.to_le_bytes());
    payload.extend_from_slice(&[9; ClientId::LEN]);
    writers.try_publish(Kind::Stroke, &payload).expect("room");
}

#[test]
fn actions_of_all_pools_are_stored_in_one_order_and_moments_are_not() {
    let bench = bench();
    let sizes = [41, 3000, 9000, 100, 15_000, 41];
    for (revision, len) in (1..).zip(sizes) {
        publish(&bench.writers, revision, len);
        bench.writers.try_publish(Kind::Segment, &[18; 60]).expect("room");
    }
    bench.last.set(sizes.len() as u64).expect("unset");
    bench.storage.run();
    assert_eq!(bench.watermark.now().revision, sizes.len() as u64);
    let frames = bench.store.chunk(1, 100, usize::MAX).expect("a chunk");
    let stored: Vec<(u64, usize)> = frames.iter().map(|frame| (protocol::revision(frame), frame.len())).collect();
    assert_eq!(stored, (1..).zip(sizes).collect::<Vec<_>>());
    assert_eq!(bench.store.revision_of(ClientId::new([9; 16]), 3).expect("read"), Some(3));
}

#[test]
fn nothing_beyond_a_gap_is_committed_until_the_gap_is_filled() {
    let mut bench = bench();
    publish(&bench.writers, 2, 3000);
    assert!(bench.storage.gather(&mut Backoff::new()).is_empty());
    publish(&bench.writers, 1, 41);
    let batch = bench.storage.gather(&mut Backoff::new());
    assert_eq!(batch.iter().map(|action| protocol::revision(&action.frame)).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_batch_is_bounded_in_bytes() {
    let mut bench = bench();
    let frame = Bytes::from(vec![0; BATCH_BYTES]);
    bench.storage.merge.offer(1, Action { client: ClientId::new([0; 16]), frame });
    for revision in 2..=5 {
        publish(&bench.writers, revision, 16_000 - ClientId::LEN);
    }
    assert_eq!(bench.storage.gather(&mut Backoff::new()).len(), 1);
    assert_eq!(bench.storage.gather(&mut Backoff::new()).len(), 4);
}

#[test]
fn after_it_ended_the_writers_wait_for_nobody() {
    let bench = bench();
    bench.last.set(0).expect("unset");
    bench.storage.run();
    for _ in 0..2 * Capacities::MOBILE.m {
        bench.writers.try_publish(Kind::Stroke, &[1; 60]).expect("no consumer holds the pool");
    }
    assert!(rusted_ring::ledger::Ledger::of(&bench.pools.m()).readers().next().is_none());
}
