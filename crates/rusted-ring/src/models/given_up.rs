//! Owners that are given up while others sleep: an endpoint that waits for what becomes a hole is woken. A lost waking is a deadlock.

use std::sync::Arc;

use super::{Consumer, Ring, Subscriber, explore_sleeping, payload, value};
use crate::{
    RingRef, Start,
    publisher::Publisher,
    subscriber,
    sync::thread::{self, JoinHandle},
};

/// A thread that receives one event: its value, and how many holes came before.
fn receiving<const CAP: usize>(mut consumer: Consumer<CAP>) -> JoinHandle<(u64, u64)> {
    thread::spawn(move || {
        let received = value(&consumer.recv().unwrap());
        (received, consumer.holes())
    })
}

#[test]
fn a_consumer_sleeps_until_another_reader_gives_its_sequence_up() {
    explore_sleeping(2, || {
        let ring = Arc::new(Ring::<1>::new());
        let sleeping = receiving(Consumer::<1>::join(ring.clone(), Start::Newest).unwrap());
        let mut reader = Subscriber::<1>::join(ring.clone(), Start::At(crate::Sequence::new(0)));
        let slow = ring.view().claim().ok().unwrap();
        // By the Subscriber, if the Consumer has not.
        assert_eq!(reader.try_recv(), Err(subscriber::TryRecvError::Empty));
        assert!(slow.commit().is_err());
        // Behind the Consumer, which leaves the hole once it is awake.
        Publisher::join(ring).unwrap().publish(&payload(1), 0).unwrap();
        let (received, holes) = sleeping.join().unwrap();
        // On a ring of one the publisher is passed as well, and may be given up before it is done.
        assert!(received == 1 && holes >= 1);
    });
}

#[test]
fn a_consumer_sleeps_until_a_publisher_skips_its_sequence() {
    explore_sleeping(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let mut consumer = Consumer::<2>::join(ring.clone(), Start::Newest).unwrap();
        let publisher = Publisher::join(ring.clone()).unwrap();
        let held = ring.view().claim().ok().unwrap();
        publisher.publish(&payload(1), 0).unwrap();
        assert_eq!(value(&consumer.recv().unwrap()), 1);
        assert_eq!(consumer.holes(), 1);
        // At the held slot's next sequence.
        let sleeping = receiving(consumer);
        core::mem::forget(ring.view().claim().ok().unwrap());
        drop(held);
        // Behind the Consumer, which leaves the hole once it is awake.
        publisher.publish(&payload(2), 0).unwrap();
        assert_eq!(sleeping.join().unwrap(), (2, 3));
    });
}
