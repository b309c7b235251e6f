//! A ring of one publisher that goes from thread to thread.

use std::sync::Arc;

use super::{
    Consumer, Ring, Subscriber,
    books::{Heard, Published, event},
    explore_sleeping, joined, payload, value, value_of, visit,
};
use crate::{
    Sole, Start,
    publisher::{JoinError, SolePublisher},
    subscriber,
    sync::thread,
};

const PUBLISHERS: u64 = 3;
const TURNS: u64 = 2;
const IN_A_TURN: u64 = 3;
const ALL: u64 = PUBLISHERS * TURNS * IN_A_TURN;
const CAP: usize = 8;

/// Waits for its turns, and publishes in each: one event, and two in a batch.
fn publish(ring: &Arc<Ring<CAP, Sole>>, id: u64) {
    for turn in 0..TURNS {
        let mut publisher = loop {
            match SolePublisher::join(ring.clone()) {
                Ok(publisher) => break publisher,
                Err(JoinError::Occupied) => thread::yield_now(),
                Err(error) => panic!("{error}"),
            }
        };
        let [first, second, third] = [0, 1, 2].map(|number| payload(event(id, turn * IN_A_TURN + number)));
        publisher.publish(&first, 0).unwrap();
        publisher.publish_batch(&[(&second, 0), (&third, 0)]).unwrap();
    }
}

#[test]
fn each_publisher_goes_on_where_the_one_before_it_stopped() {
    explore_sleeping(3, || {
        let ring = Arc::new(Ring::<CAP, Sole>::sole());
        let mut consumer = Consumer::<CAP, Sole>::join(ring.clone(), Start::Newest).unwrap();
        let mut reader = Subscriber::<CAP, Sole>::join(ring.clone(), Start::Newest);
        let publishing = [0, 1, 2].map(|id| {
            let ring = ring.clone();
            thread::spawn(move || publish(&ring, id))
        });
        let reading = thread::spawn(move || {
            let mut heard = Heard::from(reader.next_sequence());
            while reader.next_sequence().get() < ALL {
                match reader.recv() {
                    Ok(event) => heard.event(reader.next_sequence().get() - 1, value_of(&event)),
                    Err(subscriber::RecvError::Lagged(lagged)) => heard.loss(lagged),
                    Err(subscriber::RecvError::Closed) => panic!("this ring never closes"),
                }
            }
            (reader, heard)
        });
        let visiting = thread::spawn(move || visit(&ring, Start::Oldest, 3));
        let mut whole = Heard::from(consumer.next_sequence());
        for _ in 0..ALL {
            let loan = consumer.recv().unwrap();
            whole.event(loan.sequence().get(), value(&loan));
        }
        let whole = whole.agreeing_with(&consumer);
        joined(publishing);
        let published = Published::heard_whole(&whole, PUBLISHERS, TURNS * IN_A_TURN);
        assert_eq!(whole.next(), ALL, "a sole publisher makes no holes");
        published.is_whole_in(&visiting.join().unwrap());
        published.is_partly_in(&reading.join().unwrap(), ALL);
    });
}
