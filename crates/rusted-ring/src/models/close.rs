//! Closing: whoever is told `Closed` has received everything.

use std::sync::Arc;

use super::{Consumer, Reader, Ring, explore, payload, value, value_of};
use crate::{Start, consumer, reader, sync::thread, writer::Writer};

#[test]
fn a_reader_gets_everything_and_then_closed() {
    explore(2, || {
        let ring = Arc::new(Ring::<2, _, _>::closing());
        let writers = [1, 2].map(|value| (Writer::join(ring.clone()).unwrap(), value));
        let publishing = writers.map(|(writer, value)| {
            thread::spawn(move || {
                writer.try_publish(&payload(value), 0).unwrap();
            })
        });
        let mut reader = Reader::<2, _, _>::join(ring.clone(), Start::At(crate::Sequence::new(0)));
        let mut values = Vec::new();
        let mut polls = 0;
        loop {
            match reader.try_recv() {
                Ok(event) => values.push(value_of(&event)),
                Err(reader::TryRecvError::Closed) => break,
                Err(reader::TryRecvError::Empty) => {
                    polls += 1;
                    if polls == 2 {
                        break;
                    }
                    thread::yield_now();
                }
                Err(reader::TryRecvError::Lagged(_)) => panic!("two events fit"),
            }
        }
        for thread in publishing {
            thread.join().unwrap();
        }
        while let Ok(event) = reader.try_recv() {
            values.push(value_of(&event));
        }
        assert!(matches!(reader.try_recv(), Err(reader::TryRecvError::Closed)));
        values.sort_unstable();
        assert_eq!(values, [1, 2]);
        assert!(Writer::join(ring).is_err(), "closed for good");
    });
}

#[test]
fn a_forgotten_claim_is_a_hole_once_the_ring_is_closed() {
    explore(2, || {
        let ring = Arc::new(Ring::<2, _, _>::closing());
        let writer = Writer::join(ring.clone()).unwrap();
        let mut consumer = Consumer::<2, _, _>::join(ring.clone(), Start::Oldest).unwrap();
        let publishing = thread::spawn(move || {
            use crate::RingRef;
            core::mem::forget(writer.ring().planes().claim().unwrap());
            writer.try_publish(&payload(2), 0).unwrap();
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
                Err(consumer::TryRecvError::Empty) => panic!("a closed ring has an end"),
            }
        }
        assert_eq!((values, consumer.holes()), (vec![2], 1));
    });
}
