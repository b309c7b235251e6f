//! Observers read the books while readers join, are renamed, lose events and leave.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use rusted_ring::{Consumer, Publisher, RingBuffer, Start, Subscriber, ledger::Ledger};
use sanitizers::{Crew, Order, SIZE, fill};

const EVENTS: u64 = 40_000;
const OBSERVERS: usize = 2;

static RING: RingBuffer<SIZE, 32> = RingBuffer::new();
static OVER: AtomicBool = AtomicBool::new(false);

fn main() {
    let mut others = Crew::new();
    for _ in 0..OBSERVERS {
        others.spawn(observe);
    }
    others.spawn(read);
    others.spawn(receive);
    let mut publisher = Crew::new();
    publisher.spawn(|| {
        let endpoint = Publisher::join(&RING).expect("this ring never closes");
        for count in 0..EVENTS {
            // A consumer may hold the slot; what is not published now is not missed.
            if endpoint.try_publish(fill(&mut [0; SIZE], 0, count), 0).is_err() {
                thread::yield_now();
            }
        }
    });
    publisher.join();
    OVER.store(true, Relaxed);
    others.join();
    println!("{OBSERVERS} observers found the books balanced while {EVENTS} events were offered");
}

fn observe() {
    while !OVER.load(Relaxed) {
        let ring = &RING;
        let ledger = Ledger::of(&ring);
        let before = ledger.claimed().get();
        for status in ledger.readers() {
            let passed = status.received + status.lost + status.holes;
            assert_eq!(status.joined + passed, status.position, "{status:?}");
            match (status.name.as_str(), status.gating) {
                ("", _) | ("reader", false) | ("consumer", true) => {}
                _ => panic!("of two owners: {status:?}"),
            }
        }
        assert!(ledger.claimed().get() >= before);
        assert!(ledger.pressure() <= 1.0);
    }
}

fn read() {
    while !OVER.load(Relaxed) {
        let mut reader = Subscriber::join(&RING, Start::Oldest).named("reader");
        let mut order = Order::<1>::new();
        for _ in 0..100 {
            match reader.try_recv() {
                Ok(event) => order.see(event.bytes()),
                // Overtaken or early; then it is overtaken.
                Err(_) => thread::yield_now(),
            }
        }
    }
}

fn receive() {
    while !OVER.load(Relaxed) {
        let mut consumer = Consumer::join(&RING, Start::Newest).expect("the table has room").named("consumer");
        let mut order = Order::<1>::new();
        for _ in 0..100 {
            match consumer.try_recv() {
                Ok(loan) => order.see(&loan),
                Err(_) => thread::yield_now(),
            }
        }
    }
}
