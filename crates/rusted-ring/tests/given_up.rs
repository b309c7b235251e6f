//! Owners that are given up while others sleep: whoever waits for what becomes a hole is woken.

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
            let slow = publisher.claim().unwrap();
            (1..capacity).for_each(|_| core::mem::forget(publisher.claim().unwrap()));
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
        let held = publisher.claim().unwrap();
        (1..capacity).for_each(|_| _ = publisher.publish(b"event", 0).unwrap());
        (1..capacity).for_each(|_| drop(consumer.recv().unwrap()));
        assert_eq!(consumer.holes(), 1);
        let sleeping = asleep(consumer);
        // It sleeps at the held slot's next sequence, which this skips, and behind which all slots are held, too.
        (1..capacity).for_each(|_| core::mem::forget(publisher.claim().unwrap()));
        drop(held);
        publisher.publish_timeout(b"next", 0, PATIENCE).expect("the sleeper makes way");
        assert_eq!(sleeping.join().unwrap(), (b"next".to_vec(), 1 + capacity as u64));
    }
}

#[test]
fn a_ring_of_stopped_publishers_burns_no_sequences() {
    for capacity in [1, 2, 13] {
        let ring = HeapRing::<8>::new(capacity);
        let reader = Subscriber::join(ring.clone(), Start::Newest);
        let publisher = Publisher::join(ring.clone()).unwrap().waiting(WaitStrategy::BusySpin);
        let mut stopped: Vec<_> = (0..capacity).map(|_| publisher.claim().unwrap()).collect();
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
