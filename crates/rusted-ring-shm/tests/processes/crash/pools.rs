//! Processes that are killed or stopped while they create, remove or use a pool set.

use std::{fs, thread, time::Duration};

use rusted_ring::{Consumer, PoolSet, Start, Subscriber, pool::PoolId, publisher::PublishError};
use rusted_ring_shm::{FileError, Pools};
use rustix::process::Signal;

use crate::{LONG, Place, child::FEW, until};

#[test]
fn while_a_set_is_created_or_removed_a_killed_process_keeps_nobody_out() {
    let place = Place::new();
    for round in 0..16 {
        let child = place.start("creates-pools");
        thread::sleep(Duration::from_micros(150 * round));
        child.kill();
        // What is left is a set, or none, and no process is kept out of it.
        match place.pools().open() {
            Ok(pools) => use_one(&pools),
            Err(FileError::NotFound(_)) => {}
            Err(error) => panic!("{error}"),
        }
        let pools: Pools = place.pools().open_or_create(FEW).unwrap();
        use_one(&pools);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 5, "nothing else is left");
        place.pools().remove().unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}

fn use_one(pools: &Pools) {
    let mut reader = Subscriber::join(pools.s(), Start::Newest);
    assert_eq!(pools.emit(&[7; 100], 1).unwrap().0, PoolId::S);
    assert_eq!(reader.recv_timeout(LONG).unwrap().bytes(), [7; 100]);
}

#[test]
fn while_a_stopped_process_creates_a_set_others_are_told_and_go_on_once_it_is_killed() {
    let place = Place::new();
    let child = place.start("names-pools");
    // It has named two of them, and has the right to name the rest.
    child.signal(Signal::STOP);
    assert!(matches!(place.pools().open::<16384, ()>(), Err(FileError::NotFound(_))));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| place.pools().open_or_create::<16384, ()>(FEW));
        thread::sleep(Duration::from_millis(30));
        assert!(!waiting.is_finished(), "it waits for the other");
        child.kill();
        use_one(&waiting.join().unwrap().unwrap());
    });
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 5);
}

#[test]
fn processes_that_create_a_set_at_once_have_the_same() {
    let place = Place::new();
    let children: Vec<_> = (0..3).map(|_| place.start("opens-pools")).collect();
    let pools: Pools = place.pools().open().unwrap();
    let set = pools.xl().peers().properties().set.unwrap();
    for child in &children {
        assert_eq!(child.said, set.to_string());
    }
}

#[test]
fn a_killed_consumer_of_one_pool_blocks_no_emit() {
    let place = Place::new();
    let pools: Pools = place.pools().create(FEW).unwrap();
    let child = place.start("holds-pool");
    while pools.emit(&[1; 200], 1).is_ok() {}
    let Err(PublishError::Full(full)) = pools.emit(&[1; 200], 1) else { panic!("it is full") };
    assert_eq!(full.blocker.unwrap().name.as_str(), "holds-pool");
    assert!(pools.emit(&[1; 20], 1).is_ok(), "another pool is not");
    child.kill();
    until("the dead Consumer holds the pool", || pools.emit(&[1; 200], 1).is_ok());
    let mut store = Consumer::join(pools.s(), Start::Newest).unwrap();
    pools.emit(&[2; 200], 1).unwrap();
    assert_eq!(store.try_copy().unwrap().bytes(), [2; 200]);
}
