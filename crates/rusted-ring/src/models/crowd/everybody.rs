//! Three publishers that wait for room, endpoints that stay and others that come and go, and a ring that closes.

use std::sync::Arc;

use super::{
    Consumer, Ring, Subscriber, books::Published, explore_sleeping, glance, joined, publishing, read_to_the_end,
    receive_to_the_end, visit,
};
use crate::{Start, publisher::Publisher, sync::thread, wait::WaitStrategy};

const PUBLISHERS: u64 = 3;

fn everybody_on_a_ring_of<const CAP: usize>(each: u64, strategy: WaitStrategy) {
    explore_sleeping(3, move || {
        let ring = Arc::new(Ring::<CAP, _, _>::closing());
        let consumer = Consumer::<CAP, _, _>::join(ring.clone(), Start::Newest).unwrap().waiting(strategy);
        let reader = Subscriber::<CAP, _, _>::join(ring.clone(), Start::Newest).waiting(strategy);
        let publishing = publishing(&ring, PUBLISHERS, each, strategy);
        let reading = thread::spawn(move || read_to_the_end(reader));
        let inner = ring.clone();
        let visiting = thread::spawn(move || [Start::Newest, Start::Oldest].map(|start| visit(&inner, start, 3)));
        let inner = ring.clone();
        let glancing = thread::spawn(move || [Start::Oldest, Start::Newest].map(|start| glance(&inner, start, 3)));

        let whole = receive_to_the_end(consumer);
        let published = Published::by(joined(publishing));
        let read = reading.join().unwrap();
        published.is_whole_in(&whole);
        Published::heard_whole(&whole, PUBLISHERS, each);
        visiting.join().unwrap().iter().for_each(|heard| published.is_whole_in(heard));
        glancing.join().unwrap().iter().for_each(|glanced| published.is_partly_in(glanced, whole.next()));
        published.is_partly_in(&read, whole.next());
        assert_eq!(published.len() + whole.holes(), whole.next());
        assert_eq!(read.0.lag(), 0, "it read to the end");
        assert!(Publisher::join(ring).is_err(), "closed for good");
    });
}

#[test]
fn they_yield_on_a_ring_of_two() {
    everybody_on_a_ring_of::<2>(3, WaitStrategy::Yield);
}

#[test]
fn they_sleep_on_a_ring_of_five() {
    everybody_on_a_ring_of::<5>(4, WaitStrategy::Park);
}

#[test]
fn they_sleep_on_a_ring_whose_grants_reach_further() {
    // An eighth of it is two sequences, which are granted, and shown to be left, at a time.
    everybody_on_a_ring_of::<16>(7, WaitStrategy::Park);
}
