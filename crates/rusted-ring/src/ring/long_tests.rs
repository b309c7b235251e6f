//! Long events whose publishers stop in the middle, and near the last sequence: what only the kernel can set up.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread, vec,
};

use super::mode::Protocol;
use super::{Bytes, GivenUp, Many, Nothing, RingRef, Seen, SharedRing, Sole};
use crate::{
    Consumer, Publisher, Sequence, SolePublisher, Start, Subscriber, consumer, foreign::FirstPanic,
    publisher::PublishError, ring::tests::exhausted, subscriber::TryRecvError,
};

type Slots = Bytes<32, 8>;
const LAST: u64 = Sequence::LAST.get();

#[test]
fn an_event_that_is_given_up_in_any_of_its_slots_is_seen_by_nobody() {
    for given_up in 0..4 {
        for before in 0..16 {
            let ring = SharedRing::<Slots>::new(16);
            let publisher = Publisher::join(ring.clone()).unwrap();
            (0..before).for_each(|_| _ = publisher.publish(b"small", 0).unwrap());
            let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
            let mut reader = Subscriber::join(ring.clone(), Start::Newest);
            let view = ring.view();
            let mut panics = FirstPanic::default();
            let run = view.claim_long(4, &mut 0, &mut panics).unwrap();
            let first = view.claimed(0) - 4;
            // By a reader that had joined there, once its grace was over.
            assert!(Many::revoke(view, view.place(first + given_up)));
            assert_eq!(run.commit_long(&[7; 32], 7, &mut panics), Err(GivenUp));
            for s in before..first + 4 {
                assert_eq!(view.look(view.place(s), &mut Seen::default()), Err(Nothing::Hole), "{s}");
            }
            assert_eq!(consumer.try_recv().unwrap_err(), consumer::TryRecvError::Empty);
            assert_eq!(reader.try_recv(), Err(TryRecvError::Empty));
            assert_eq!((consumer.holes(), reader.holes()), (first + 4 - before, first + 4 - before));
            publisher.publish(&[8; 32], 8).unwrap();
            assert_eq!(
                (&*consumer.try_recv().unwrap(), reader.try_recv().unwrap().bytes()),
                (&[8; 32][..], &[8; 32][..])
            );
        }
    }
}

#[test]
fn a_reader_that_joins_in_the_middle_of_an_event_goes_past_the_rest_of_it() {
    for behind in 1..4 {
        let ring = SharedRing::<Slots>::new(16);
        let mut panics = FirstPanic::default();
        let run = ring.view().claim_long(4, &mut 0, &mut panics).unwrap();
        let mut reader = Subscriber::join(ring.clone(), Start::At(Sequence::new(behind)));
        let joined = reader.next_sequence().get();
        assert_eq!(run.commit_long(&[7; 32], 7, &mut panics).unwrap().get(), 0);
        Publisher::join(ring.clone()).unwrap().publish(b"small", 0).unwrap();
        assert_eq!(reader.try_recv().unwrap().bytes(), b"small");
        assert_eq!((reader.received(), reader.holes()), (1, 4 - joined));
    }
}

#[test]
fn who_comes_after_one_that_joined_in_the_middle_waits_for_the_end_of_the_event() {
    let ring = SharedRing::<Slots>::new(16);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut after = Consumer::join(ring.clone(), Start::Newest).unwrap();
    publisher.publish(&[7; 32], 7).unwrap();
    let mut before = Consumer::join(ring.clone(), Start::At(Sequence::new(2))).unwrap();
    assert_eq!(before.next_sequence().get(), 2);
    let checkpoint = before.checkpoint();
    after.come_after(&[checkpoint]);
    // So far as two of four slots are concerned, it may go on.
    assert_eq!(after.try_recv().unwrap_err(), consumer::TryRecvError::Empty);
    assert_eq!(before.try_recv().unwrap_err(), consumer::TryRecvError::Empty);
    assert_eq!(&*after.try_recv().unwrap(), &[7; 32]);
}

#[test]
fn a_reader_that_gives_up_every_time_does_not_keep_a_publisher_for_ever() {
    let ring = SharedRing::<Bytes<1_048_576, 16384>>::new(256);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let (begun, is_over) = (Barrier::new(2), AtomicBool::new(false));
    thread::scope(|scope| {
        // As readers do whose grace is over before anything can be copied.
        scope.spawn(|| {
            let view = ring.view();
            begun.wait();
            while !is_over.load(Ordering::Relaxed) {
                let claimed = view.claimed(0);
                (claimed.saturating_sub(64)..claimed).for_each(|s| _ = Many::revoke(view, view.place(s)));
            }
        });
        begun.wait();
        let (data, mut in_vain) = (vec![7; 1_048_576], 0);
        for _ in 0..16 {
            let before = ring.view().claimed(0);
            let outcome = publisher.try_publish(&data, 0);
            in_vain = in_vain.max(ring.view().claimed(before) - before);
            assert!(matches!(outcome, Ok(_) | Err(PublishError::Full(_))), "{outcome:?}");
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(in_vain <= 4 * ring.view().lap(), "{in_vain} sequences went into one try");
    });
}

#[test]
fn near_the_last_sequence_an_event_that_has_no_numbers_left_is_refused() {
    for left in 1..=9 {
        let ring = SharedRing::<Slots>::new(16);
        ring.view().begin_at(LAST + 1 - left);
        let publisher = Publisher::join(ring.clone()).unwrap();
        let sole_ring = SharedRing::<Slots, Sole>::sole(16);
        sole_ring.view().begin_at(LAST + 1 - left);
        let mut sole = SolePublisher::join(sole_ring.clone()).unwrap();
        // The ring's end lies behind the last sequence.
        if left >= 4 {
            let first = Sequence::new(LAST + 1 - left);
            assert_eq!((publisher.try_publish(&[7; 32], 0), sole.try_publish(&[7; 32], 0)), (Ok(first), Ok(first)));
        } else {
            exhausted(|| publisher.try_publish(&[7; 32], 0));
            exhausted(|| sole.try_publish(&[7; 32], 0));
        }
    }
}

#[test]
fn a_ring_of_long_events_is_laid_out_as_one_without() {
    assert_eq!(size_of::<crate::InlineRing<Slots, 16>>(), size_of::<crate::RingBuffer<8, 16>>());
}
