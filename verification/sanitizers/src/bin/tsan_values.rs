//! Values in batches: sent by the dozen, copied by the dozen while they are overwritten, and lent in place as slices.

use std::{
    sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Relaxed, Ordering::Release},
    thread,
};

use rusted_ring::{
    Consumer, Publisher, RingRef, Sole, SolePublisher, Start, Subscriber, Typed, TypedRing, ledger::Ledger,
    subscriber::TryRecvError, wait::WaitStrategy,
};
use sanitizers::Crew;

/// Of 20 bytes: its words are of four, and two slots share a cache line.
type Value = [u32; 5];

const PUBLISHERS: u32 = 2;
/// Of all publishers together.
const EVENTS: u32 = 60_000;
/// Values in a batch at most.
const BATCH: u32 = 12;

static MANY: TypedRing<Value, 24> = TypedRing::new();
static SOLE: TypedRing<Value, 24, Sole> = TypedRing::sole();

/// Whether all was sent.
static OVER: AtomicBool = AtomicBool::new(false);

fn main() {
    for gated in [false, true] {
        run(&MANY, PUBLISHERS, gated, |publisher| {
            let endpoint = Publisher::join(&MANY).expect("this ring never closes").waiting(WaitStrategy::Yield);
            send_all(publisher, EVENTS / PUBLISHERS, |batch| match batch {
                [value] => _ = endpoint.send(value),
                values => endpoint.send_batch(values),
            });
        });
        run(&SOLE, 1, gated, |publisher| {
            let endpoint = SolePublisher::join(&SOLE).expect("the last one has left");
            let mut endpoint = endpoint.waiting(WaitStrategy::Yield);
            send_all(publisher, EVENTS, |batch| match batch {
                [value] => _ = endpoint.send(value),
                values => endpoint.send_batch(values),
            });
        });
    }
    println!("{EVENTS} values went through each of two rings in batches, without a consumer and beside two");
}

fn value(publisher: u32, count: u32) -> Value {
    [publisher, count, !count, count.rotate_left(7), count ^ publisher]
}

/// Sends `count` values by `send`, one and more at a time.
fn send_all(publisher: u32, count: u32, mut send: impl FnMut(&[Value])) {
    let mut next = 0;
    while next < count {
        let end = count.min(next + 1 + next % BATCH);
        send(&(next..end).map(|count| value(publisher, count)).collect::<Vec<_>>());
        next = end;
    }
}

fn run<R: RingRef<Slot = Typed<Value>> + Send + 'static>(ring: R, publishers: u32, gated: bool, write: fn(u32)) {
    OVER.store(false, Relaxed);
    let mut readers = Crew::new();
    if gated {
        for receive in [receive_each, receive_slices] {
            let consumer = Consumer::join(ring.clone(), Start::Newest).expect("the table has room");
            readers.spawn(move || receive(consumer.waiting(WaitStrategy::Yield)));
        }
    }
    for room in [1, 5, 32] {
        let reader = Subscriber::join(ring.clone(), Start::Newest);
        readers.spawn(move || read_to_the_end(reader, room));
    }
    let mut crew = Crew::new();
    for publisher in 0..publishers {
        crew.spawn(move || write(publisher));
    }
    crew.join();
    OVER.store(true, Release);
    readers.join();
}

/// The next count of each publisher.
type Next = [u32; PUBLISHERS as usize];

/// Takes note of a whole value; returns how many of its publisher's were missing before it.
fn see(next: &mut Next, seen: Value) -> u32 {
    let [publisher, count, ..] = seen;
    assert_eq!(seen, value(publisher, count), "a torn value");
    let next = &mut next[publisher as usize];
    let missing = count.checked_sub(*next).expect("a publisher's values come in order");
    *next = count + 1;
    missing
}

fn receive_each<R: RingRef<Slot = Typed<Value>>>(mut consumer: Consumer<R>) {
    let mut next = Next::default();
    for _ in 0..EVENTS {
        assert_eq!(see(&mut next, *consumer.recv().expect("this ring never closes")), 0);
    }
}

fn receive_slices<R: RingRef<Slot = Typed<Value>>>(mut consumer: Consumer<R>) {
    let mut next = Next::default();
    while consumer.received() < u64::from(EVENTS) {
        let batch = consumer.batch().expect("this ring never closes");
        for value in batch.slots().into_iter().flatten() {
            assert_eq!(see(&mut next, *value), 0);
        }
    }
}

/// Reads into room for this many values at a time.
fn read_to_the_end<R: RingRef<Slot = Typed<Value>>>(mut reader: Subscriber<R>, room: usize) {
    let joined = reader.next_sequence().get();
    let mut next = Next::default();
    let mut values = vec![Value::default(); room];
    loop {
        let over = OVER.load(Acquire);
        match reader.try_read_batch(&mut values) {
            Ok(count) => values[..count].iter().for_each(|value| _ = see(&mut next, *value)),
            Err(TryRecvError::Empty) if over => break,
            Err(TryRecvError::Empty) => thread::yield_now(),
            Err(TryRecvError::Lagged(lagged)) => assert!(lagged.count() > 0),
            Err(error) => panic!("{error}"),
        }
    }
    let passed = reader.received() + reader.lost() + reader.holes();
    assert_eq!(passed, Ledger::of(reader.ring()).claimed().get() - joined, "the reader's books balance");
}
