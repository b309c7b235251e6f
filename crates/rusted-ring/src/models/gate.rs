//! The gate: a loan never meets an owner, a Consumer misses nothing, and joining is safe at any moment.

use std::sync::Arc;

use super::{Consumer, Ring, explore, payload, value};
use crate::{
    Mode, Start,
    consumer::TryRecvError,
    publisher::{PublishError, Publisher, SolePublisher},
    sync::thread,
};

/// Receives until nothing is ready for `polls` times; the values.
fn receive<const CAP: usize, M: Mode>(consumer: &mut Consumer<CAP, M>, polls: usize) -> Vec<u64> {
    let mut values = Vec::new();
    for _ in 0..polls {
        match consumer.try_recv() {
            Ok(loan) => values.push(value(&loan)),
            Err(TryRecvError::Empty) => thread::yield_now(),
            Err(TryRecvError::Closed | TryRecvError::Corrupt(_)) => break,
        }
    }
    values
}

#[test]
fn a_sole_publisher_waits_for_a_consumer() {
    explore(2, || {
        let ring = Arc::new(Ring::<2, crate::Sole>::sole());
        let mut consumer = Consumer::<2, crate::Sole>::join(ring.clone(), Start::Oldest).unwrap();
        let mut publisher = SolePublisher::join(ring).unwrap();
        let publishing = thread::spawn(move || {
            (1..=4).filter(|&value| publisher.try_publish(&payload(value), 0).is_ok()).collect::<Vec<u64>>()
        });
        let mut values = receive(&mut consumer, 2);
        let published = publishing.join().unwrap();
        values.extend(receive(&mut consumer, 4));
        assert_eq!(values, published);
    });
}

#[test]
fn many_publishers_wait_for_a_consumer() {
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let mut consumer = Consumer::<2>::join(ring.clone(), Start::Oldest).unwrap();
        let publish = |first: u64, count: u64| {
            let publisher = Publisher::join(ring.clone()).unwrap();
            thread::spawn(move || {
                (first..first + count)
                    .filter(|&value| publisher.try_publish(&payload(value), 0).is_ok())
                    .collect::<Vec<u64>>()
            })
        };
        let (one, two) = (publish(1, 2), publish(11, 1));
        let mut values = receive(&mut consumer, 2);
        let mut published = one.join().unwrap();
        published.extend(two.join().unwrap());
        values.extend(receive(&mut consumer, 6));
        values.sort_unstable();
        published.sort_unstable();
        assert_eq!(values, published, "every event said to be published, once");
    });
}

#[test]
fn a_publisher_goes_by_a_scan_that_another_made() {
    explore(2, || {
        let ring = Arc::new(Ring::<1>::new());
        let mut consumer = Consumer::<1>::join(ring.clone(), Start::Oldest).unwrap();
        Publisher::join(ring.clone()).unwrap().try_publish(&payload(1), 0).unwrap();
        let publish = |value: u64| {
            let publisher = Publisher::join(ring.clone()).unwrap();
            thread::spawn(move || publisher.try_publish(&payload(value), 0).is_ok())
        };
        let publishers = [publish(2), publish(3)];
        assert_eq!(receive(&mut consumer, 1), [1]);
        let published = publishers.map(|publisher| publisher.join().unwrap());
        assert_ne!(published, [true, true], "there is one slot");
    });
}

#[test]
fn the_slower_of_two_consumers_gates() {
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let mut fast = Consumer::<2>::join(ring.clone(), Start::Oldest).unwrap();
        let mut slow = Consumer::<2>::join(ring.clone(), Start::Oldest).unwrap();
        let publisher = Publisher::join(ring).unwrap();
        let publishing = thread::spawn(move || {
            (1..=3).filter(|&value| publisher.try_publish(&payload(value), 0).is_ok()).collect::<Vec<u64>>()
        });
        let receiving = thread::spawn(move || {
            let values = receive(&mut fast, 2);
            (fast, values)
        });
        let mut slowly = receive(&mut slow, 1);
        let published = publishing.join().unwrap();
        let (mut fast, mut quickly) = receiving.join().unwrap();
        quickly.extend(receive(&mut fast, 4));
        slowly.extend(receive(&mut slow, 4));
        assert_eq!(quickly, published);
        assert_eq!(slowly, published);
    });
}

