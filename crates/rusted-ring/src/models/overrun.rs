//! A Subscriber that is overtaken while it copies: what it delivers is whole, in order, and the rest is counted.

use std::sync::Arc;

use super::{Ring, Subscriber, drain, explore, payload, retained};
use crate::{
    Many, Mode, Sequence, Start,
    ledger::Ledger,
    publisher::{Publisher, SolePublisher},
    sync::thread,
};

/// After `published` events with the values 1, 2, .., at rest.
fn check_books<const CAP: usize, M: Mode>(reader: &mut Subscriber<CAP, M>, mut values: Vec<u64>, published: u64) {
    values.extend(drain(reader, 2 * CAP + 2));
    assert!(values.windows(2).all(|pair| pair[0] < pair[1]), "order: {values:?}");
    assert!(values.iter().all(|&value| (1..=published).contains(&value)));
    assert_eq!(reader.received(), values.len() as u64);
    assert_eq!(reader.lag(), 0);
    // A ring of one slot may have holes: a reader may take a sequence from its publisher, which then publishes again.
    let claimed = Ledger::of(reader.ring()).claimed().get();
    assert_eq!(reader.received() + reader.lost() + reader.holes(), claimed);
    assert_eq!(values.last(), Some(&published), "the newest event is always there for one who comes to rest");
}

fn overtaken_on_a_ring_of<const CAP: usize>(published: u64, polls: usize) {
    explore(2, move || {
        let ring = Arc::new(Ring::<CAP>::new());
        let mut reader = Subscriber::<CAP>::join(ring.clone(), Start::Oldest);
        let publisher = Publisher::join(ring).unwrap();
        let publishing = thread::spawn(move || {
            for value in 1..=published {
                publisher.try_publish(&payload(value), 0).unwrap();
            }
        });
        let values = drain(&mut reader, polls);
        publishing.join().unwrap();
        check_books(&mut reader, values, published);
    });
}

#[test]
fn many_publishers_ring_of_one() {
    // It has no margin: what is overtaken is resumed at the newest event.
    overtaken_on_a_ring_of::<1>(3, 2);
}

#[test]
fn many_publishers_ring_of_two() {
    overtaken_on_a_ring_of::<2>(4, 3);
}

#[test]
fn sole_publisher() {
    explore(2, || {
        let ring = Arc::new(Ring::<2, crate::Sole>::sole());
        let mut reader = Subscriber::<2, crate::Sole>::join(ring.clone(), Start::Oldest);
        let mut publisher = SolePublisher::join(ring).unwrap();
        let publishing = thread::spawn(move || {
            for value in 1..=4 {
                publisher.try_publish(&payload(value), 0).unwrap();
            }
        });
        let values = drain(&mut reader, 3);
        publishing.join().unwrap();
        check_books(&mut reader, values, 4);
    });
}

#[test]
fn a_reader_is_where_more_is_granted_than_entered() {
    explore(2, || {
        // Here grants reach two sequences, so that the limit does not tell what the intent does.
        let ring = Arc::new(Ring::<16, crate::Sole>::sole());
        let mut reader = Subscriber::<16, crate::Sole>::join(ring.clone(), Start::Oldest);
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        (1..=16).for_each(|value| _ = publisher.try_publish(&payload(value), 0).unwrap());
        let publishing = thread::spawn(move || {
            publisher.try_publish(&payload(17), 0).unwrap();
        });
        let values = drain(&mut reader, 2);
        publishing.join().unwrap();
        check_books(&mut reader, values, 17);
        assert_eq!(retained(&ring, Sequence::new(1)), (2..=17).collect::<Vec<_>>(), "a ring's worth, to the event");
    });
}

#[test]
fn a_reader_joins_while_a_publisher_publishes() {
    explore(2, || {
        let ring = Arc::new(Ring::<2, Many>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        let publishing = thread::spawn(move || {
            for value in 1..=3 {
                publisher.try_publish(&payload(value), 0).unwrap();
            }
        });
        let mut reader = Subscriber::<2>::join(ring, Start::Oldest);
        let joined = reader.next_sequence().get();
        let values = drain(&mut reader, 2);
        publishing.join().unwrap();
        let mut all = values;
        all.extend(drain(&mut reader, 6));
        assert_eq!(all.last(), Some(&3));
        assert_eq!(joined + reader.received() + reader.lost(), 3);
    });
}
