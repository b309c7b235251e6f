//! What a Consumer promises: it misses nothing, because the publishers wait for it; and what frees them.

#![cfg(all(feature = "std", not(loom)))]

#[path = "common/rng.rs"]
mod rng;

use std::{
    mem, panic,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use rng::Rng;
use rusted_ring::{
    Consumer, HeapRing, Publisher, Sequence, Start, Subscriber, consumer::TryRecvError, ledger::Ledger,
    publisher::PublishError, wait::WaitStrategy,
};

type Ring = HeapRing<8>;

/// What a wait may take on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

const CAPACITY: u64 = 16;
/// A Consumer may show its position this late.
const GRANT: u64 = CAPACITY / 8;

fn ring_of(capacity: u64) -> (Ring, Publisher<Ring>, Consumer<Ring>) {
    let ring = Ring::new(capacity as usize);
    let publisher = Publisher::join(ring.clone()).expect("open");
    let consumer = Consumer::join(ring.clone(), Start::Newest).expect("room");
    (ring, publisher, consumer)
}

/// Publishes numbers until the ring is full, but not for ever; returns how many.
fn fill(publisher: &Publisher<Ring>) -> u64 {
    (0..1000).take_while(|_| publish(publisher)).count() as u64
}

/// Publishes the number that is the event's sequence where one thread writes; false if the ring is full.
fn publish(publisher: &Publisher<Ring>) -> bool {
    let next = Ledger::of(publisher.ring()).claimed().get();
    match publisher.try_publish(&next.to_le_bytes(), 0) {
        Ok(sequence) => sequence.get() == next,
        Err(error) => {
            assert!(matches!(error, PublishError::Full(_)), "{error}");
            false
        }
    }
}

fn receive(consumer: &mut Consumer<Ring>) -> u64 {
    let loan = consumer.try_recv().expect("an event");
    let number = u64::from_le_bytes((*loan).try_into().expect("eight bytes"));
    assert_eq!(number, loan.sequence().get());
    number
}

#[test]
fn a_ring_is_full_exactly_while_a_consumer_holds_the_next_slot() {
    for capacity in [1, 2, 3, 7, 8, 15, 16, 17, 64] {
        let grant = (capacity / 8).max(1);
        let (_, publisher, mut consumer) = ring_of(capacity);
        assert_eq!(fill(&publisher), capacity);
        for received in 0..3 * capacity {
            assert_eq!(receive(&mut consumer), received);
            // Shown to the publishers every `grant` events.
            let freed = if (received + 1) % grant == 0 { grant } else { 0 };
            assert_eq!(fill(&publisher), freed, "after {} of a ring of {capacity}", received + 1);
        }
        while consumer.try_recv().is_ok() {}
        assert_eq!(fill(&publisher), capacity, "one that found nothing holds nothing");
    }
}

#[test]
fn a_consumer_lags_by_what_is_claimed_and_it_has_not_left() {
    let (_, publisher, mut consumer) = ring_of(CAPACITY);
    assert_eq!(consumer.lag(), 0);
    fill(&publisher);
    for received in 0..CAPACITY {
        assert_eq!(consumer.lag(), CAPACITY - received);
        receive(&mut consumer);
    }
    assert_eq!(consumer.lag(), 0);
}

#[test]
fn a_consumer_shows_how_it_was_told_to_wait() {
    for strategy in [WaitStrategy::BusySpin, WaitStrategy::Yield, WaitStrategy::Backoff, WaitStrategy::Park] {
        let consumer = ring_of(CAPACITY).2.waiting(strategy);
        assert!(format!("{consumer:?}").contains(&format!("strategy: {strategy:?}")), "{consumer:?}");
    }
}

#[test]
fn the_slowest_of_several_consumers_is_the_gate() {
    for slow_joins_first in [true, false] {
        let (ring, publisher, first) = ring_of(CAPACITY);
        let second = Consumer::join(ring, Start::Newest).expect("room");
        let (mut slow, mut quick) = if slow_joins_first { (first, second) } else { (second, first) };
        assert_eq!(fill(&publisher), CAPACITY);
        (0..CAPACITY).for_each(|_| _ = receive(&mut quick));
        assert_eq!(fill(&publisher), 0);
        (0..2 * GRANT).for_each(|_| _ = receive(&mut slow));
        assert_eq!(fill(&publisher), 2 * GRANT);
        drop(slow);
        assert_eq!(fill(&publisher), CAPACITY - 2 * GRANT);
        drop(quick);
        assert!((0..3 * CAPACITY).all(|_| publish(&publisher)), "without Consumers nothing is ever full");
    }
}

#[test]
fn a_reader_is_never_waited_for() {
    let (ring, publisher, consumer) = ring_of(CAPACITY);
    drop(consumer);
    let mut reader = Subscriber::join(ring, Start::Newest);
    assert!((0..3 * CAPACITY).all(|_| publish(&publisher)));
    assert!(reader.try_recv().is_err());
    assert_eq!(reader.laps(), 1);
}

/// Runs `release` once a publisher that met the gate has been seen not to get through it; then it must.
fn frees_a_waiting_publisher(release: impl FnOnce(Consumer<Ring>) -> Option<Consumer<Ring>>) {
    let (ring, publisher, consumer) = ring_of(CAPACITY);
    fill(&publisher);
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        scope.spawn(move || {
            tell.send(None).expect("the test listens");
            tell.send(publisher.publish_timeout(&CAPACITY.to_le_bytes(), 0, PATIENCE).ok()).expect("the test listens");
        });
        assert_eq!(told.recv_timeout(PATIENCE), Ok(None));
        for _ in 0..200 {
            thread::yield_now();
            assert_eq!(told.try_recv(), Err(mpsc::TryRecvError::Empty), "published over an event that is held");
            assert_eq!(Ledger::of(&ring).claimed().get(), CAPACITY, "waiting claims nothing");
        }
        let consumer = release(consumer);
        assert_eq!(told.recv_timeout(PATIENCE), Ok(Some(Sequence::new(CAPACITY))));
        drop(consumer);
    });
}

