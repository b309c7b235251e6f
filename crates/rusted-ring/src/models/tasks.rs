//! Tasks that sleep: none sleeps through what it waits for. A lost waking never ends, which loom reports.

use core::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
};
use std::sync::Arc;

use super::{Consumer, Ring, Subscriber, explore_sleeping, payload, value_of};
use crate::{
    Sole, Start,
    publisher::{Publisher, SolePublisher},
    subscriber,
    sync::{block_on, thread},
};

#[test]
fn a_task_sleeps_until_a_publisher_publishes() {
    explore_sleeping(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let mut reader = Subscriber::<2, _, _>::join(ring.clone(), Start::Newest).into_async();
        let publisher = Publisher::join(ring).unwrap();
        let publishing = thread::spawn(move || publisher.publish(&payload(1), 0).unwrap());
        assert_eq!(value_of(&block_on(reader.recv()).unwrap()), 1);
        publishing.join().unwrap();
    });
}

#[test]
fn a_task_and_a_thread_sleep_and_both_are_woken() {
    explore_sleeping(2, || {
        let ring = Arc::new(Ring::<2, Sole>::sole());
        let mut task = Subscriber::<2, Sole, _>::join(ring.clone(), Start::Newest).into_async();
        let mut thread = Subscriber::<2, Sole, _>::join(ring.clone(), Start::Newest);
        let mut publisher = SolePublisher::join(ring).unwrap();
        let reading = thread::spawn(move || assert_eq!(value_of(&thread.recv().unwrap()), 1));
        let publishing = thread::spawn(move || publisher.publish(&payload(1), 0).unwrap());
        assert_eq!(value_of(&block_on(task.recv()).unwrap()), 1);
        reading.join().unwrap();
        publishing.join().unwrap();
    });
}

#[test]
fn a_task_sleeps_behind_the_gate_until_a_consumer_leaves() {
    explore_sleeping(2, || {
        let ring = Arc::new(Ring::<1, Sole>::sole());
        let consumer = Consumer::<1, Sole, _>::join(ring.clone(), Start::Newest).unwrap();
        let mut publisher = SolePublisher::join(ring).unwrap().into_async();
        block_on(publisher.publish(&payload(1), 0)).unwrap();
        let leaving = thread::spawn(move || drop(consumer));
        assert_eq!(block_on(publisher.publish(&payload(2), 0)).unwrap().get(), 1);
        leaving.join().unwrap();
    });
}

#[test]
fn closing_wakes_a_task() {
    explore_sleeping(2, || {
        let ring = Arc::new(Ring::<2, _, _>::closing());
        let publisher = Publisher::join(ring.clone()).unwrap();
        let mut reader = Subscriber::<2, _, _>::join(ring, Start::Newest).into_async();
        let leaving = thread::spawn(move || drop(publisher));
        assert_eq!(block_on(reader.recv()), Err(subscriber::RecvError::Closed));
        leaving.join().unwrap();
    });
}

#[test]
fn a_receive_that_is_dropped_takes_nobody_elses_waking() {
    explore_sleeping(2, || {
        let ring = Arc::new(Ring::<2, Sole>::sole());
        let mut given_up = Subscriber::<2, Sole, _>::join(ring.clone(), Start::Newest).into_async();
        let mut reader = Subscriber::<2, Sole, _>::join(ring.clone(), Start::Newest).into_async();
        let mut publisher = SolePublisher::join(ring).unwrap();
        let publishing = thread::spawn(move || publisher.publish(&payload(1), 0).unwrap());
        let giving_up = thread::spawn(move || {
            // Polled once, and dropped.
            let mut context = Context::from_waker(Waker::noop());
            _ = pin!(given_up.recv()).poll(&mut context);
        });
        assert_eq!(value_of(&block_on(reader.recv()).unwrap()), 1);
        publishing.join().unwrap();
        giving_up.join().unwrap();
    });
}
