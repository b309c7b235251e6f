//! Sets that sleep: none sleeps through what a member waits for. A lost waking is a deadlock, which is reported.

use std::sync::Arc;

use super::{Consumer, Ring, Subscriber, explore_sleeping, payload, value, value_of};
use crate::{
    RingRef, Sole, Start,
    publisher::{Publisher, SolePublisher},
    subscriber,
    sync::thread,
    wait::{WaitSet, Waitable},
};

#[test]
fn a_set_over_two_rings_is_woken_by_the_publisher_of_each() {
    explore_sleeping(2, || {
        let rings = [(); 2].map(|()| Arc::new(Ring::<1, Sole>::sole()));
        let mut readers = rings.clone().map(|ring| Subscriber::<1, Sole, _>::join(ring, Start::Newest));
        let publishing = rings.map(|ring| {
            let mut publisher = SolePublisher::join(ring).unwrap();
            thread::spawn(move || _ = publisher.publish(&payload(7), 0).unwrap())
        });
        let mut set = WaitSet::new();
        let first = set.wait(&mut readers);
        assert_eq!(value_of(&readers[first].try_recv().unwrap()), 7);
        assert_eq!(set.wait(&mut readers), 1 - first);
        assert_eq!(value_of(&readers[1 - first].try_recv().unwrap()), 7);
        publishing.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn a_set_of_a_consumer_and_a_reader_is_woken_for_either() {
    explore_sleeping(2, || {
        let (many, sole) = (Arc::new(Ring::<2>::new()), Arc::new(Ring::<1, Sole>::sole()));
        let mut consumer = Consumer::<2, _, _>::join(many.clone(), Start::Newest).unwrap();
        let mut reader = Subscriber::<1, Sole, _>::join(sole.clone(), Start::Newest);
        let one = Publisher::join(many).unwrap();
        let mut other = SolePublisher::join(sole).unwrap();
        let publishing = thread::spawn(move || {
            one.publish(&payload(1), 0).unwrap();
            other.publish(&payload(2), 0).unwrap();
        });
        let mut set = WaitSet::new();
        for _ in 0..2 {
            match set.wait(&mut [reader.member(), consumer.member()]) {
                0 => assert_eq!(value_of(&reader.try_recv().unwrap()), 2),
                _ => assert_eq!(value(&consumer.try_recv().unwrap()), 1),
            }
        }
        publishing.join().unwrap();
    });
}

#[test]
fn a_set_and_a_reader_of_the_same_ring_are_both_woken() {
    explore_sleeping(2, || {
        let (ring, silent) = (Arc::new(Ring::<1, Sole>::sole()), Arc::new(Ring::<1, Sole>::sole()));
        let mut alone = Subscriber::<1, Sole, _>::join(ring.clone(), Start::Newest);
        let mut readers = [silent, ring.clone()].map(|ring| Subscriber::<1, Sole, _>::join(ring, Start::Newest));
        let mut publisher = SolePublisher::join(ring).unwrap();
        let reading = thread::spawn(move || assert_eq!(value_of(&alone.recv().unwrap()), 1));
        let publishing = thread::spawn(move || _ = publisher.publish(&payload(1), 0).unwrap());
        assert_eq!(WaitSet::new().wait(&mut readers), 1);
        assert_eq!(value_of(&readers[1].try_recv().unwrap()), 1);
        reading.join().unwrap();
        publishing.join().unwrap();
    });
}

#[test]
fn closing_wakes_a_set() {
    explore_sleeping(2, || {
        let rings = [(); 2].map(|()| Arc::new(Ring::<2, _, _>::closing()));
        let [open, closing] = rings.clone().map(|ring| Publisher::join(ring).unwrap());
        let mut readers = rings.map(|ring| Subscriber::<2, _, _>::join(ring, Start::Newest));
        let leaving = thread::spawn(move || drop(closing));
        let mut set = WaitSet::new();
        assert_eq!(set.wait(&mut readers), 1);
        assert_eq!(readers[1].try_recv(), Err(subscriber::TryRecvError::Closed));
        assert_eq!(set.wait(&mut readers), 1, "what is closed stays ready");
        leaving.join().unwrap();
        drop(open);
    });
}

#[test]
fn a_set_waits_for_room_until_a_consumer_moves() {
    explore_sleeping(2, || {
        let (ring, silent) = (Arc::new(Ring::<1, Sole>::sole()), Arc::new(Ring::<1, Sole>::sole()));
        let mut consumer = Consumer::<1, Sole, _>::join(ring.clone(), Start::Newest).unwrap();
        let mut publisher = SolePublisher::join(ring).unwrap();
        let mut reader = Subscriber::<1, Sole, _>::join(silent, Start::Newest);
        publisher.publish(&payload(1), 0).unwrap();
        let receiving = thread::spawn(move || {
            assert_eq!(value(&consumer.try_recv().unwrap()), 1);
            consumer
        });
        assert_eq!(WaitSet::new().wait(&mut [reader.member(), publisher.member()]), 1);
        publisher.try_publish(&payload(2), 0).unwrap();
        receiving.join().unwrap();
    });
}

#[test]
fn a_set_sleeps_at_a_pending_sequence_until_it_is_passed() {
    explore_sleeping(2, || {
        let (ring, silent) = (Arc::new(Ring::<2>::new()), Arc::new(Ring::<2>::new()));
        let mut readers = [ring.clone(), silent].map(|ring| Consumer::<2, _, _>::join(ring, Start::Newest).unwrap());
        let stopped = Publisher::join(ring.clone()).unwrap();
        core::mem::forget(stopped.ring().view().claim().unwrap());
        let publishing = thread::spawn(move || Publisher::join(ring).unwrap().publish(&payload(2), 0).unwrap());
        assert_eq!(WaitSet::new().wait(&mut readers), 0);
        assert_eq!(value(&readers[0].try_recv().unwrap()), 2);
        assert_eq!(readers[0].holes(), 1);
        publishing.join().unwrap();
    });
}

#[cfg(feature = "async")]
mod tasks {
    use core::{
        future::Future,
        pin::pin,
        task::{Context, Waker},
    };

    use super::*;
    use crate::sync::block_on;

    #[test]
    fn a_task_over_two_rings_is_woken_by_the_publisher_of_each() {
        explore_sleeping(2, || {
            let rings = [(); 2].map(|()| Arc::new(Ring::<1, Sole>::sole()));
            let mut readers = rings.clone().map(|ring| Subscriber::<1, Sole, _>::join(ring, Start::Newest));
            let publishing = rings.map(|ring| {
                let mut publisher = SolePublisher::join(ring).unwrap();
                thread::spawn(move || _ = publisher.publish(&payload(7), 0).unwrap())
            });
            let mut set = WaitSet::new().into_async();
            let first = block_on(set.wait(&mut readers));
            assert_eq!(value_of(&readers[first].try_recv().unwrap()), 7);
            assert_eq!(block_on(set.wait(&mut readers)), 1 - first);
            publishing.into_iter().for_each(|thread| thread.join().unwrap());
        });
    }

    #[test]
    fn a_wait_that_is_dropped_takes_nobody_elses_waking_and_leaves_no_waker() {
        struct Silent;

        impl std::task::Wake for Silent {
            fn wake(self: Arc<Self>) {}
        }

        explore_sleeping(2, || {
            let ring = Arc::new(Ring::<1, Sole>::sole());
            let mut given_up = [(); 2].map(|()| Subscriber::<1, Sole, _>::join(ring.clone(), Start::Newest));
            let mut reader = [Subscriber::<1, Sole, _>::join(ring.clone(), Start::Newest)];
            let mut publisher = SolePublisher::join(ring).unwrap();
            let publishing = thread::spawn(move || _ = publisher.publish(&payload(1), 0).unwrap());
            let giving_up = thread::spawn(move || {
                let silent = Arc::new(Silent);
                let waker = Waker::from(Arc::clone(&silent));
                let mut set = WaitSet::new().into_async();
                // Polled once, and dropped.
                _ = pin!(set.wait(&mut given_up)).poll(&mut Context::from_waker(&waker));
                (silent, set)
            });
            assert_eq!(WaitSet::new().wait(&mut reader), 0);
            publishing.join().unwrap();
            let (silent, _set) = giving_up.join().unwrap();
            assert_eq!(Arc::strong_count(&silent), 1);
        });
    }
}
