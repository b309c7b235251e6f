//! Processes that are killed, wherever they are.

use std::{ffi::OsString, fs, thread, time::Duration};

use rusted_ring::{
    Bytes, Consumer, Incident, JoinError, Mode, Publisher, Sequence, SolePublisher, Start, Subscriber, ledger::Ledger,
    publisher::PublishError, subscriber::TryRecvError,
};
use rusted_ring_shm::Ring;
use rustix::process::{Pid, Signal, kill_process};

use crate::{LONG, ManyRing, Place, SoleRing, child::event, until};

fn number(event: &[u8]) -> u64 {
    u64::from_le_bytes(event.try_into().unwrap())
}

#[test]
fn at_creation_a_whole_ring_is_left_or_nothing() {
    let place = Place::new();
    for round in 0..12 {
        let child = place.start("creates");
        thread::sleep(Duration::from_millis(round));
        child.kill();
        let left =
            || -> Vec<_> { fs::read_dir(place.path()).unwrap().flatten().map(|entry| entry.file_name()).collect() };
        let found = left();
        // The child removes what it created: a file that it was about to remove has a name for that, until somebody creates.
        let is_going = |name: &OsString| name.as_encoded_bytes().ends_with(b".gone");
        assert!(found.is_empty() || found == ["ring"] || found.len() == 1 && is_going(&found[0]), "{found:?}");
        let ring: ManyRing = place.file().open_or_create(100).unwrap();
        assert_eq!(left(), ["ring"], "{found:?}");
        Publisher::join(ring).unwrap().publish(b"works", 1).unwrap();
        place.file().remove().unwrap();
    }
}

#[test]
fn after_it_registered_a_consumer_holds_nobody() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(8).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    let child = place.start("holds");
    while publisher.try_publish(&event(0), 1).is_ok() {}
    assert!(matches!(publisher.publish_timeout(&event(0), 1, Duration::from_millis(30)), Err(PublishError::Full(_))));
    child.kill();
    publisher.publish_timeout(&event(1), 1, LONG).unwrap();
    assert_eq!(Ledger::of(&ring).readers().count(), 0);
}

#[test]
fn a_fork_of_a_consumers_process_takes_nothing_and_keeps_what_is_held_until_it_ends() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(8).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    let child = place.start("forks");
    let fork = Pid::from_raw(child.said.parse().unwrap()).unwrap();
    while publisher.try_publish(&event(0), 1).is_ok() {}
    child.kill();
    assert!(matches!(publisher.publish_timeout(&event(0), 1, Duration::from_millis(30)), Err(PublishError::Full(_))));
    assert_eq!(Ledger::of(&ring).readers().count(), 1, "the fork did not join");
    kill_process(fork, Signal::KILL).unwrap();
    publisher.publish_timeout(&event(1), 1, LONG).unwrap();
}

#[test]
fn asleep_a_reader_holds_nobody() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(8).unwrap();
    let child = place.start("sleeps");
    thread::sleep(Duration::from_millis(20));
    child.kill();
    let publisher = Publisher::join(ring).unwrap();
    for n in 0..20 {
        publisher.publish_timeout(&event(n), 1, LONG).unwrap();
    }
}

#[test]
fn in_the_middle_of_a_publish_one_of_many_leaves_a_hole_a_lap() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(8).unwrap();
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut screen = Subscriber::join(ring.clone(), Start::Newest);
    let child = place.start("claims");
    let publisher = Publisher::join(ring).unwrap();
    child.kill();
    for n in 0..21 {
        publisher.publish_timeout(&event(n), 1, LONG).unwrap();
        assert_eq!(number(store.copy_timeout(LONG).unwrap().bytes()), n);
        assert_eq!(number(screen.recv_timeout(LONG).unwrap().bytes()), n);
    }
    // The claim's sequence, and its slot twice more.
    assert_eq!((store.received(), store.holes()), (21, 3));
    assert_eq!((screen.received(), screen.lost(), screen.holes()), (21, 0, 3));
}

