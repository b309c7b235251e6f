//! Runs of claims by one of many publishers: each slot of a run is taken over, and shown as claimed, like a single one.

use std::sync::Arc;

use super::{Ring, Subscriber, drain, explore, payload};
use crate::{Sequence, Start, publisher::Publisher, sync::thread};

/// Publishes `first` and `second` in one batch, or as much of it as there is room for; returns how many.
fn publish_two(publisher: &Publisher<Arc<Ring<2>>>, first: u64, second: u64) -> usize {
    let data = [payload(first), payload(second)];
    // Full: the other publisher, stopped in the middle, holds every slot.
    publisher.try_publish_batch(&[(&data[0], 0), (&data[1], 0)]).unwrap_or(0)
}

#[test]
fn each_slot_of_a_run_is_taken_over_from_its_last_owner() {
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        publisher.try_publish(&payload(1), 0).unwrap();
        let other = Publisher::join(ring.clone()).unwrap();
        let publishing = thread::spawn(move || other.try_publish(&payload(2), 0).is_ok());
        let published = publish_two(&publisher, 3, 4);
        publishing.join().unwrap();
        let mut reader = Subscriber::<2>::join(ring, Start::Oldest);
        assert!(published > 0 || !drain(&mut reader, 3).is_empty());
    });
}

#[test]
fn a_reader_is_overtaken_at_the_second_slot_of_a_run() {
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        assert_eq!(publish_two(&publisher, 1, 2), 2);
        let mut reader = Subscriber::<2>::join(ring, Start::At(Sequence::new(1)));
        let publishing = thread::spawn(move || assert_eq!(publish_two(&publisher, 3, 4), 2));
        let mut values = drain(&mut reader, 1);
        publishing.join().unwrap();
        values.extend(drain(&mut reader, 6));
        assert!(values == [2, 3, 4] || values.ends_with(&[4]) && values.windows(2).all(|pair| pair[0] < pair[1]));
    });
}
