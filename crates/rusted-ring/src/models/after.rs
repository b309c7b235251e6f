//! Consumers that come after others: what they see, when those leave or end, and how they sleep.

use std::sync::Arc;

use super::{Consumer, Ring, explore, explore_sleeping, payload, value};
use crate::{
    Closes, Many, Mode, Sole, Start,
    consumer::TryRecvError,
    publisher::{Publisher, SolePublisher},
    sync::{AtomicU64, Relaxed, thread},
};

/// Joins after `first`, at the oldest.
fn after<const CAP: usize, M: Mode, C: Closes>(
    ring: &Arc<Ring<CAP, M, C>>,
    first: &mut Consumer<CAP, M, C>,
) -> Consumer<CAP, M, C> {
    Consumer::join_after(ring.clone(), Start::Oldest, &[first.checkpoint()]).unwrap()
}

/// Receives as many events as there are in `polls` polls.
fn poll<const CAP: usize, M: Mode, C: Closes>(consumer: &mut Consumer<CAP, M, C>, polls: usize) -> Vec<u64> {
    (0..polls).filter_map(|_| consumer.try_recv().ok().map(|loan| value(&loan))).collect()
}

/// Lets one Consumer mark every event, and another, after it, look at the marks; `publish` publishes 1 and 2.
fn marks_are_seen<M: Mode>(ring: Ring<2, M>, publish: impl Fn(Arc<Ring<2, M>>) + Copy + Send + Sync + 'static) {
    let ring = Arc::new(ring);
    let mut marking = Consumer::<2, M, _>::join(ring.clone(), Start::Oldest).unwrap();
    let mut looking = after(&ring, &mut marking);
    let marks = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    let publishing = thread::spawn(move || publish(ring));
    let marker = {
        let marks = marks.clone();
        thread::spawn(move || {
            for _ in 0..2 {
                if let Ok(loan) = marking.try_recv() {
                    marks[value(&loan) as usize - 1].store(value(&loan), Relaxed);
                }
            }
            marking
        })
    };
    let mut seen = Vec::new();
    for _ in 0..2 {
        if let Ok(loan) = looking.try_recv() {
            assert_eq!(marks[value(&loan) as usize - 1].load(Relaxed), value(&loan), "received before it was finished");
            seen.push(value(&loan));
        }
    }
    publishing.join().unwrap();
    let mut marking = marker.join().unwrap();
    let finished = marking.next_sequence().get() as usize;
    seen.extend(poll(&mut looking, 3));
    assert_eq!(seen, (1..=2).take(finished).collect::<Vec<u64>>());
    poll(&mut marking, 2);
    seen.extend(poll(&mut looking, 3));
    assert_eq!(seen, [1, 2]);
}

#[test]
fn who_comes_after_sees_what_was_done_with_an_event_of_many_publishers() {
    explore(2, || {
        marks_are_seen(Ring::<2>::new(), |ring| {
            let publisher = Publisher::join(ring).unwrap();
            (1..=2).for_each(|value| _ = publisher.try_publish(&payload(value), 0).unwrap());
        });
    });
}

#[test]
fn who_comes_after_sees_what_was_done_with_an_event_of_one_publisher() {
    explore(2, || {
        marks_are_seen(Ring::<2, Sole>::sole(), |ring| {
            let mut publisher = SolePublisher::join(ring).unwrap();
            (1..=2).for_each(|value| _ = publisher.try_publish(&payload(value), 0).unwrap());
        });
    });
}

#[test]
fn what_was_finished_is_seen_by_who_asks_for_it() {
    explore(3, || {
        let ring = Arc::new(Ring::<2>::new());
        let mut marking = Consumer::<2, _, _>::join(ring.clone(), Start::Oldest).unwrap();
        let checkpoint = marking.checkpoint();
        let mark = Arc::new(AtomicU64::new(0));
        Publisher::join(ring).unwrap().try_publish(&payload(1), 0).unwrap();
        let marker = {
            let mark = mark.clone();
            thread::spawn(move || mark.store(value(&marking.try_recv().unwrap()), Relaxed))
        };
        if checkpoint.finished().get() == 1 {
            assert_eq!(mark.load(Relaxed), 1);
        }
        marker.join().unwrap();
    });
}