#[test]
fn in_the_middle_of_a_publish_a_sole_publisher_has_a_successor_that_repeats_nothing() {
    let place = Place::new();
    let ring: SoleRing = place.file().create(8).unwrap();
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let child = place.start("claims-alone");
    assert_eq!(SolePublisher::join(ring.clone()).unwrap_err(), JoinError::Occupied);
    child.kill();
    let mut publisher = SolePublisher::join(ring).unwrap();
    for n in 5..12 {
        assert_eq!(publisher.publish_timeout(&event(n), 1, LONG).unwrap().get(), n);
        if n == 7 {
            for n in 0..5 {
                assert_eq!(number(store.try_copy().unwrap().bytes()), n);
            }
        }
    }
    for n in 5..12 {
        assert_eq!(number(store.try_copy().unwrap().bytes()), n);
    }
    assert_eq!(store.holes(), 0);
}

#[test]
fn at_the_gate_a_publisher_leaves_nothing_behind() {
    at_the_gate("publishes", |ring: ManyRing| Publisher::join(ring).unwrap().publish(&event(77), 1).unwrap());
    at_the_gate("publishes-alone", |ring: SoleRing| SolePublisher::join(ring).unwrap().publish(&event(77), 1).unwrap());
}

/// Kills a publisher that is `role` and waits for room; then `publish` publishes 77.
fn at_the_gate<M: Mode>(role: &str, publish: impl FnOnce(Ring<Bytes<64>, M>) -> Sequence) {
    let place = Place::new();
    let ring: Ring<Bytes<64>, M> = place.file().create(8).unwrap();
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let child = place.start(role);
    until("the ring fills", || store.lag() == 8);
    thread::sleep(Duration::from_millis(5));
    child.kill();
    for n in 0..8 {
        assert_eq!(number(store.copy_timeout(LONG).unwrap().bytes()), n);
    }
    publish(ring);
    assert_eq!(number(store.copy_timeout(LONG).unwrap().bytes()), 77);
}

#[test]
fn while_it_joins_or_leaves_a_reader_costs_no_entry_and_holds_nobody() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(8).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    for round in 0..12 {
        let child = place.start("churns");
        for n in 0..50 {
            publisher.publish_timeout(&event(n), 1, LONG).unwrap();
        }
        thread::sleep(Duration::from_micros(300 * round));
        child.kill();
        for n in 0..20 {
            publisher.publish_timeout(&event(n), 1, LONG).unwrap();
        }
    }
    let all: Vec<_> = (0..64).map(|_| Consumer::join(ring.clone(), Start::Newest)).collect();
    assert!(all.iter().all(Result::is_ok), "every entry can be had");
}

#[test]
fn anywhere_in_a_stream_the_books_of_those_who_live_balance() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(64).unwrap();
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut screen = Subscriber::join(ring.clone(), Start::Newest);
    for round in 0..12 {
        let child = place.start("publishes");
        let mut next = None;
        for _ in 0..200 + 37 * round {
            let n = number(store.copy_timeout(LONG).unwrap().bytes());
            assert!(next.is_none_or(|next| next == n), "in order, nothing lost and nothing twice");
            next = Some(n + 1);
        }
        child.kill();
        // What it had published is still there, the rest of a publish that it began is a hole.
        while let Ok(event) = store.copy_timeout(Duration::from_millis(20)) {
            assert_eq!(Some(number(event.bytes())), next);
            next = next.map(|next| next + 1);
        }
        while screen.recv_timeout(Duration::from_millis(1)) != Err(TryRecvError::Empty) {}
    }
    let claimed = Ledger::of(&ring).claimed().get();
    assert_eq!(store.received() + store.holes() + store.lag(), claimed);
    assert_eq!(screen.received() + screen.lost() + screen.holes() + screen.lag(), claimed);
}

#[test]
fn a_sole_stream_goes_on_where_each_publisher_was_killed() {
    let place = Place::new();
    let ring: SoleRing = place.file().create(64).unwrap();
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut received = 0;
    for round in 0..8 {
        let child = place.start("publishes-alone");
        for n in 0..200 + 37 * round {
            assert_eq!(number(store.copy_timeout(LONG).unwrap().bytes()), n);
            received += 1;
        }
        child.kill();
        while store.try_copy().is_ok() {
            received += 1;
        }
    }
    let claimed = Ledger::of(&ring).claimed().get();
    assert_eq!((store.received(), store.holes(), store.lag()), (received, 0, 0));
    assert_eq!(received, claimed);
}

