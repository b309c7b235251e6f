//! Sleeping: nobody sleeps through what it waits for. A lost waking is a deadlock, which is reported.

use std::sync::Arc;

use super::{Consumer, Ring, Subscriber, explore_sleeping, payload, value, value_of};
use crate::{
    Start, consumer,
    publisher::{Publisher, SolePublisher},
    subscriber,
    sync::thread,
};

#[test]
fn a_reader_sleeps_until_a_publisher_publishes() {
    explore_sleeping(3, || {
        let ring = Arc::new(Ring::<2>::new());
        let mut reader = Subscriber::<2, _, _>::join(ring.clone(), Start::Newest);
        let publisher = Publisher::join(ring).unwrap();
        let publishing = thread::spawn(move || publisher.publish(&payload(1), 0).unwrap());
        assert_eq!(value_of(&reader.recv().unwrap()), 1);
        publishing.join().unwrap();
    });
}

#[test]
fn a_reader_sleeps_until_the_sole_publisher_publishes() {
    explore_sleeping(3, || {
        let ring = Arc::new(Ring::<2, crate::Sole>::sole());
        let mut reader = Subscriber::<2, crate::Sole, _>::join(ring.clone(), Start::Newest);
        let mut publisher = SolePublisher::join(ring).unwrap();
        let publishing = thread::spawn(move || publisher.publish(&payload(1), 0).unwrap());
        assert_eq!(value_of(&reader.recv().unwrap()), 1);
        publishing.join().unwrap();
    });
}

#[test]
fn two_sleep_and_both_are_woken() {
    explore_sleeping(2, || {
        let ring = Arc::new(Ring::<2, crate::Sole>::sole());
        let mut one = Subscriber::<2, crate::Sole, _>::join(ring.clone(), Start::Newest);
        let mut two = Subscriber::<2, crate::Sole, _>::join(ring.clone(), Start::Newest);
        let mut publisher = SolePublisher::join(ring).unwrap();
        let reading = thread::spawn(move || assert_eq!(value_of(&two.recv().unwrap()), 1));
        let publishing = thread::spawn(move || publisher.publish(&payload(1), 0).unwrap());
        assert_eq!(value_of(&one.recv().unwrap()), 1);
        reading.join().unwrap();
        publishing.join().unwrap();
    });
}

#[test]
fn a_publisher_sleeps_behind_the_gate_until_a_consumer_moves() {
    explore_sleeping(2, || {
        let ring = Arc::new(Ring::<1>::new());
        let mut consumer = Consumer::<1, _, _>::join(ring.clone(), Start::Newest).unwrap();
        let publisher = Publisher::join(ring).unwrap();
        publisher.publish(&payload(1), 0).unwrap();
        let publishing = thread::spawn(move || publisher.publish(&payload(2), 0).unwrap());
        assert_eq!(value(&consumer.try_recv().unwrap()), 1);
        publishing.join().unwrap();
        assert_eq!(value(&consumer.try_recv().unwrap()), 2);
    });
}

#[test]
fn a_publisher_sleeps_behind_the_gate_until_the_consumer_leaves() {
    explore_sleeping(2, || {
        let ring = Arc::new(Ring::<1, crate::Sole>::sole());
        let consumer = Consumer::<1, crate::Sole, _>::join(ring.clone(), Start::Newest).unwrap();
        let mut publisher = SolePublisher::join(ring).unwrap();
        publisher.publish(&payload(1), 0).unwrap();
        let publishing = thread::spawn(move || publisher.publish(&payload(2), 0).unwrap());
        drop(consumer);
        publishing.join().unwrap();
    });
}

#[test]
fn a_publisher_sleeps_while_every_slot_is_stuck_until_an_owner_lets_go() {
    explore_sleeping(3, || {
        let ring = Arc::new(Ring::<1>::new());
        let stopped = Publisher::join(ring.clone()).unwrap();
        let claim = stopped.try_claim().unwrap();
        let publisher = Publisher::join(ring).unwrap();
        let publishing = thread::spawn(move || publisher.publish(&payload(1), 0).unwrap());
        drop(claim);
        publishing.join().unwrap();
    });
}

#[test]
fn closing_wakes_who_sleeps() {
    explore_sleeping(3, || {
        let ring = Arc::new(Ring::<2, _, _>::closing());
        let publisher = Publisher::join(ring.clone()).unwrap();
        let mut reader = Subscriber::<2, _, _>::join(ring.clone(), Start::Newest);
        let mut consumer = Consumer::<2, _, _>::join(ring, Start::Newest).unwrap();
        let leaving = thread::spawn(move || drop(publisher));
        assert_eq!(reader.recv(), Err(subscriber::RecvError::Closed));
        assert!(matches!(consumer.recv(), Err(consumer::Closed)));
        leaving.join().unwrap();
    });
}

#[test]
fn a_consumer_sleeps_at_a_pending_sequence_until_it_is_passed() {
    explore_sleeping(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let mut consumer = Consumer::<2, _, _>::join(ring.clone(), Start::Newest).unwrap();
        let stopped = Publisher::join(ring.clone()).unwrap();
        {
            use crate::RingRef;
            core::mem::forget(stopped.ring().view().claim().unwrap());
        }
        let publishing = thread::spawn(move || Publisher::join(ring).unwrap().publish(&payload(2), 0).unwrap());
        assert_eq!(value(&consumer.recv().unwrap()), 2);
        assert_eq!(consumer.holes(), 1);
        publishing.join().unwrap();
    });
}
