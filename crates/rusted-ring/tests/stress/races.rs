//! Two threads, one question each.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread,
};

use rusted_ring::{
    Consumer, HeapRing, Publisher, Start, Subscriber,
    consumer::{self, Closed},
    ledger::Ledger,
    publisher::PublishError,
    subscriber::{RecvError, TryRecvError},
};

use crate::{
    deadline::{Deadline, PATIENCE},
    scaled,
};

#[test]
fn what_two_publishers_were_told_is_published_is_what_a_gating_consumer_gets() {
    let ring = HeapRing::<8>::new(16);
    let publisher = Publisher::join(ring.clone()).expect("open");
    let mut consumer = Consumer::join(ring, Start::Newest).expect("room");
    let attempts = scaled(1_000_000);
    thread::scope(|scope| {
        let publishers = [publisher.clone(), publisher].map(|publisher| {
            scope.spawn(move || {
                let (mut published, mut refused) = (0_u64, 0_u64);
                for _ in 0..attempts {
                    match publisher.try_publish(&published.to_ne_bytes(), 0) {
                        Ok(_) => published += 1,
                        Err(PublishError::Full(_)) => refused += 1,
                        Err(error) => panic!("{error}"),
                    }
                }
                (published, refused)
            })
        });
        let mut received = 0_u64;
        while let Ok(loan) = consumer.recv() {
            assert_eq!(loan.len(), 8);
            drop(loan);
            received += 1;
            if received.is_multiple_of(64) {
                thread::yield_now();
            }
        }
        let told = publishers.map(|publisher| publisher.join().expect("a publisher"));
        assert_eq!(received, told[0].0 + told[1].0);
        assert_eq!(consumer.received(), received);
        assert!(told[0].1 + told[1].1 > 0, "the gate was never met");
    });
}

#[test]
fn a_spin_loop_on_next_sees_the_event() {
    for _ in 0..20 {
        let ring = HeapRing::<8>::new(4);
        let publisher = Publisher::join(ring.clone()).expect("open");
        let mut reader = Subscriber::join(ring, Start::Newest);
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            tell.send(0).expect("the test listens");
            // Nothing but `next`: what the optimiser could turn into a dead loop.
            let event = loop {
                if let Some(event) = reader.next() {
                    break event;
                }
            };
            tell.send(event.event_type).expect("the test listens");
        });
        assert_eq!(told.recv_timeout(PATIENCE), Ok(0));
        publisher.publish(b"seen", 7).expect("it fits");
        assert_eq!(told.recv_timeout(PATIENCE), Ok(7), "the loop is dead");
    }
}

#[test]
fn everybody_gets_everything_and_then_the_close() {
    const EACH: u64 = 20;
    for _ in 0..scaled(2000) {
        let ring = HeapRing::<8>::new(2 * EACH as usize);
        let publisher = Publisher::join(ring.clone()).expect("open");
        let gate = Arc::new(Barrier::new(5));
        let consumer = Consumer::join(ring.clone(), Start::Newest).expect("room");
        let reader = Subscriber::join(ring.clone(), Start::Newest);
        thread::scope(|scope| {
            for (publisher, id) in [(publisher.clone(), 1), (publisher, 2)] {
                let gate = gate.clone();
                scope.spawn(move || {
                    gate.wait();
                    for counter in 0..EACH {
                        publisher.publish(&counter.to_ne_bytes(), id).expect("it fits");
                    }
                });
            }
            let (gates, mut consumer) = (gate.clone(), consumer);
            scope.spawn(move || {
                gates.wait();
                let mut next = [0; 2];
                while let Ok(loan) = consumer.recv() {
                    let next = &mut next[loan.event_type() as usize - 1];
                    assert_eq!(*loan, u64::to_ne_bytes(*next));
                    *next += 1;
                }
                assert_eq!(next, [EACH; 2]);
                assert!(matches!(consumer.recv(), Err(Closed { .. })));
            });
            for mut reader in [reader.clone(), reader] {
                let gate = gate.clone();
                scope.spawn(move || {
                    gate.wait();
                    let mut next = [0; 2];
                    let end = loop {
                        match reader.recv() {
                            Ok(event) => {
                                let next = &mut next[event.event_type as usize - 1];
                                assert_eq!(event.bytes(), u64::to_ne_bytes(*next));
                                *next += 1;
                            }
                            Err(end) => break end,
                        }
                    };
                    // Where a hole was left, the ring was that much too small to hold everything.
                    match end {
                        RecvError::Lagged(_) => assert!(Ledger::of(reader.ring()).claimed().get() > 2 * EACH),
                        end => assert_eq!((end, next), (RecvError::Closed, [EACH; 2])),
                    }
                    while reader.next().is_some() {}
                    assert_eq!(reader.try_recv(), Err(TryRecvError::Closed));
                    assert_eq!(reader.recv(), Err(RecvError::Closed));
                });
            }
        });
    }
}

