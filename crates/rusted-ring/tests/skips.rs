//! What a sole publisher skips: holes to every reader, on every kind of slot, however much it is.

#[path = "common/rng.rs"]
mod rng;

use std::{sync::atomic::AtomicU32, thread, time::Duration};

use rng::Rng;
use rusted_ring::{
    Bytes, Consumer, HeapRing, Lossless, RingRef, Sequence, SharedRing, Sole, SolePublisher, Start, Subscriber,
    consumer, ledger::Ledger, subscriber::TryRecvError,
};

type Ring<S> = SharedRing<S, Sole>;

fn sole<S: rusted_ring::Slot>(capacity: usize) -> Ring<S> {
    SharedRing::sole(capacity)
}

#[test]
fn what_is_skipped_is_a_hole_to_every_reader() {
    macro_rules! check {
        ($slots:ty, $capacity:literal) => {{
            let ring: Ring<$slots> = sole($capacity);
            let mut lossy = Subscriber::join(ring.clone(), Start::Newest);
            let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
            let mut copies = Consumer::join(ring.clone(), Start::Newest).unwrap();
            let mut batches = Consumer::join(ring.clone(), Start::Newest).unwrap();
            let mut publisher = SolePublisher::join(ring).unwrap();
            // Events that fill the slots come first, and then again at the same places.
            for lap in 0..3u64 {
                let at = lap * 8;
                assert_eq!(publisher.try_publish(&[7; 8], 7).unwrap().get(), at);
                publisher.try_skip_to(Sequence::new(at + 6)).unwrap();
                assert_eq!(publisher.try_publish(&[8; 8], 8).unwrap().get(), at + 6);
                assert_eq!(publisher.try_publish(&[9; 8], 9).unwrap().get(), at + 7);
                let batch = batches.try_batch().unwrap();
                assert_eq!((batch.first().get(), batch.len()), (at, 1));
                drop(batch);
                let batch = batches.try_batch().unwrap();
                assert_eq!((batch.first().get(), batch.len()), (at + 6, 2));
                drop(batch);
                for (expected, number) in [(7, at), (8, at + 6), (9, at + 7)] {
                    let event = lossy.try_recv().unwrap();
                    assert_eq!((event.bytes(), event.event_type), (&[expected as u8; 8][..], expected));
                    assert_eq!(lossy.next_sequence().get(), number + 1);
                    let loan = store.try_recv().unwrap();
                    assert_eq!((&*loan, loan.sequence().get()), (&[expected as u8; 8][..], number));
                    drop(loan);
                    let copy = copies.try_copy().unwrap();
                    assert_eq!(copy.bytes(), [expected as u8; 8]);
                }
                assert_eq!(lossy.try_recv(), Err(TryRecvError::Empty));
                assert_eq!(store.try_recv().unwrap_err(), consumer::TryRecvError::Empty);
                let holes = (lap + 1) * 5;
                assert_eq!([lossy.holes(), store.holes(), copies.holes(), batches.holes()], [holes; 4]);
                assert_eq!(
                    [lossy.received(), store.received(), copies.received(), batches.received()],
                    [3 * lap + 3; 4]
                );
            }
        }};
    }
    check!(Bytes<8>, 8);
    check!(Bytes<8>, 11);
    check!(Bytes<13>, 8);
    check!(Bytes<8, 8, AtomicU32>, 8);
    check!(Bytes<32, 8>, 16);
}

#[test]
fn a_ring_without_subscribers_is_skipped_on_as_others() {
    let ring: Ring<Lossless<Bytes<8>>> = sole(8);
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    publisher.skip_to(Sequence::new(3));
    publisher.publish(b"event", 1).unwrap();
    assert_eq!(store.try_recv().unwrap().sequence().get(), 3);
    assert_eq!(store.holes(), 3);
}

/// A skip that took a step for each sequence would not end here.
#[test]
fn a_skip_of_almost_all_sequences_ends() {
    for capacity in [1, 3, 8] {
        let ring = HeapRing::<8, Sole>::sole(capacity);
        let mut behind = Subscriber::join(ring.clone(), Start::Newest);
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        publisher.publish(b"a", 1).unwrap();
        let far = Sequence::LAST - 3;
        publisher.skip_to(far);
        publisher.skip_to(Sequence::new(9));
        assert_eq!(publisher.publish(b"b", 2).unwrap(), far);

        // What lies before the last lap is overwritten; whoever joins now sees the holes that are left.
        let mut oldest = Subscriber::join(ring.clone(), Start::Oldest);
        let mut store = Consumer::join(ring.clone(), Start::Oldest).unwrap();
        assert_eq!(oldest.try_recv().unwrap().bytes(), b"b");
        assert_eq!((oldest.holes(), oldest.lost()), (capacity as u64 - 1, 0));
        assert_eq!(&*store.try_recv().unwrap(), b"b");
        drop(store);
        assert!(matches!(behind.try_recv(), Err(TryRecvError::Lagged(_))));
        while behind.try_recv().is_ok() {}
        assert_eq!(behind.received() + behind.holes() + behind.lost(), far.get() + 1);
        assert!(behind.holes() < capacity as u64, "no more than the ring has");

        // The last one is published, and then the ring has none.
        for _ in 0..3 {
            publisher.publish(b"c", 3).unwrap();
        }
        assert_eq!(Ledger::of(&ring).claimed(), Sequence::LAST + 1);
    }
}

