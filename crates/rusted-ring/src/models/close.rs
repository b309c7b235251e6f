//! Closing: a reader that is told `Closed` has received everything.

use std::sync::Arc;

use super::{Consumer, Ring, Subscriber, explore, payload, value, value_of};
use crate::{Start, consumer, publisher::Publisher, subscriber, sync::thread};

#[test]
fn a_reader_gets_everything_and_then_closed() {
    explore(2, || {
        let ring = Arc::new(Ring::<2, _, _>::closing());
        let publishers = [1, 2].map(|value| (Publisher::join(ring.clone()).unwrap(), value));
        let publishing = publishers.map(|(publisher, value)| {
            thread::spawn(move || {
                publisher.try_publish(&payload(value), 0).unwrap();
            })
        });
        let mut reader = Subscriber::<2, _, _>::join(ring.clone(), Start::At(crate::Sequence::new(0)));
        let mut values = Vec::new();
        let mut polls = 0;
        loop {
            match reader.try_recv() {
                Ok(event) => values.push(value_of(&event)),
                Err(subscriber::TryRecvError::Closed) => break,
                Err(subscriber::TryRecvError::Empty) => {
                    polls += 1;
                    if polls == 2 {
                        break;
                    }
                    thread::yield_now();
                }
                Err(subscriber::TryRecvError::Lagged(_)) => panic!("two events fit"),
            }
        }
        for thread in publishing {
            thread.join().unwrap();
        }
        while let Ok(event) = reader.try_recv() {
            values.push(value_of(&event));
        }
        assert!(matches!(reader.try_recv(), Err(subscriber::TryRecvError::Closed)));
        values.sort_unstable();
        assert_eq!(values, [1, 2]);
        assert!(Publisher::join(ring).is_err(), "closed for good");
    });
}

#[test]
fn a_forgotten_claim_is_a_hole_once_the_ring_is_closed() {
    explore(2, || {
        let ring = Arc::new(Ring::<2, _, _>::closing());
        let publisher = Publisher::join(ring.clone()).unwrap();
        let mut consumer = Consumer::<2, _, _>::join(ring.clone(), Start::Oldest).unwrap();
        let publishing = thread::spawn(move || {
            use crate::RingRef;
            core::mem::forget(publisher.ring().view().claim().unwrap());
            publisher.try_publish(&payload(2), 0).unwrap();
        });
        let mut values = Vec::new();
        for _ in 0..2 {
            if let Ok(loan) = consumer.try_recv() {
                values.push(value(&loan));
            }
        }
        publishing.join().unwrap();
        loop {
            match consumer.try_recv() {
                Ok(loan) => values.push(value(&loan)),
                Err(consumer::TryRecvError::Closed) => break,
                Err(consumer::TryRecvError::Empty | consumer::TryRecvError::Corrupt(_)) => {
                    panic!("a closed ring has an end")
                }
            }
        }
        assert_eq!((values, consumer.holes()), (vec![2], 1));
    });
}
