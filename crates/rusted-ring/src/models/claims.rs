//! Claims that meet: on one slot, after a lap, and after their owner was given up.

use std::sync::Arc;

use super::{Ring, Subscriber, drain, explore, payload, retained, value};
use crate::{
    RingRef, Sequence, Start,
    publisher::{PublishError, Publisher},
    ring::{Nothing, Seen},
    sync::thread,
};

#[test]
fn two_publishers_never_share_a_sequence() {
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let publish = |value| {
            let publisher = Publisher::join(ring.clone()).unwrap();
            thread::spawn(move || publisher.try_publish(&payload(value), 0).unwrap())
        };
        let (one, two) = (publish(1), publish(2));
        let mut reader = Subscriber::<2>::join(ring.clone(), Start::At(Sequence::new(0)));
        let mut values = drain(&mut reader, 2);
        let sequences = [one.join().unwrap(), two.join().unwrap()];
        assert_ne!(sequences[0], sequences[1]);
        values.extend(drain(&mut reader, 4));
        // A reader may take a pending sequence from its publisher, which then publishes again: a hole, and no loss.
        assert_eq!(reader.lost(), 0);
        let mut sorted = values.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2], "both events, once each");
        assert_eq!(reader.next_sequence().get(), 2 + reader.holes());
    });
}

#[test]
fn a_publisher_is_lapped_on_a_ring_of_one() {
    explore(2, || {
        let ring = Arc::new(Ring::<1>::new());
        let publish = |value| {
            let publisher = Publisher::join(ring.clone()).unwrap();
            thread::spawn(move || publisher.try_publish(&payload(value), 0))
        };
        let (one, two) = (publish(1), publish(2));
        let outcomes = [(one.join().unwrap(), 1), (two.join().unwrap(), 2)];
        let last = outcomes.iter().filter_map(|(outcome, value)| Some((outcome.ok()?, *value))).max();
        for (outcome, _) in outcomes {
            // Full: the other, stopped in the middle, held the one slot.
            assert!(matches!(outcome, Ok(_) | Err(PublishError::Full(_))));
        }
        let (sequence, value) = last.expect("at least one of two is published");
        let place = ring.view().place(sequence.get());
        match ring.view().look(place, &mut Seen::default()) {
            Ok(_) => assert_eq!(retained(&ring, sequence), [value]),
            // The other one's skip, let go of later, took the slot over as a hole.
            found => assert!(matches!(found, Err(Nothing::Lapped(_))), "{found:?}"),
        }
    });
}

#[test]
fn a_revoked_owner_publishes_again_and_nothing_is_lost() {
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        let owner = thread::spawn(move || publisher.try_publish(&payload(1), 0).unwrap());
        let other = Publisher::join(ring.clone()).unwrap();
        let second = thread::spawn(move || other.try_publish(&payload(2), 0).unwrap());
        // In a model a reader's grace is over at once: it gives up on a pending owner that has a successor.
        let mut reader = Subscriber::<2>::join(ring, Start::At(Sequence::new(0)));
        let mut values = drain(&mut reader, 3);
        owner.join().unwrap();
        second.join().unwrap();
        values.extend(drain(&mut reader, 5));
        values.sort_unstable();
        assert_eq!(values, [1, 2]);
    });
}

#[test]
fn a_stopped_owner_is_skipped_and_harms_nobody_when_it_resumes() {
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let stopped = ring.clone();
        let owner = thread::spawn(move || {
            let view = stopped.view();
            let mut claim = view.claim().unwrap();
            thread::yield_now();
            claim.fill(&payload(9), 0);
            claim.commit().is_ok()
        });
        let publisher = Publisher::join(ring.clone()).unwrap();
        let published: Vec<_> =
            (1..=3).map(|value| publisher.try_publish(&payload(value), 0).map(|s| (s, value))).collect();
        let committed = owner.join().unwrap();
        let newest = published.into_iter().flatten().max().expect("one slot is free at any time");
        let place = ring.view().place(newest.0.get());
        let slot = ring.view().look(place, &mut Seen::default());
        // Whatever stands in the newest event's slot, it is that event, or the owner's later hole or event.
        match slot {
            Ok(_) => {
                let mut bytes = [0; super::BYTES];
                assert!(ring.view().copy_out(place, &mut Seen::default(), &mut bytes).is_ok());
                assert_eq!(value(&bytes), newest.1);
            }
            found => assert!(matches!(found, Err(Nothing::Lapped(_))), "{found:?}, committed {committed}"),
        }
        // At rest nothing is held: the ring takes a full lap of events again.
        for value in 4..=5 {
            publisher.try_publish(&payload(value), 0).unwrap();
        }
    });
}

#[test]
fn a_dropped_claim_is_a_hole() {
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let dropping = ring.clone();
        let owner = thread::spawn(move || drop(dropping.view().claim().unwrap()));
        let publisher = Publisher::join(ring.clone()).unwrap();
        publisher.try_publish(&payload(1), 0).unwrap();
        owner.join().unwrap();
        let mut reader = Subscriber::<2>::join(ring, Start::At(Sequence::new(0)));
        assert_eq!(drain(&mut reader, 3), [1]);
        assert_eq!((reader.holes(), reader.lost()), (1, 0));
    });
}