#[test]
fn a_publisher_goes_on_when_the_consumer_does() {
    frees_a_waiting_publisher(|mut consumer| {
        (0..GRANT).for_each(|expected| assert_eq!(receive(&mut consumer), expected));
        Some(consumer)
    });
}

#[test]
fn a_publisher_goes_on_when_the_consumer_leaves() {
    frees_a_waiting_publisher(|consumer| {
        drop(consumer);
        None
    });
}

#[test]
fn a_publisher_goes_on_when_the_consumer_leaves_in_a_panic() {
    frees_a_waiting_publisher(|mut consumer| {
        let quiet = panic::AssertUnwindSafe(move || {
            let _loan = consumer.try_recv().expect("an event");
            panic::resume_unwind(Box::new("while a loan is held"));
        });
        assert!(panic::catch_unwind(quiet).is_err());
        None
    });
}

#[test]
fn a_panic_while_a_loan_is_held_releases_it() {
    let (_, publisher, mut consumer) = ring_of(8);
    assert_eq!(fill(&publisher), 8);
    let borrowed = panic::AssertUnwindSafe(|| {
        let _loan = consumer.try_recv().expect("an event");
        panic::resume_unwind(Box::new("while it is held"));
    });
    assert!(panic::catch_unwind(borrowed).is_err());
    assert_eq!((consumer.received(), fill(&publisher)), (1, 1));
    assert_eq!(receive(&mut consumer), 1);
}

#[test]
fn publish_timeout_gives_up_at_its_deadline_and_leaves_no_trace() {
    let (ring, publisher, mut consumer) = ring_of(CAPACITY);
    fill(&publisher);
    let (begun, timeout) = (Instant::now(), Duration::from_millis(20));
    assert!(matches!(publisher.publish_timeout(b"late", 0, timeout), Err(PublishError::Full(_))));
    assert!(begun.elapsed() >= timeout);
    assert!(matches!(publisher.publish_timeout(b"late", 0, Duration::ZERO), Err(PublishError::Full(_))));
    assert_eq!(Ledger::of(&ring).claimed().get(), CAPACITY);
    (0..CAPACITY).for_each(|expected| assert_eq!(receive(&mut consumer), expected));
    assert_eq!(consumer.try_recv().err(), Some(TryRecvError::Empty));
    assert_eq!(consumer.recv_timeout(timeout).err(), Some(TryRecvError::Empty));
    assert_eq!(consumer.holes(), 0);
    assert!(begun.elapsed() >= 2 * timeout);
    drop(publisher);
    assert_eq!(consumer.recv_timeout(PATIENCE).err(), Some(TryRecvError::Closed));
    assert!(consumer.recv().is_err());
}