#[test]
fn what_lies_before_a_checkpoint_was_acquired_by_it() {
    explore(3, || {
        let ring = Arc::new(Ring::<2, Sole>::sole());
        let mut looking = Consumer::<2, Sole, _>::join(ring.clone(), Start::Oldest).unwrap();
        let publishing = {
            let ring = ring.clone();
            thread::spawn(move || {
                let mut publisher = SolePublisher::join(ring).unwrap();
                publisher.try_publish(&payload(1), 0).unwrap();
            })
        };
        // On a thread of its own, whose last look at the cursor is that of joining: loom goes back to no earlier one.
        let joining = thread::spawn(move || {
            let mut late = Consumer::<2, Sole, _>::join(ring, Start::Newest).unwrap();
            let checkpoint = late.checkpoint();
            late.end();
            checkpoint
        });
        let checkpoint = joining.join().unwrap();
        let joined = checkpoint.finished().get();
        looking.come_after(&[checkpoint]);
        let values = poll(&mut looking, 2);
        assert_eq!(values, (1..=joined).collect::<Vec<_>>());
        assert_eq!(looking.try_recv().unwrap_err(), TryRecvError::Closed);
        publishing.join().unwrap();
    });
}

#[test]
fn who_comes_after_one_that_leaves_comes_after_those_before_it() {
    explore(2, || {
        let ring = Arc::new(Ring::<4, Many>::new());
        let mut first = Consumer::<4, _, _>::join(ring.clone(), Start::Oldest).unwrap();
        let mut second = after(&ring, &mut first);
        let mut third = after(&ring, &mut second);
        let publisher = Publisher::join(ring).unwrap();
        (1..=3).for_each(|value| _ = publisher.try_publish(&payload(value), 0).unwrap());
        let mark = Arc::new(AtomicU64::new(0));
        let marking = {
            let mark = mark.clone();
            thread::spawn(move || {
                for _ in 0..3 {
                    let loan = first.try_recv().unwrap();
                    mark.store(value(&loan), Relaxed);
                }
                first
            })
        };
        let leaving = thread::spawn(move || {
            let values = poll(&mut second, 1);
            drop(second);
            values
        });
        let mut values = Vec::new();
        for _ in 0..2 {
            if let Ok(loan) = third.try_recv() {
                assert!(mark.load(Relaxed) >= value(&loan), "received before it was finished");
                values.push(value(&loan));
            }
        }
        leaving.join().unwrap();
        marking.join().unwrap();
        values.extend(poll(&mut third, 3));
        assert_eq!(values, [1, 2, 3]);
    });
}

#[test]
fn who_comes_after_sleeps_until_an_event_is_finished_and_until_the_ring_is_closed() {
    explore_sleeping(2, || {
        let ring = Arc::new(Ring::<2, _, _>::closing());
        let mut first = Consumer::<2, _, _>::join(ring.clone(), Start::Oldest).unwrap();
        let mut second = after(&ring, &mut first);
        let publisher = Publisher::join(ring).unwrap();
        publisher.try_publish(&payload(1), 0).unwrap();
        let working = thread::spawn(move || {
            drop(first.recv().unwrap());
            first
        });
        let closing = thread::spawn(move || drop(publisher));
        assert_eq!(value(&second.recv().unwrap()), 1);
        assert!(second.recv().is_err());
        closing.join().unwrap();
        working.join().unwrap();
    });
}

#[test]
fn who_comes_after_sleeps_until_the_one_before_it_ends() {
    explore_sleeping(3, || {
        let ring = Arc::new(Ring::<2>::new());
        let mut first = Consumer::<2, _, _>::join(ring.clone(), Start::Oldest).unwrap();
        let mut second = after(&ring, &mut first);
        Publisher::join(ring).unwrap().try_publish(&payload(1), 0).unwrap();
        let ending = thread::spawn(move || first.end());
        assert!(second.recv().is_err(), "the event was never finished");
        ending.join().unwrap();
    });
}

#[test]
fn who_comes_after_one_that_leaves_a_closed_ring_gets_the_rest_in_batches_that_have_events() {
    explore(3, || {
        let ring = Arc::new(Ring::<4, Sole, _>::closing());
        let mut first = Consumer::<4, Sole, _>::join(ring.clone(), Start::Oldest).unwrap();
        let mut second = after(&ring, &mut first);
        let mut publisher = SolePublisher::join(ring).unwrap();
        (1..=3).for_each(|value| _ = publisher.try_publish(&payload(value), 0).unwrap());
        drop(publisher);
        assert_eq!((poll(&mut first, 1), poll(&mut second, 1)), (vec![1], vec![1]));
        let leaving = thread::spawn(move || drop(first));
        let mut left = 2;
        for _ in 0..2 {
            if let Ok(batch) = second.try_batch() {
                assert_ne!(batch.len(), 0);
                left -= batch.len();
            }
        }
        leaving.join().unwrap();
        while left > 0 {
            left -= second.try_batch().map(|batch| batch.len()).expect("there are more");
        }
        assert_eq!(second.try_recv().unwrap_err(), TryRecvError::Closed);
    });
}