/// Polls without a pause, for as long as others have a core to themselves.
fn poll_until(mut done: impl FnMut() -> bool) {
    while !(0..1000).any(|_| done()) {
        thread::yield_now();
    }
}

/// The last event and the close follow each other as closely as they can, behind another publisher's leaving.
#[test]
fn a_close_right_behind_the_last_event_hides_nothing() {
    const RINGS: usize = 100;
    for _ in 0..scaled(100).max(10) {
        let rings: Vec<_> = (0..RINGS).map(|_| (HeapRing::<8>::new(4), AtomicBool::new(false))).collect();
        let publishers: Vec<_> = rings
            .iter()
            .map(|(ring, _)| Publisher::join(ring.clone()).expect("open"))
            .map(|publisher| (publisher.clone(), publisher))
            .collect();
        thread::scope(|scope| {
            let rings = &rings;
            scope.spawn(move || {
                for ((first, last), (_, polled)) in publishers.into_iter().zip(rings) {
                    Deadline::new().wait_until("the reader", || polled.load(SeqCst));
                    first.publish(b"first", 0).expect("it fits");
                    drop(first);
                    last.publish(b"last", 0).expect("it fits");
                    drop(last);
                }
            });
            let by_readers = |(ring, polled): &(HeapRing<8>, AtomicBool)| {
                let mut reader = Subscriber::join(ring.clone(), Start::Oldest);
                polled.store(true, SeqCst);
                poll_until(|| reader.try_recv() == Err(TryRecvError::Closed));
                reader.received()
            };
            let by_consumers = |(ring, polled): &(HeapRing<8>, AtomicBool)| {
                let mut consumer = Consumer::join(ring.clone(), Start::Oldest).expect("room");
                polled.store(true, SeqCst);
                poll_until(|| consumer.try_recv().err() == Some(consumer::TryRecvError::Closed));
                consumer.received()
            };
            for (nth, ring) in rings.iter().enumerate() {
                let received = if nth % 2 == 0 { by_readers(ring) } else { by_consumers(ring) };
                assert_eq!(received, 2, "told of the close before the last event");
            }
        });
    }
}

/// More publishers than cores, which spend most of their time in the middle of a publish: they are stopped there all the
/// time, and readers that wait for them go on without them.
#[test]
fn a_publisher_stopped_in_the_middle_costs_a_sequence_and_no_event() {
    const N: usize = 16384;
    const PUBLISHERS: usize = 5;
    let ring = HeapRing::<N>::new(1024);
    let publisher = Publisher::join(ring.clone()).expect("open");
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).expect("room");
    let events = scaled(200_000);
    thread::scope(|scope| {
        for (id, publisher) in vec![publisher; PUBLISHERS].into_iter().enumerate() {
            scope.spawn(move || {
                let mut data = [0; N];
                for counter in 0..events {
                    data[..8].copy_from_slice(&counter.to_le_bytes());
                    data[N - 8..].copy_from_slice(&counter.to_le_bytes());
                    publisher.publish_timeout(&data, id as u32, PATIENCE).expect("the consumer goes on");
                }
            });
        }
        let mut next = [0_u64; PUBLISHERS];
        while let Ok(loan) = consumer.recv_timeout(PATIENCE) {
            let next = &mut next[loan.event_type() as usize];
            assert_eq!((&loan[..8], &loan[N - 8..]), (&next.to_le_bytes()[..], &next.to_le_bytes()[..]));
            *next += 1;
        }
        assert_eq!(next, [events; PUBLISHERS]);
        let claimed = Ledger::of(&ring).claimed().get();
        assert_eq!(consumer.holes(), claimed - events * PUBLISHERS as u64);
        println!("{} of {claimed} sequences were given up", consumer.holes());
    });
}
