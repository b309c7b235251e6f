//! Waiting: an endpoint that waits is woken, uses no processor meanwhile by default, and crowds do not collapse.

#![cfg(all(feature = "std", target_os = "linux"))]

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    ClosePolicy, Consumer, HeapRing, Publisher, Sole, SolePublisher, Start, Subscriber, consumer,
    publisher::PublishError,
    subscriber::{RecvError, TryRecvError},
    wait::{WaitSet, WaitStrategy},
};
use rustix::time::{ClockId, clock_gettime};

const STRATEGIES: [WaitStrategy; 4] =
    [WaitStrategy::BusySpin, WaitStrategy::Yield, WaitStrategy::Backoff, WaitStrategy::Park];
const IDLE: Duration = Duration::from_secs(2);

/// What this thread has used of the processor.
fn processor_time() -> Duration {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(used.tv_sec as u64, used.tv_nsec as u32)
}

/// Runs `wait` on a thread of its own, lets it wait, then runs `end`; returns the processor time that `wait` used.
fn used_while_waiting(wait: impl FnOnce() + Send, end: impl FnOnce()) -> Duration {
    let ready = Barrier::new(2);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            ready.wait();
            let before = processor_time();
            wait();
            processor_time() - before
        });
        ready.wait();
        thread::sleep(IDLE);
        end();
        waiting.join().unwrap()
    })
}

#[test]
fn an_idle_reader_uses_under_a_hundredth_of_a_core() {
    let ring = HeapRing::<8>::new(64);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let publisher = Publisher::join(ring).unwrap();
    let used = used_while_waiting(
        move || assert_eq!(reader.recv().unwrap().bytes(), b"wake"),
        || _ = publisher.publish(b"wake", 0).unwrap(),
    );
    assert!(used < IDLE / 100, "{used:?}");
}

#[test]
fn an_idle_consumer_uses_under_a_hundredth_of_a_core() {
    let ring = HeapRing::<8, Sole>::sole(64);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    let used = used_while_waiting(
        move || assert_eq!(&*consumer.recv_timeout(Duration::from_secs(60)).unwrap(), b"wake"),
        || _ = publisher.publish(b"wake", 0).unwrap(),
    );
    assert!(used < IDLE / 100, "{used:?}");
}

#[test]
fn an_idle_wait_set_uses_under_a_hundredth_of_a_core() {
    let rings: Vec<_> = (0..8).map(|_| HeapRing::<8>::new(64)).collect();
    let mut readers: Vec<_> = rings.iter().map(|ring| Subscriber::join(ring.clone(), Start::Newest)).collect();
    let publishers: Vec<_> = rings.into_iter().map(|ring| Publisher::join(ring).unwrap()).collect();
    let used = used_while_waiting(
        move || assert_eq!(WaitSet::new().wait(&mut readers), 5),
        || _ = publishers[5].publish(b"wake", 0).unwrap(),
    );
    assert!(used < IDLE / 100, "{used:?}");
}

#[test]
fn a_publisher_behind_a_gate_uses_under_a_hundredth_of_a_core() {
    let ring = HeapRing::<8>::new(4);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    (0..4).for_each(|_| _ = publisher.publish(b"full", 0).unwrap());
    let used =
        used_while_waiting(move || _ = publisher.publish(b"next", 0).unwrap(), || drop(consumer.recv().unwrap()));
    assert!(used < IDLE / 100, "{used:?}");
}

#[test]
fn a_publisher_on_a_ring_of_stopped_publishers_uses_under_a_hundredth_of_a_core() {
    let ring = HeapRing::<8>::new(2);
    let publisher = Publisher::join(ring).unwrap();
    let stopped: Vec<_> = publisher.claim_batch(2).collect();
    let used = used_while_waiting(|| _ = publisher.publish(b"wake", 0).unwrap(), || drop(stopped));
    assert!(used < IDLE / 100, "{used:?}");
}

#[test]
fn every_strategy_wakes_readers_consumers_and_publishers() {
    const EVENTS: u64 = 300;
    for strategy in STRATEGIES {
        // One slot: each side waits for the other at every event.
        let ring = HeapRing::<8>::new(1);
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap().waiting(strategy);
        let mut answers = Subscriber::join(ring.clone(), Start::Newest).waiting(strategy);
        let publisher = Publisher::join(ring).unwrap().waiting(strategy);
        thread::scope(|scope| {
            scope.spawn(move || (0..EVENTS).for_each(|n| _ = publisher.publish(&n.to_le_bytes(), 0).unwrap()));
            let counted = scope.spawn(move || {
                let mut seen = 0;
                loop {
                    match answers.recv() {
                        Ok(_) => seen += 1,
                        Err(RecvError::Lagged(lagged)) => seen += lagged.count(),
                        Err(_) => break seen + answers.holes(),
                    }
                }
            });
            for n in 0..EVENTS {
                assert_eq!(&*consumer.recv().unwrap(), n.to_le_bytes(), "{strategy:?}");
            }
            assert!(consumer.recv().is_err());
            // A publisher that is held up for too long leaves a hole, which may lie in what the reader lost.
            let sequences = consumer.next_sequence().get();
            assert_eq!(EVENTS + consumer.holes(), sequences, "{strategy:?}");
            assert_eq!(counted.join().unwrap(), sequences, "{strategy:?}");
        });
    }
}

#[test]
fn every_strategy_keeps_its_deadline() {
    let timeout = Duration::from_millis(20);
    for strategy in STRATEGIES {
        let ring = HeapRing::<8>::closing(1, ClosePolicy::Never);
        let mut reader = Subscriber::join(ring.clone(), Start::Newest).waiting(strategy);
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap().waiting(strategy);
        let publisher = Publisher::join(ring).unwrap().waiting(strategy);
        let begun = Instant::now();
        assert_eq!(reader.recv_timeout(timeout), Err(TryRecvError::Empty));
        assert!(matches!(consumer.recv_timeout(timeout), Err(consumer::TryRecvError::Empty)));
        publisher.publish(b"full", 0).unwrap();
        assert!(matches!(publisher.publish_timeout(b"more", 0, timeout), Err(PublishError::Full(_))));
        assert!(begun.elapsed() >= 3 * timeout, "{strategy:?}");
        assert_eq!(reader.recv_timeout(Duration::MAX).unwrap().bytes(), b"full");
    }
}

#[test]
fn many_more_threads_than_cores_all_get_everything() {
    const PUBLISHERS: u64 = 8;
    const CONSUMERS: u64 = 16;
    const EACH: u64 = 2_000;
    let ring = HeapRing::<8>::new(16);
    let consumers: Vec<_> = (0..CONSUMERS).map(|_| Consumer::join(ring.clone(), Start::Newest).unwrap()).collect();
    let publishers: Vec<_> = (0..PUBLISHERS).map(|_| Publisher::join(ring.clone()).unwrap()).collect();
    thread::scope(|scope| {
        for mut consumer in consumers {
            scope.spawn(move || {
                let mut sum = 0;
                while let Ok(event) = consumer.recv() {
                    sum += u64::from_le_bytes((*event).try_into().unwrap());
                }
                assert_eq!(sum, PUBLISHERS * EACH * (EACH - 1) / 2);
            });
        }
        for publisher in publishers {
            scope.spawn(move || (0..EACH).for_each(|n| _ = publisher.publish(&n.to_le_bytes(), 0).unwrap()));
        }
    });
}
