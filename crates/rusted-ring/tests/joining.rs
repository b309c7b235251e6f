//! Where a Consumer begins, and what its joining, or its leaving, does to the others.

#![cfg(all(feature = "std", not(any(loom, shuttle))))]

use std::{
    sync::atomic::{
        AtomicBool,
        Ordering::{Acquire, Release},
    },
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    Consumer, HeapTypedRing, Publisher, Sequence, Sole, SolePublisher, Start, Subscriber, consumer::TryRecvError,
};

#[test]
fn who_joins_after_others_begins_where_it_wished_or_where_they_begin() {
    let ring = HeapTypedRing::<u64>::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let join = |start, upstream: &[_]| Consumer::join_after(ring.clone(), start, upstream).unwrap();
    (0..100).for_each(|n| _ = publisher.send(&n));
    let mut first = join(Start::Newest, &[]);
    let mut oldest = join(Start::Oldest, &[]);
    // The ring has room for twenty more.
    (0..30).for_each(|_| drop(oldest.try_recv().unwrap()));
    (100..120).for_each(|n| _ = publisher.send(&n));
    for (start, upstream, begins) in [
        (Start::Newest, vec![first.checkpoint()], 120),
        (Start::Oldest, vec![first.checkpoint()], 100),
        (Start::At(Sequence::new(110)), vec![first.checkpoint()], 110),
        (Start::At(Sequence::new(7)), vec![oldest.checkpoint(), first.checkpoint()], 100),
        (Start::Newest, vec![oldest.checkpoint(), first.checkpoint()], 120),
    ] {
        let after = join(start, &upstream);
        assert_eq!(after.next_sequence().get(), begins, "{start:?}");
        // One that comes after a Consumer that left begins no sooner, either.
        let mut between = after;
        let checkpoint = between.checkpoint();
        drop(between);
        assert_eq!(join(Start::Oldest, &[checkpoint]).next_sequence().get(), begins, "after one that left");
    }
}

#[test]
fn a_consumer_at_the_oldest_begins_an_eighth_of_the_ring_younger_at_most() {
    for capacity in [1, 2, 7, 8, 13, 64, 1000] {
        let eighth = (capacity as u64 / 8).max(1);
        for run in [1, 2, capacity / 4, capacity, 3 * capacity] {
            for before in [0, 1, capacity - 1, capacity, 5 * capacity / 2] {
                for held in [false, true] {
                    let ring = HeapTypedRing::<u64, Sole>::sole(capacity);
                    let _slow = held.then(|| Consumer::join(ring.clone(), Start::Newest).unwrap());
                    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
                    let before = if held { before.min(capacity) } else { before };
                    (0..before).for_each(|n| _ = publisher.send(&(n as u64)));
                    let sent = match publisher.try_send_batch(&vec![0; run]) {
                        Ok(sent) => sent,
                        Err(_) if held => 0,
                        Err(full) => panic!("{full}"),
                    };
                    let retained = (before as u64 + sent as u64).saturating_sub(capacity as u64);
                    let begins = Consumer::join(ring.clone(), Start::Oldest).unwrap().next_sequence().get();
                    assert!(
                        (retained..=retained + eighth).contains(&begins),
                        "at {begins} of a ring of {capacity} that retains {retained} and on, after a run of {run}",
                    );
                }
            }
        }
    }
}

#[test]
fn a_consumer_that_joins_at_the_oldest_is_where_a_reader_is_or_an_eighth_younger() {
    let ring = HeapTypedRing::<u64, Sole>::sole(64);
    let _slow = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    (0..63).for_each(|n| _ = publisher.send(&n));
    assert_eq!(publisher.try_send_batch(&[63; 16]), Ok(1));
    assert_eq!(Subscriber::join(ring.clone(), Start::Oldest).try_recv(), Ok(0));
    for start in [Start::Oldest, Start::At(Sequence::new(9))] {
        let begins = Consumer::join(ring.clone(), start).unwrap().next_sequence().get();
        assert!(begins <= 9, "{start:?}: at {begins}");
    }
}

#[test]
fn where_claims_that_were_given_up_entered_slots_nothing_is_retained() {
    let ring = HeapTypedRing::<u64, Sole>::sole(64);
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    (0..64).for_each(|n| _ = publisher.send(&n));
    assert_eq!(publisher.claim_batch(16).remaining(), 16);
    publisher.send(&64);
    let mut consumer = Consumer::join(ring, Start::Oldest).unwrap();
    let begins = consumer.next_sequence().get();
    assert!((16..=24).contains(&begins), "at {begins}");
    assert_eq!(consumer.poll(|_, _, _| ()), Ok(65 - begins as usize));
}

/// A Consumer before another leaves while that one looks, on a ring that was closed.
#[test]
fn a_batch_is_never_empty_when_the_one_before_leaves() {
    let begun = Instant::now();
    let mut rounds = 0u64;
    while begun.elapsed() < Duration::from_secs(3) {
        rounds += 1;
        let ring = HeapTypedRing::<u64, Sole>::sole(8);
        let mut before = Consumer::join(ring.clone(), Start::Newest).unwrap();
        let mut after = Consumer::join_after(ring.clone(), Start::Newest, &[before.checkpoint()]).unwrap();
        let mut publisher = SolePublisher::join(ring).unwrap();
        publisher.send_batch(&[1, 2]);
        publisher.send_batch(&[3, 4]);
        drop(publisher);
        drop(before.try_recv().unwrap());
        drop(after.try_recv().unwrap());
        let go = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !go.load(Acquire) {
                    std::hint::spin_loop();
                }
                for _ in 0..rounds % 97 {
                    std::hint::spin_loop();
                }
                drop(before);
            });
            go.store(true, Release);
            let mut left = 3;
            loop {
                match after.try_batch() {
                    Ok(batch) => {
                        assert_ne!(batch.len(), 0, "round {rounds}: {left} events are left");
                        left -= batch.len();
                    }
                    Err(TryRecvError::Empty) => {}
                    Err(_) => break,
                }
            }
            assert_eq!(left, 0, "round {rounds}");
        });
    }
}

#[test]
fn a_hundred_thousand_that_hand_over_to_the_next_leave_no_chain() {
    let ring = HeapTypedRing::<u64>::new(8);
    let mut last = Consumer::join(ring.clone(), Start::Newest).unwrap();
    for _ in 0..100_000 {
        let next = Consumer::join_after(ring.clone(), Start::Newest, &[last.checkpoint()]).unwrap();
        drop(std::mem::replace(&mut last, next));
    }
    let checkpoint = last.checkpoint();
    drop(last);
    drop(checkpoint);
}

/// What lies beyond that came with the same cache line, and is published, but not for it yet.
#[test]
fn who_comes_after_another_goes_no_further_than_that_one() {
    let ring = HeapTypedRing::<u64>::new(64);
    let mut before = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut after = Consumer::join_after(ring.clone(), Start::Newest, &[before.checkpoint()]).unwrap();
    Publisher::join(ring).unwrap().send_batch(&[0, 1, 2, 3, 4, 5]);
    let came = |after: &mut Consumer<_>| after.try_recv().map(|value| *value).ok();

    assert_eq!(before.try_recv().map(|value| *value), Ok(0));
    assert_eq!([came(&mut after), came(&mut after)], [Some(0), None]);
    assert_eq!(before.try_recv().map(|value| *value), Ok(1));
    assert_eq!(before.try_recv().map(|value| *value), Ok(2));
    let batch = after.try_batch().unwrap();
    assert_eq!(batch.len(), 2);
    drop(batch);
    assert_eq!(came(&mut after), None);
}