#[test]
fn a_forgotten_loan_is_held_until_the_next_call_and_never_lent_twice() {
    let (_, publisher, mut consumer) = ring_of(8);
    assert_eq!(fill(&publisher), 8);
    for expected in 0..8 {
        let loan = consumer.try_recv().expect("an event");
        assert_eq!(loan.sequence().get(), expected);
        mem::forget(loan);
        assert_eq!(fill(&publisher), u64::from(expected > 0), "the one before is free now, this one is not");
    }
    (8..15).for_each(|expected| assert_eq!(receive(&mut consumer), expected));
    assert_eq!(consumer.received(), 15);
    assert_eq!(fill(&publisher), 8);
    mem::forget(consumer.try_recv().expect("an event"));
    drop(consumer);
    assert!((0..9).all(|_| publish(&publisher)), "a Consumer that leaves takes its forgotten loan along");
}

#[test]
fn a_forgotten_consumer_holds_the_gate_for_ever() {
    let (ring, publisher, consumer) = ring_of(CAPACITY);
    mem::forget(consumer);
    assert_eq!(fill(&publisher), CAPACITY);
    assert!(matches!(publisher.publish_timeout(b"never", 0, Duration::from_millis(1)), Err(PublishError::Full(_))));
    let status = Ledger::of(&ring).readers().next().expect("listed");
    assert_eq!((status.gating, status.ahead), (true, CAPACITY));
}

#[test]
fn a_consumer_that_joins_a_running_ring_misses_nothing_from_there_on() {
    let ring = Ring::new(CAPACITY as usize);
    let publisher = Publisher::join(ring.clone()).expect("open");
    let (stop, joined) = (&AtomicBool::new(false), &AtomicU64::new(0));
    let rounds = if cfg!(debug_assertions) { 300 } else { 3000 };
    thread::scope(|scope| {
        let writing: Vec<_> = [publisher.clone(), publisher]
            .into_iter()
            .enumerate()
            .map(|(id, publisher)| {
                scope.spawn(move || {
                    let mut counter = 0_u64;
                    while !stop.load(SeqCst) {
                        publisher.publish_timeout(&counter.to_le_bytes(), id as u32, PATIENCE).expect("nobody stops");
                        counter += 1;
                    }
                    counter
                })
            })
            .collect();
        let consumers: Vec<_> = (0..3)
            .map(|seed| {
                let ring = ring.clone();
                scope.spawn(move || {
                    let mut rng = Rng::new(seed);
                    for _ in 0..rounds {
                        let start = if rng.one_in(2) { Start::Newest } else { Start::Oldest };
                        let mut consumer = Consumer::join(ring.clone(), start).expect("room");
                        joined.fetch_add(1, SeqCst);
                        let mut next = consumer.next_sequence().get();
                        let mut counters = [None; 2];
                        for _ in 0..rng.up_to(3 * CAPACITY) {
                            let holes = consumer.holes();
                            let (sequence, publisher, counter) = {
                                let loan = consumer.recv_timeout(PATIENCE).expect("the publishers go on");
                                let counter = u64::from_le_bytes((*loan).try_into().expect("eight bytes"));
                                // Nobody may write here while it is lent.
                                thread::yield_now();
                                assert_eq!(*loan, counter.to_le_bytes(), "overwritten while it was lent");
                                (loan.sequence().get(), loan.event_type() as usize, counter)
                            };
                            next += consumer.holes() - holes;
                            assert_eq!(sequence, next);
                            next += 1;
                            if let Some(before) = counters[publisher].replace(counter) {
                                assert_eq!(counter, before + 1, "missed an event of publisher {publisher}");
                            }
                        }
                        if rng.one_in(8)
                            && let Ok(loan) = consumer.try_recv()
                        {
                            mem::forget(loan);
                        }
                    }
                })
            })
            .collect();
        let outcomes: Vec<_> = consumers.into_iter().map(|consumer| consumer.join()).collect();
        stop.store(true, SeqCst);
        assert!(outcomes.iter().all(Result::is_ok), "a consumer failed");
        let published: u64 = writing.into_iter().map(|publisher| publisher.join().expect("a publisher")).sum();
        assert!(published <= Ledger::of(&ring).claimed().get());
        assert_eq!((joined.load(SeqCst), Ledger::of(&ring).readers().count()), (3 * rounds, 0));
    });
}
