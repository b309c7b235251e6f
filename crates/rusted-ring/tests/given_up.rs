//! Owners that are given up while others sleep: an endpoint that waits for what becomes a hole is woken.

use std::{
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{Consumer, HeapRing, Publisher, Start, Subscriber, ledger::Ledger, wait::WaitStrategy};

/// Long enough for a thread to fall asleep, and for any grace to be over.
const A_WHILE: Duration = Duration::from_millis(100);
/// What a waking may take on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(30);

/// A thread that receives one event, and is asleep when this returns; the event's bytes, and how many holes came before.
fn asleep(mut consumer: Consumer<HeapRing<8>>) -> thread::JoinHandle<(Vec<u8>, u64)> {
    let sleeping = thread::spawn(move || {
        let received = consumer.recv().map(|event| event.to_vec()).unwrap();
        (received, consumer.holes())
    });
    thread::sleep(A_WHILE);
    sleeping
}

#[test]
fn a_consumer_asleep_at_a_sequence_that_another_reader_gives_up_is_woken() {
    for capacity in [1, 2, 4, 13] {
        for lossy in [false, true] {
            let ring = HeapRing::<8>::new(capacity);
            let sleeper = Consumer::join(ring.clone(), Start::Newest).unwrap();
            let publisher = Publisher::join(ring.clone()).unwrap();
            let mut consumer = (!lossy).then(|| Consumer::join(ring.clone(), Start::Newest).unwrap());
            let mut reader = Subscriber::join(ring.clone(), Start::Newest);
            let sleeping = asleep(sleeper);
            let slow = publisher.claim();
            (1..capacity).for_each(|_| core::mem::forget(publisher.claim()));
            let begun = Instant::now();
            while Ledger::of(&ring).readers().all(|reader| reader.holes == 0) {
                assert!(begun.elapsed() < PATIENCE);
                match &mut consumer {
                    Some(consumer) => assert!(consumer.try_recv().is_err()),
                    None => assert!(reader.try_recv().is_err()),
                }
            }
            drop(consumer);
            assert!(slow.publish(0).is_err(), "it was given up");
            publisher.publish_timeout(b"next", 0, PATIENCE).expect("the sleeper makes way");
            // The last of the forgotten is passed by nobody while the ring is not gone round.
            assert_eq!(sleeping.join().unwrap(), (b"next".to_vec(), capacity as u64));
        }
    }
}

#[test]
fn a_consumer_asleep_at_a_sequence_that_a_publisher_skips_is_woken() {
    for capacity in [2, 4, 13] {
        let ring = HeapRing::<8>::new(capacity);
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
        let publisher = Publisher::join(ring.clone()).unwrap();
        // The first slot is held, all others carry an event, and the Consumer has gone round.
        let held = publisher.claim();
        (1..capacity).for_each(|_| _ = publisher.publish(b"event", 0).unwrap());
        (1..capacity).for_each(|_| drop(consumer.recv().unwrap()));
        assert_eq!(consumer.holes(), 1);
        let sleeping = asleep(consumer);
        // It sleeps at the held slot's next sequence, which this skips, and behind which all slots are held, too.
        (1..capacity).for_each(|_| core::mem::forget(publisher.claim()));
        drop(held);
        publisher.publish_timeout(b"next", 0, PATIENCE).expect("the sleeper makes way");
        assert_eq!(sleeping.join().unwrap(), (b"next".to_vec(), 1 + capacity as u64));
    }
}

#[test]
fn an_owner_is_given_up_once_others_have_gone_on_and_then_it_publishes_nothing() {
    let ring = HeapRing::<8>::new(8);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    let alone = publisher.claim();
    for _ in 0..3 {
        assert!(consumer.try_recv().is_err());
        // Longer than any grace, and nobody waits behind it.
        thread::sleep(Duration::from_millis(2));
    }
    alone.publish(7).expect("nobody has gone on");
    assert_eq!(consumer.recv().unwrap().event_type(), 7);
    let passed = publisher.claim();
    publisher.publish(b"next", 0).unwrap();
    assert_eq!(&*consumer.recv().unwrap(), b"next");
    assert!(passed.publish(0).is_err(), "who was passed by a Consumer must not publish behind it");
    assert_eq!((consumer.received(), consumer.holes()), (2, 1));
}

#[test]
fn a_ring_of_stopped_publishers_burns_no_sequences() {
    for capacity in [1, 2, 13] {
        let ring = HeapRing::<8>::new(capacity);
        let reader = Subscriber::join(ring.clone(), Start::Newest);
        let publisher = Publisher::join(ring.clone()).unwrap().waiting(WaitStrategy::BusySpin);
        let mut stopped: Vec<_> = (0..capacity).map(|_| publisher.claim()).collect();
        assert!(publisher.try_publish(b"full", 0).is_err());
        let claimed = Ledger::of(&ring).claimed();
        for _ in 0..100 {
            assert!(publisher.try_publish(b"full", 0).is_err());
            assert!(publisher.try_claim_batch(3).is_err());
        }
        assert!(publisher.publish_timeout(b"full", 0, Duration::from_millis(5)).is_err());
        assert_eq!(Ledger::of(&ring).claimed(), claimed, "who is refused takes nothing");
        drop(stopped.pop());
        publisher.try_publish(b"room", 0).unwrap();
        drop(reader);
    }
}

#[test]
fn a_claim_that_is_forgotten_is_a_hole_at_the_end_of_its_ring() {
    // One that nobody passes; and one that still holds its slot where the ring ends, a lap later.
    for (capacity, received) in [(4, 0), (2, 1)] {
        let ring = HeapRing::<8>::new(capacity);
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
        let publisher = Publisher::join(ring.clone()).unwrap();
        core::mem::forget(publisher.claim());
        (0..received).for_each(|_| _ = publisher.publish(b"event", 0).unwrap());
        drop(publisher);
        for _ in 0..received {
            assert_eq!(&*consumer.recv().unwrap(), b"event");
        }
        assert!(consumer.recv().is_err(), "closed");
        assert_eq!((consumer.holes(), consumer.received()), (1, received));
        assert_eq!(consumer.next_sequence(), Ledger::of(&ring).claimed());
    }
}
