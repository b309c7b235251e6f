//! Batches of several publishers among single events, received as batches.

use std::sync::Arc;

use bytemuck::Zeroable;

use super::{
    Consumer, Ring, Subscriber,
    books::{Heard, Published, event},
    explore_sleeping, joined, payload, value, value_of,
};
use crate::{Closing, Many, Start, consumer, publisher::Publisher, ring::PooledEvent, subscriber, sync::thread};

const PUBLISHERS: u64 = 3;
const EACH: u64 = 6;
const CAP: usize = 7;

/// Publishes its events, `together` at a time.
fn publish(publisher: Publisher<Arc<Ring<CAP, Many, Closing>>>, id: u64, together: usize) {
    let data: Vec<_> = (0..EACH).map(|number| payload(event(id, number))).collect();
    for batch in data.chunks(together) {
        let events: Vec<_> = batch.iter().map(|bytes| (&bytes[..], 0)).collect();
        publisher.publish_batch(&events).unwrap();
    }
}

/// Receives batches until the ring is closed.
fn receive(mut consumer: Consumer<CAP, Many, Closing>) -> Heard {
    let mut heard = Heard::from(consumer.next_sequence());
    while let Ok(batch) = consumer.batch() {
        batch.iter().for_each(|lent| heard.event(lent.sequence().get(), value(&lent)));
    }
    heard.agreeing_with(&consumer)
}

/// A Consumer that joins, takes up to two batches, and leaves.
fn visit(ring: Arc<Ring<CAP, Many, Closing>>) -> Heard {
    let mut consumer = Consumer::<CAP, _, _>::join(ring, Start::Oldest).unwrap();
    let mut heard = Heard::from(consumer.next_sequence());
    for _ in 0..2 {
        match consumer.try_batch() {
            Ok(batch) => batch.iter().for_each(|lent| heard.event(lent.sequence().get(), value(&lent))),
            Err(consumer::TryRecvError::Empty) => thread::yield_now(),
            Err(consumer::TryRecvError::Closed) => break,
            Err(consumer::TryRecvError::Corrupt(corrupt)) => panic!("{corrupt}"),
        }
    }
    heard.agreeing_with(&consumer)
}

/// Reads up to three events at a time until the ring is closed.
fn read(mut reader: Subscriber<CAP, Many, Closing>) -> (Subscriber<CAP, Many, Closing>, Heard) {
    let mut heard = Heard::from(reader.next_sequence());
    let mut events = [PooledEvent::zeroed(); 3];
    loop {
        match reader.read_batch(&mut events) {
            Ok(count) => {
                let first = reader.next_sequence().get() - count as u64;
                (first..).zip(&events[..count]).for_each(|(sequence, event)| heard.event(sequence, value_of(event)));
            }
            Err(subscriber::RecvError::Lagged(lagged)) => heard.loss(lagged),
            Err(subscriber::RecvError::Closed) => return (reader, heard),
        }
    }
}

#[test]
fn events_of_a_batch_stay_in_order_among_others() {
    explore_sleeping(3, || {
        let ring = Arc::new(Ring::<CAP, _, _>::closing());
        let consumer = Consumer::<CAP, _, _>::join(ring.clone(), Start::Newest).unwrap();
        let reader = Subscriber::<CAP, _, _>::join(ring.clone(), Start::Newest);
        let publishers = [(0, 3), (1, 2), (2, 1)].map(|publisher| (Publisher::join(ring.clone()).unwrap(), publisher));
        let publishing =
            publishers.map(|(publisher, (id, together))| thread::spawn(move || publish(publisher, id, together)));
        let reading = thread::spawn(move || read(reader));
        let visiting = thread::spawn(move || visit(ring));
        let whole = receive(consumer);
        joined(publishing);
        let published = Published::heard_whole(&whole, PUBLISHERS, EACH);
        published.is_whole_in(&visiting.join().unwrap());
        published.is_partly_in(&reading.join().unwrap(), whole.next());
    });
}
