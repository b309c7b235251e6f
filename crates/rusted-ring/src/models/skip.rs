//! A sole publisher that skips: its readers meet the marks of holes, and never an event that was not published.

use std::sync::Arc;

use super::{Consumer, Ring, Subscriber, drain, explore, payload, value};
use crate::{Sequence, Sole, Start, publisher::SolePublisher, sync::thread};

/// Publishes 1, skips up to `to`, and publishes 2 there.
fn skips<const CAP: usize>(ring: Arc<Ring<CAP, Sole>>, to: u64) -> impl FnOnce() + Send + 'static {
    let mut publisher = SolePublisher::join(ring).unwrap();
    publisher.try_publish(&payload(1), 0).unwrap();
    move || {
        publisher.try_skip_to(Sequence::new(to)).unwrap();
        assert_eq!(publisher.try_publish(&payload(2), 0).unwrap().get(), to);
    }
}

fn a_subscriber_looks_on<const CAP: usize>(to: u64) {
    explore(3, move || {
        let ring = Arc::new(Ring::<CAP, Sole>::sole());
        let mut reader = Subscriber::<CAP, Sole>::join(ring.clone(), Start::Oldest);
        let publishing = thread::spawn(skips(ring, to));
        let mut values = drain(&mut reader, 2);
        publishing.join().unwrap();
        values.extend(drain(&mut reader, CAP + 2));
        assert!(values == [1, 2] || values == [2] && reader.lost() > 0, "{values:?}");
        assert_eq!(reader.received() + reader.lost() + reader.holes(), to + 1);
    });
}

#[test]
fn a_subscriber_meets_holes_within_a_lap() {
    a_subscriber_looks_on::<4>(3);
}

#[test]
fn a_subscriber_is_overtaken_by_a_skip_of_more_than_a_lap() {
    a_subscriber_looks_on::<2>(6);
}

#[test]
fn a_consumer_of_batches_meets_holes() {
    explore(3, || {
        let ring = Arc::new(Ring::<4, Sole>::sole());
        let mut consumer = Consumer::<4, Sole>::join(ring.clone(), Start::Oldest).unwrap();
        let publishing = thread::spawn(skips(ring, 3));
        let mut values = Vec::new();
        let mut receive = |consumer: &mut Consumer<4, Sole>| {
            if let Ok(batch) = consumer.try_batch() {
                values.extend(batch.iter().map(|event| value(&event)));
            }
        };
        receive(&mut consumer);
        receive(&mut consumer);
        publishing.join().unwrap();
        receive(&mut consumer);
        receive(&mut consumer);
        assert_eq!((values, consumer.holes()), (vec![1, 2], 2));
    });
}

/// A Consumer that joins meanwhile begins where the skip cannot hurt it.
#[test]
fn a_consumer_joins_while_a_publisher_skips_more_than_a_lap() {
    explore(3, || {
        let ring = Arc::new(Ring::<2, Sole>::sole());
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        publisher.try_publish(&payload(1), 0).unwrap();
        let publishing = thread::spawn(move || {
            // It finds the ring full, if the Consumer has joined before.
            let skipped = publisher.try_skip_to(Sequence::new(6)).is_ok();
            skipped.then(|| publisher.try_publish(&payload(2), 0).is_ok())
        });
        let mut consumer = Consumer::<2, Sole>::join(ring, Start::Oldest).unwrap();
        let mut values = Vec::new();
        let mut receive = |consumer: &mut Consumer<2, Sole>| {
            while let Ok(loan) = consumer.try_recv() {
                values.push(value(&loan));
            }
        };
        receive(&mut consumer);
        let published = publishing.join().unwrap();
        receive(&mut consumer);
        assert!(values.is_empty() || values == [1] || values == [2] || values == [1, 2], "{values:?}");
        assert_eq!(values.contains(&2), published == Some(true));
    });
}