#[test]
fn a_consumer_joins_while_a_publisher_publishes() {
    explore(3, || {
        let ring = Arc::new(Ring::<2>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        let publishing = thread::spawn(move || {
            (0..4).filter(|&value| publisher.try_publish(&payload(value), 0).is_ok()).collect::<Vec<u64>>()
        });
        let mut consumer = Consumer::<2>::join(ring, Start::Oldest).unwrap();
        let first = consumer.next_sequence().get() as usize;
        let mut values = receive(&mut consumer, 2);
        let published = publishing.join().unwrap();
        values.extend(receive(&mut consumer, 4));
        assert_eq!(values, published[first..], "everything from where it joined");
    });
}

#[test]
fn a_consumer_leaves_while_a_publisher_waits() {
    explore(2, || {
        let ring = Arc::new(Ring::<1>::new());
        let mut consumer = Consumer::<1>::join(ring.clone(), Start::Oldest).unwrap();
        let publisher = Publisher::join(ring).unwrap();
        publisher.try_publish(&payload(1), 0).unwrap();
        let leaving = thread::spawn(move || {
            let loan = consumer.try_recv().unwrap();
            assert_eq!(value(&loan), 1);
            drop(loan);
            drop(consumer);
        });
        let early = publisher.try_publish(&payload(2), 0);
        assert!(matches!(early, Ok(_) | Err(PublishError::Full(_))));
        leaving.join().unwrap();
        publisher.try_publish(&payload(3), 0).unwrap();
    });
}

#[test]
fn who_joins_at_the_newest_holds_none_of_many_publishers() {
    explore(2, || {
        let ring = Arc::new(Ring::<2>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        let publish = |value| publisher.try_publish(&payload(value), 0).is_ok();
        assert!(publish(1) && publish(2));
        let joining = thread::spawn(move || Consumer::<2>::join(ring, Start::Newest).unwrap().next_sequence().get());
        assert!(publish(3) && publish(4), "a Consumer was waited for that had received nothing");
        assert!((2..=4).contains(&joining.join().unwrap()));
    });
}

#[test]
fn who_joins_at_the_newest_does_not_hold_the_one_publisher() {
    explore(2, || {
        let ring = Arc::new(Ring::<2, crate::Sole>::sole());
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        let mut publish = |value| publisher.try_publish(&payload(value), 0).is_ok();
        assert!(publish(1) && publish(2));
        let joining =
            thread::spawn(move || Consumer::<2, crate::Sole>::join(ring, Start::Newest).unwrap().next_sequence().get());
        assert!(publish(3) && publish(4), "a Consumer was waited for that had received nothing");
        assert!((2..=4).contains(&joining.join().unwrap()));
    });
}

#[test]
fn a_consumer_joins_while_the_one_publisher_publishes() {
    explore(3, || {
        let ring = Arc::new(Ring::<2, crate::Sole>::sole());
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        let publishing = thread::spawn(move || {
            (0..4).filter(|&value| publisher.try_publish(&payload(value), 0).is_ok()).collect::<Vec<u64>>()
        });
        let mut consumer = Consumer::<2, crate::Sole>::join(ring, Start::Oldest).unwrap();
        let first = consumer.next_sequence().get() as usize;
        let mut values = receive(&mut consumer, 2);
        let published = publishing.join().unwrap();
        values.extend(receive(&mut consumer, 4));
        assert_eq!(values, published[first..], "everything from where it joined");
    });
}

/// Joins twice, by the same entry, and receives; meanwhile a publisher scans.
fn rejoin<M: Mode>(ring: Arc<Ring<1, M>>, mut publish: impl FnMut(u64) -> bool + Send + 'static) {
    assert!(publish(1), "an empty ring");
    let publishing = thread::spawn(move || publish(2));
    for _ in 0..2 {
        let mut consumer = Consumer::<1, M>::join(ring.clone(), Start::Oldest).unwrap();
        let values = receive(&mut consumer, 1);
        assert!(matches!(values[..], [] | [1] | [2]), "{values:?}");
    }
    publishing.join().unwrap();
}

#[test]
fn an_entry_is_taken_again_while_one_of_many_publishers_scans() {
    explore(2, || {
        let ring = Arc::new(Ring::<1>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        rejoin(ring, move |value| publisher.try_publish(&payload(value), 0).is_ok());
    });
}

#[test]
fn an_entry_is_taken_again_while_the_sole_publisher_scans() {
    explore(2, || {
        let ring = Arc::new(Ring::<1, crate::Sole>::sole());
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        rejoin(ring, move |value| publisher.try_publish(&payload(value), 0).is_ok());
    });
}
