//! The journals of a pool set.

use rusted_ring::{Capacities, Consumer, HeapPools, JoinError, PoolId, PoolSet, Sequence, Start, subscriber::Kept};
use rusted_ring_journal::{OpenError, Options, PoolJournals, RecordError};
use tempfile::TempDir;

fn open(directory: &TempDir) -> PoolJournals {
    PoolJournals::open(directory, Options::default()).unwrap()
}

/// Emits an event of each pool but those left out, and returns what is in it.
fn emit(pools: &HeapPools, n: u8, but: &[PoolId]) {
    for pool in PoolId::ALL.into_iter().filter(|pool| !but.contains(pool)) {
        let emitted = pools.emit(&vec![n; pool.max_size()], u32::from(n)).unwrap();
        assert_eq!(emitted.0, pool);
    }
}

/// The epoch of each pool's last events, and their end.
fn ends(journals: &PoolJournals) -> [Option<(u32, u64)>; 5] {
    PoolId::ALL.map(|pool| journals.of(pool).epochs().last().map(|last| (last.number, last.end.get())))
}

#[test]
fn each_pool_has_its_events_and_all_have_one_epoch() {
    let directory = tempfile::tempdir().unwrap();
    let pools: HeapPools = HeapPools::new(Capacities::MOBILE);
    emit(&pools, 1, &[]);
    let recordings = open(&directory).record(&pools, Start::Oldest).unwrap();
    assert!(matches!(PoolJournals::open(&directory, Options::default()), Err(OpenError::InUse(_))));
    emit(&pools, 2, &[PoolId::M]);
    let journals = recordings.stop().unwrap();
    for pool in PoolId::ALL {
        let (mut reader, mut buffer) = (journals.of(pool).reader(1), vec![0; pool.max_size()]);
        for n in if pool == PoolId::M { 1..=1 } else { 1..=2 } {
            let kept = reader.read(Sequence::new(u64::from(n) - 1), Sequence::new(2), &mut buffer).unwrap();
            assert_eq!(kept, Kept::Event { len: pool.max_size(), event_type: u32::from(n) });
            assert!(buffer.iter().all(|byte| *byte == n));
        }
    }
    drop(journals);

    // The next life is an epoch in all of them, also of those that had nothing in the first one.
    let pools: HeapPools = HeapPools::new(Capacities::MOBILE);
    let recordings = open(&directory).record(&pools, Start::Oldest).unwrap();
    emit(&pools, 3, &[PoolId::XS, PoolId::M]);
    let journals = recordings.stop().unwrap();
    assert_eq!(ends(&journals), [Some((1, 2)), Some((2, 1)), Some((1, 1)), Some((2, 1)), Some((2, 1))]);

    // Pools that outlived their recorder: each goes on where it was, or begins where it had nothing yet.
    emit(&pools, 4, &[PoolId::XS]);
    let recordings = journals.resume(&pools).unwrap();
    let lost: u64 = PoolId::ALL.iter().map(|pool| recordings.of(*pool).status().lost).sum();
    assert_eq!((lost, PoolId::ALL.map(|pool| recordings.of(pool).epoch())), (0, [2; 5]));
    let journals = recordings.stop().unwrap();
    assert_eq!(ends(&journals), [Some((1, 2)), Some((2, 2)), Some((2, 1)), Some((2, 2)), Some((2, 2))]);

    // Those of another set, which has not published so much.
    let refused = journals.resume(&HeapPools::<16384>::new(Capacities::MOBILE)).unwrap_err();
    assert!(matches!(refused, RecordError::Behind { .. }), "{refused}");
}

#[test]
fn without_a_place_in_one_pool_none_is_recorded() {
    let directory = tempfile::tempdir().unwrap();
    let pools: HeapPools = HeapPools::new(Capacities::MOBILE);
    let all: Vec<_> = std::iter::from_fn(|| Consumer::join(pools.xl(), Start::Newest).ok()).collect();
    assert!(!all.is_empty());
    let refused = open(&directory).record(&pools, Start::Oldest).unwrap_err();
    assert!(matches!(refused, RecordError::Join(JoinError::TooManyReaders)), "{refused}");
    drop(all);
    open(&directory).record(&pools, Start::Oldest).unwrap().stop().unwrap();
    assert_eq!(ends(&open(&directory)), [None; 5]);
}
