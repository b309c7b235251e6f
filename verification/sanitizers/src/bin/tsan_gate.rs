//! Consumers read in place, with plain loads, what publishers put there a lap before and after. The gate has no fence, so
//! ThreadSanitizer sees whether it keeps them apart.

use std::{
    mem,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use rusted_ring::{
    Bytes, Consumer, JoinError, Publisher, RingBuffer, RingRef, Sole, SolePublisher, Start, wait::WaitStrategy,
};
use sanitizers::{Crew, Order, SIZE, fill};

const PUBLISHERS: usize = 2;
/// Of each publisher.
const EVENTS: u64 = 30_000;
/// A sole publisher makes way for the other one after this many.
const TURN: u64 = 1_000;

static MANY: RingBuffer<SIZE, 16> = RingBuffer::new();
static SOLE: RingBuffer<SIZE, 16, Sole> = RingBuffer::sole();

fn main() {
    run(&MANY, |publisher| {
        let endpoint = Publisher::join(&MANY).expect("this ring never closes").waiting(WaitStrategy::Yield);
        for count in 0..EVENTS {
            endpoint.publish(fill(&mut [0; SIZE], publisher, count), 0).expect("the event fits");
        }
    });
    run(&SOLE, |publisher| {
        for turn in 0..EVENTS / TURN {
            let mut endpoint = take_turn();
            for count in (turn * TURN..(turn + 1) * TURN).step_by(2) {
                let (mut one, mut two) = ([0; SIZE], [0; SIZE]);
                let batch = [(fill(&mut one, publisher, count), 0), (fill(&mut two, publisher, count + 1), 0)];
                endpoint.publish_batch(&batch).expect("the events fit");
            }
        }
    });
    println!(
        "two consumers received {EVENTS} events of {PUBLISHERS} publishers each, on two rings, and others came and went"
    );
}

/// The only publisher, once the other one has left.
fn take_turn() -> SolePublisher<&'static RingBuffer<SIZE, 16, Sole>> {
    loop {
        match SolePublisher::join(&SOLE) {
            Ok(endpoint) => return endpoint.waiting(WaitStrategy::Yield),
            Err(JoinError::Occupied) => thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    }
}

fn run<R: RingRef<Slot = Bytes<SIZE>> + Send + 'static>(ring: R, write: fn(usize)) {
    static OVER: AtomicBool = AtomicBool::new(false);
    OVER.store(false, Relaxed);
    let mut readers = Crew::new();
    for receive in [receive_each, receive_batches] {
        let consumer = Consumer::join(ring.clone(), Start::Newest).expect("the table has room");
        readers.spawn(move || receive(consumer.waiting(WaitStrategy::Yield)));
    }
    readers.spawn(move || come_and_go(ring, &OVER));
    let mut publishers = Crew::new();
    for publisher in 0..PUBLISHERS {
        publishers.spawn(move || write(publisher));
    }
    publishers.join();
    OVER.store(true, Relaxed);
    readers.join();
}

fn receive_each<R: RingRef<Slot = Bytes<SIZE>>>(mut consumer: Consumer<R>) {
    let mut order = Order::<PUBLISHERS>::new();
    for _ in 0..PUBLISHERS as u64 * EVENTS {
        order.see_next(&consumer.recv().expect("this ring never closes"));
    }
    assert!(consumer.try_recv().is_err(), "an event too many");
}

fn receive_batches<R: RingRef<Slot = Bytes<SIZE>>>(mut consumer: Consumer<R>) {
    let mut order = Order::<PUBLISHERS>::new();
    while consumer.received() < PUBLISHERS as u64 * EVENTS {
        for event in consumer.batch().expect("this ring never closes").iter() {
            order.see_next(&event);
        }
    }
    assert!(consumer.try_batch().is_err(), "an event too many");
}

/// Joins, receives a little, leaves, again and again; of its loans it forgets some.
fn come_and_go<R: RingRef<Slot = Bytes<SIZE>>>(ring: R, over: &AtomicBool) {
    for visit in 0_u64.. {
        if over.load(Relaxed) {
            return;
        }
        let start = if visit % 2 == 0 { Start::Oldest } else { Start::Newest };
        let mut consumer = Consumer::join(ring.clone(), start).expect("the table has room");
        let mut order = Order::<PUBLISHERS>::new();
        for _ in 0..visit % 40 {
            match consumer.try_recv() {
                Ok(loan) => {
                    order.see(&loan);
                    if visit % 3 == 0 {
                        mem::forget(loan);
                    }
                }
                Err(_) => thread::yield_now(),
            }
        }
    }
}
