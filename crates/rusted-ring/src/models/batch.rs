//! Batches: a Subscriber overtaken by one, a Consumer lent one, and a claim in the middle of one that is given up.

use std::sync::Arc;

use super::{Consumer, Ring, Subscriber, drain, explore, payload, value};
use crate::{
    Sequence, Sole, Start, TypedRing, consumer,
    ledger::Ledger,
    publisher::{Publisher, SolePublisher},
    subscriber,
    sync::thread,
};

#[test]
fn a_reader_is_overtaken_by_a_batch() {
    explore(3, || {
        let ring = Arc::new(Ring::<8, crate::Sole>::sole());
        let mut reader = Subscriber::<8, crate::Sole>::join(ring.clone(), Start::Newest);
        let mut publisher = SolePublisher::join(ring).unwrap();
        let publishing = thread::spawn(move || {
            let data: Vec<_> = (1..=9).map(payload).collect();
            for pair in data.chunks(2) {
                let events: Vec<_> = pair.iter().map(|bytes| (&bytes[..], 0)).collect();
                assert_eq!(publisher.try_publish_batch(&events), Ok(pair.len()));
            }
        });
        let mut values = drain(&mut reader, 2);
        publishing.join().unwrap();
        values.extend(drain(&mut reader, 12));
        assert!(values.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((reader.received() + reader.lost(), values.last()), (9, Some(&9)));
    });
}

#[test]
fn a_reader_is_overtaken_by_a_batch_of_values() {
    explore(3, || {
        let ring = Arc::new(TypedRing::<[u64; 2], 8, Sole>::sole());
        let mut reader = subscriber::Subscriber::join(ring.clone(), Start::Newest);
        let mut consumer = consumer::Consumer::join(ring.clone(), Start::Newest).unwrap();
        let mut publisher = SolePublisher::join(ring).unwrap();
        // The last of the first eight and the first of the next lie on both sides of the ring's end.
        (0..7).for_each(|value| _ = publisher.try_send(&[value; 2]).unwrap());
        assert_eq!(consumer.batch().unwrap().len(), 7);
        let publishing = thread::spawn(move || {
            assert_eq!(publisher.try_send_batch(&[[7; 2], [8; 2]]), Ok(2));
        });
        let mut take = |polls: usize| -> Vec<u64> {
            let whole = |[a, b]: [u64; 2]| if a == b { a } else { panic!("torn") };
            (0..polls).filter_map(|_| reader.try_recv().ok().map(whole)).collect()
        };
        let mut values = take(2);
        let mut lent: Vec<[u64; 2]> = consumer.try_batch().iter().flat_map(|batch| batch.iter().map(|v| *v)).collect();
        publishing.join().unwrap();
        values.extend(take(12));
        lent.extend(consumer.try_batch().iter().flat_map(|batch| batch.iter().map(|v| *v)));
        assert!(values.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((reader.received() + reader.lost(), values.last()), (9, Some(&8)));
        assert_eq!(lent, [[7; 2], [8; 2]]);
    });
}

#[test]
fn a_lent_batch_meets_no_owner() {
    explore(3, || {
        let ring = Arc::new(Ring::<2, crate::Sole>::sole());
        let mut consumer = Consumer::<2, crate::Sole>::join(ring.clone(), Start::Newest).unwrap();
        let mut publisher = SolePublisher::join(ring).unwrap();
        let publishing = thread::spawn(move || {
            (1..=4).filter(|&value| publisher.try_publish(&payload(value), 0).is_ok()).collect::<Vec<u64>>()
        });
        let mut values = Vec::new();
        let mut receive = || {
            if let Ok(batch) = consumer.try_batch() {
                values.extend(batch.iter().map(|event| value(&event)));
            }
        };
        receive();
        receive();
        let published = publishing.join().unwrap();
        receive();
        receive();
        assert_eq!(values, published);
    });
}

#[test]
fn a_batch_whose_publisher_is_given_up_keeps_its_order() {
    explore(3, || {
        let ring = Arc::new(Ring::<4>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        let publishing = thread::spawn(move || {
            let data = [payload(1), payload(2)];
            publisher.publish_batch(&[(&data[0], 0), (&data[1], 0)]).unwrap();
        });
        // In a model a reader's grace is over at once, and each of the two is passed by the other.
        let mut reader = Subscriber::<4>::join(ring.clone(), Start::At(Sequence::new(0)));
        let mut values = drain(&mut reader, 2);
        publishing.join().unwrap();
        values.extend(drain(&mut reader, 6));
        assert_eq!(values, [1, 2]);
        let claimed = Ledger::of(&ring).claimed().get();
        assert_eq!(reader.received() + reader.holes(), claimed);
    });
}
