//! Readers copy what publishers are overwriting, beside a Consumer that reads the same events in place. Only words that are
//! atomic may meet: ThreadSanitizer does not see the fences that tell a torn copy from a whole one, and need not.

use std::{
    sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Relaxed, Ordering::Release},
    thread,
};

use rusted_ring::{
    Bytes, Consumer, Publisher, RingBuffer, RingRef, Sole, SolePublisher, Start, Subscriber, ledger::Ledger,
    subscriber::TryRecvError, wait::WaitStrategy,
};
use sanitizers::{Crew, Order, SIZE, fill};

const PUBLISHERS: usize = 2;
const READERS: u64 = 3;
/// Of all publishers together.
const EVENTS: u64 = 60_000;

static MANY: RingBuffer<SIZE, 16> = RingBuffer::new();
static SOLE: RingBuffer<SIZE, 16, Sole> = RingBuffer::sole();

fn main() {
    for gated in [false, true] {
        run(&MANY, PUBLISHERS, gated, |publisher| {
            let endpoint = Publisher::join(&MANY).expect("this ring never closes").waiting(WaitStrategy::Yield);
            for count in 0..EVENTS / PUBLISHERS as u64 {
                endpoint.publish(fill(&mut [0; SIZE], publisher, count), 0).expect("the event fits");
            }
        });
        run(&SOLE, 1, gated, |publisher| {
            let endpoint = SolePublisher::join(&SOLE).expect("the last one has left");
            let mut endpoint = endpoint.waiting(WaitStrategy::Yield);
            for count in 0..EVENTS {
                endpoint.publish(fill(&mut [0; SIZE], publisher, count), 0).expect("the event fits");
            }
        });
    }
    println!("{READERS} readers copied from {EVENTS} events on each of two rings, without a consumer and beside one");
}

/// Whether all was published.
static OVER: AtomicBool = AtomicBool::new(false);

fn run<R: RingRef<Slot = Bytes<SIZE>> + Send + 'static>(ring: R, publishers: usize, gated: bool, write: fn(usize)) {
    OVER.store(false, Relaxed);
    let mut readers = Crew::new();
    if gated {
        let consumer = Consumer::join(ring.clone(), Start::Newest).expect("the table has room");
        readers.spawn(move || receive_all(consumer.waiting(WaitStrategy::Yield)));
    }
    for pace in 0..READERS {
        let reader = Subscriber::join(ring.clone(), Start::Newest);
        let joined = Ledger::of(&ring).claimed().get();
        readers.spawn(move || read_to_the_end(reader, joined, pace));
    }
    let mut crew = Crew::new();
    for publisher in 0..publishers {
        crew.spawn(move || write(publisher));
    }
    crew.join();
    OVER.store(true, Release);
    readers.join();
}

fn receive_all<R: RingRef<Slot = Bytes<SIZE>>>(mut consumer: Consumer<R>) {
    let mut order = Order::<PUBLISHERS>::new();
    for _ in 0..EVENTS {
        order.see_next(&consumer.recv().expect("this ring never closes"));
    }
}

/// Reads what it can get from `joined` on; the higher the pace, the more often it lets others go first.
fn read_to_the_end<R: RingRef<Slot = Bytes<SIZE>>>(mut reader: Subscriber<R>, joined: u64, pace: u64) {
    let ring = reader.ring().clone();
    let mut order = Order::<PUBLISHERS>::new();
    let mut buffer = [0; SIZE];
    loop {
        let over = OVER.load(Acquire);
        match reader.try_read(&mut buffer) {
            Ok(event) => order.see(event.data),
            Err(TryRecvError::Empty) if over => break,
            Err(TryRecvError::Empty) => thread::yield_now(),
            Err(TryRecvError::Lagged(lagged)) => assert!(lagged.count() > 0),
            Err(error) => panic!("{error}"),
        }
        if pace > 0 && reader.received().is_multiple_of(128 / pace) {
            thread::yield_now();
        }
    }
    let passed = reader.received() + reader.lost() + reader.holes();
    assert_eq!(passed, Ledger::of(&ring).claimed().get() - joined, "the reader's books balance");
}
