//! Batches: a Reader overtaken by one, a Consumer lent one, and a claim in the middle of one that is given up.

use std::sync::Arc;

use super::{Consumer, Reader, Ring, drain, explore, payload, value};
use crate::{
    Sequence, Start,
    ledger::Ledger,
    sync::thread,
    writer::{SoleWriter, Writer},
};

#[test]
fn a_reader_is_overtaken_by_a_batch() {
    explore(3, || {
        let ring = Arc::new(Ring::<8, crate::Sole>::sole());
        let mut reader = Reader::<8, crate::Sole>::join(ring.clone(), Start::Newest);
        let mut writer = SoleWriter::join(ring).unwrap();
        let publishing = thread::spawn(move || {
            let data: Vec<_> = (1..=9).map(payload).collect();
            for pair in data.chunks(2) {
                let events: Vec<_> = pair.iter().map(|bytes| (&bytes[..], 0)).collect();
                assert_eq!(writer.try_publish_batch(&events), Ok(pair.len()));
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
fn a_lent_batch_meets_no_owner() {
    explore(3, || {
        let ring = Arc::new(Ring::<2, crate::Sole>::sole());
        let mut consumer = Consumer::<2, crate::Sole>::join(ring.clone(), Start::Newest).unwrap();
        let mut writer = SoleWriter::join(ring).unwrap();
        let publishing = thread::spawn(move || {
            (1..=4).filter(|&value| writer.try_publish(&payload(value), 0).is_ok()).collect::<Vec<u64>>()
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
fn a_batch_whose_writer_is_given_up_keeps_its_order() {
    explore(3, || {
        let ring = Arc::new(Ring::<4>::new());
        let writer = Writer::join(ring.clone()).unwrap();
        let publishing = thread::spawn(move || {
            let data = [payload(1), payload(2)];
            writer.publish_batch(&[(&data[0], 0), (&data[1], 0)]).unwrap();
        });
        // In a model a reader's grace is over at once, and each of the two is passed by the other.
        let mut reader = Reader::<4>::join(ring.clone(), Start::At(Sequence::new(0)));
        let mut values = drain(&mut reader, 2);
        publishing.join().unwrap();
        values.extend(drain(&mut reader, 6));
        assert_eq!(values, [1, 2]);
        let claimed = Ledger::of(&ring).claimed().get();
        assert_eq!(reader.received() + reader.holes(), claimed);
    });
}