#[test]
fn in_mid_publish_many_times_a_publisher_costs_slots_until_somebody_is_alone_with_the_ring() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(8).unwrap();
    for round in 1..=3 {
        place.start("claims").kill();
        assert_eq!(Ledger::of(&ring).held(), round);
    }
    // Others have it open: nobody knows which of the slots are of the dead.
    let other: ManyRing = place.file().open().unwrap();
    assert_eq!(Ledger::of(&other).held(), 3);
    drop((ring, other));
    let ring: ManyRing = place.file().open().unwrap();
    assert_eq!(Ledger::of(&ring).held(), 0);
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    for n in 0..40 {
        publisher.publish(&event(n), 1).unwrap();
        assert_eq!(number(store.try_copy().unwrap().bytes()), n);
    }
    assert_eq!(store.holes(), 0, "every slot is used");
    let freed = ring.peers().noted().into_iter().find(|noted| noted.incident == Incident::FreedSlot).unwrap();
    assert_eq!(freed.count, 3);
}

#[test]
fn as_a_reader_that_is_not_in_the_table_it_is_not_counted_any_more() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(8).unwrap();
    let _readers: Vec<_> = (0..64).map(|_| Subscriber::join(ring.clone(), Start::Newest)).collect();
    let child = place.start("counts-unlisted");
    let _own = Subscriber::join(ring.clone(), Start::Newest);
    assert_eq!((Ledger::of(&ring).unlisted(), place.file().observe_any().unwrap().unlisted()), (3, 3));
    child.kill();
    assert_eq!((Ledger::of(&ring).unlisted(), place.file().observe_any().unwrap().unlisted()), (1, 1));
}

#[test]
fn what_was_met_of_the_dead_is_noted_in_the_file() {
    let place = Place::new();
    let ring: SoleRing = place.file().create(8).unwrap();
    let _publisher = SolePublisher::join(ring.clone()).unwrap();
    assert_eq!(ring.peers().noted(), []);
    drop(_publisher);
    place.start("claims-alone").kill();
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    let reader = Consumer::join(ring.clone(), Start::Newest).unwrap();
    drop(reader);
    let many = Place::new();
    let many_ring: ManyRing = many.file().create(8).unwrap();
    let child = many.start("holds");
    let many_publisher = Publisher::join(many_ring).unwrap();
    while many_publisher.try_publish(&event(0), 1).is_ok() {}
    child.kill();
    many_publisher.publish_timeout(&event(1), 1, LONG).unwrap();
    publisher.publish(&event(0), 1).unwrap();
    let noted = |place: &Place| {
        let noted = place.file().observe_any().unwrap().noted();
        noted.into_iter().map(|noted| (noted.incident, noted.count)).collect::<Vec<_>>()
    };
    assert_eq!(noted(&place), [(Incident::DeadPublisher, 1)]);
    assert_eq!(noted(&many), [(Incident::DeadReader, 1)]);
}

#[test]
fn in_mid_batch_what_was_published_stays_and_the_rest_is_holes() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(16).unwrap();
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let child = place.start("claims-batch");
    let left: u64 = child.said.parse().unwrap();
    child.kill();
    assert_eq!(Ledger::of(&ring).held(), left);
    let publisher = Publisher::join(ring).unwrap();
    publisher.publish(&event(9), 1).unwrap();
    for n in [0, 1, 9] {
        assert_eq!(number(store.copy_timeout(LONG).unwrap().bytes()), n);
    }
    assert_eq!(store.holes(), left);

    let place = Place::new();
    let ring: SoleRing = place.file().create(16).unwrap();
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    place.start("claims-batch-alone").kill();
    let mut publisher = SolePublisher::join(ring).unwrap();
    assert_eq!(publisher.publish(&event(9), 1).unwrap().get(), 2, "the rest of the batch never was");
    for n in [0, 1, 9] {
        assert_eq!(number(store.copy_timeout(LONG).unwrap().bytes()), n);
    }
    assert_eq!(store.holes(), 0);
}