#[test]
#[should_panic = "last sequence"]
fn no_sequence_beyond_the_last_is_skipped_to() {
    SolePublisher::join(HeapRing::<8, Sole>::sole(8)).unwrap().skip_to(Sequence::LAST + 1);
}

#[test]
fn a_consumer_in_the_way_is_named_and_counts_every_hole_once_it_goes_on() {
    let ring = HeapRing::<8, Sole>::sole(8);
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap().named("store");
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    publisher.publish(b"a", 1).unwrap();
    let full = publisher.try_skip_to(Sequence::new(1000)).unwrap_err();
    let blocker = full.blocker.unwrap();
    assert_eq!((blocker.name.as_str(), blocker.position.get(), blocker.lag), ("store", 0, 8));
    let full = publisher.skip_to_timeout(Sequence::new(1000), Duration::from_millis(1)).unwrap_err();
    assert!(full.waited.is_some());
    assert_eq!(Ledger::of(&ring).claimed().get(), 8, "as much as there was room for");

    thread::scope(|scope| {
        scope.spawn(|| {
            publisher.skip_to(Sequence::new(1000));
            publisher.publish(b"b", 2).unwrap();
        });
        assert_eq!(&*store.recv().unwrap(), b"a");
        let loan = store.recv().unwrap();
        assert_eq!((&*loan, loan.sequence().get()), (&b"b"[..], 1000));
        drop(loan);
    });
    assert_eq!((store.received(), store.holes()), (2, 999));
}

/// Publishes and skips at random, against a list of what every sequence carries.
#[test]
fn any_course_of_skips_and_events_is_received_as_it_was() {
    for seed in 0..300 {
        let mut rng = Rng::new(seed);
        let capacity = [1, 2, 3, 8, 16][rng.up_to(5) as usize - 1];
        let ring = HeapRing::<8, Sole>::sole(capacity);
        let mut lossy = Subscriber::join(ring.clone(), Start::Newest);
        let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        let mut carried: Vec<bool> = Vec::new();
        for _ in 0..200 {
            match rng.up_to(4) {
                1 => {
                    let to = carried.len() as u64
                        + if rng.one_in(4) { 3 * capacity as u64 } else { rng.up_to(capacity as u64) };
                    let _ = publisher.try_skip_to(Sequence::new(to));
                    carried.resize(Ledger::of(&ring).claimed().get() as usize, false);
                }
                2 => {
                    let number = carried.len() as u64;
                    let [one, other] = [number, number + 1].map(u64::to_le_bytes);
                    let published = publisher.try_publish_batch(&[(&one, 1), (&other, 1)]).unwrap_or(0);
                    carried.resize(carried.len() + published, true);
                }
                3 => {
                    if let Ok(batch) = store.try_batch() {
                        for (number, event) in (batch.first().get()..).zip(batch.iter()) {
                            assert!(carried[number as usize], "{seed}: {number} is a hole");
                            assert_eq!(*event, number.to_le_bytes(), "{seed}");
                        }
                    }
                }
                _ => {
                    if let Ok(event) = lossy.try_recv() {
                        let number = lossy.next_sequence().get() - 1;
                        assert!(carried[number as usize], "{seed}: {number} is a hole");
                        assert_eq!(event.bytes(), number.to_le_bytes(), "{seed}");
                    }
                }
            }
        }
        while store.try_batch().is_ok() {}
        let holes = carried.iter().filter(|carried| !**carried).count() as u64;
        assert_eq!((store.received(), store.holes()), (carried.len() as u64 - holes, holes), "{seed}");
        loop {
            match lossy.try_recv() {
                Err(TryRecvError::Empty) => break,
                Ok(_) | Err(_) => {}
            }
        }
        assert_eq!(lossy.received() + lossy.holes() + lossy.lost(), carried.len() as u64, "{seed}");
        assert_eq!(ring.capacity(), capacity);
    }
}
