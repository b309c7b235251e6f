//! The workers of one stage: each event goes to exactly one, and downstream Consumers receive it when it is finished.

use std::sync::Arc;

use super::{Consumer, Ring, explore, payload, value};
use crate::{
    Mode, RingRef, Sole, Start,
    consumer::{self, Found, TryRecvError, WorkSequence, WorkerRange},
    publisher::{Publisher, SolePublisher},
    sync::{AtomicU64, Relaxed, thread},
};

/// What a worker takes at a time: so many sequences, at most.
fn up_to<R: RingRef>(most: u64) -> impl FnMut(&mut consumer::Consumer<R>, Found, u64) -> Result<u64, TryRecvError> {
    move |_, _, left| Ok(most.min(left))
}

/// Takes and finishes events, one at a time, as often as `polls` looks find one.
fn work<M: Mode>(
    portion: &mut WorkerRange,
    worker: &mut Consumer<2, M>,
    marks: &[AtomicU64; 2],
    polls: usize,
) -> Vec<u64> {
    let mut taken = Vec::new();
    for _ in 0..polls {
        if portion.take(worker, u64::MAX, up_to(1)).is_ok() {
            let loan = worker.try_recv().unwrap();
            let sequence = loan.sequence().get();
            marks[sequence as usize % 2].store(sequence + 1, Relaxed);
            taken.push(value(&loan));
        }
    }
    taken
}

type Ring2<M> = Arc<Ring<2, M>>;

/// Two workers share two events, and a third comes after them.
fn share_out<M: Mode>(ring: Ring2<M>, publish: fn(&Ring2<M>)) {
    let [mut one, mut two] = [0, 1].map(|_| Consumer::<2, M>::join(ring.clone(), Start::Oldest).unwrap());
    let checkpoints = [one.checkpoint(), two.checkpoint()];
    let mut after = Consumer::join_after(ring.clone(), Start::Oldest, &checkpoints).unwrap();
    let share = Arc::new(WorkSequence::from(0));
    let [mut ones, mut twos] = [0, 1].map(|_| WorkerRange::of(share.clone()));
    let marks = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    let publishing = thread::spawn(move || publish(&ring));
    let working = {
        let marks = marks.clone();
        thread::spawn(move || {
            let taken = work(&mut twos, &mut two, &marks, 2);
            (two, twos, taken)
        })
    };
    let mut taken = work(&mut ones, &mut one, &marks, 1);
    let mut received = Vec::new();
    if let Ok(loan) = after.try_recv() {
        let sequence = loan.sequence().get();
        assert_eq!(marks[sequence as usize % 2].load(Relaxed), sequence + 1, "received before it was finished");
        received.push(value(&loan));
    }
    let (mut two, mut twos, others) = working.join().unwrap();
    publishing.join().unwrap();
    taken.extend(others);
    for (portion, worker) in [(&mut ones, &mut one), (&mut twos, &mut two)] {
        taken.extend(work(portion, worker, &marks, 2));
    }
    taken.sort_unstable();
    assert_eq!(taken, [1, 2], "each event once");
    // An idle worker shows that it waits for no event but the next.
    work(&mut ones, &mut one, &marks, 1);
    received.extend((0..2).filter_map(|_| after.try_recv().ok().map(|loan| value(&loan))));
    assert_eq!(received, [1, 2]);
    assert_eq!(one.received() + two.received(), 2);
}

#[test]
fn each_event_of_many_publishers_goes_to_one_worker_and_then_on() {
    explore(2, || {
        share_out(Arc::new(Ring::<2>::new()), |ring| {
            let publisher = Publisher::join(ring.clone()).unwrap();
            (1..=2).for_each(|value| _ = publisher.try_publish(&payload(value), 0).unwrap());
        });
    });
}

#[test]
fn each_event_of_one_publisher_goes_to_one_worker_and_then_on() {
    explore(2, || {
        share_out(Arc::new(Ring::<2, Sole>::sole()), |ring| {
            let mut publisher = SolePublisher::join(ring.clone()).unwrap();
            (1..=2).for_each(|value| _ = publisher.try_publish(&payload(value), 0).unwrap());
        });
    });
}

#[test]
fn a_worker_has_acquired_what_it_leaves_to_another() {
    explore(3, || {
        let ring = Arc::new(Ring::<2, Sole>::sole());
        let [mut one, mut two] = [0, 1].map(|_| Consumer::<2, Sole>::join(ring.clone(), Start::Oldest).unwrap());
        let share = Arc::new(WorkSequence::from(0));
        let publishing = thread::spawn(move || {
            SolePublisher::join(ring).unwrap().try_publish(&payload(1), 0).unwrap();
        });
        let [mut ones, mut twos] = [0, 1].map(|_| WorkerRange::of(share.clone()));
        let working = thread::spawn(move || twos.take(&mut two, u64::MAX, up_to(1)).is_ok());
        // It panics where it does not see published what the other took.
        let taken = ones.take(&mut one, u64::MAX, up_to(1)).is_ok();
        let others = working.join().unwrap();
        publishing.join().unwrap();
        assert!(!(taken && others), "the event goes to one");
    });
}

#[test]
fn a_worker_that_broke_off_takes_what_is_left_of_its_range_and_nobody_else_does() {
    explore(2, || {
        let ring = Arc::new(Ring::<2, Sole>::sole());
        let [mut one, mut two] = [0, 1].map(|_| Consumer::<2, Sole>::join(ring.clone(), Start::Oldest).unwrap());
        let share = Arc::new(WorkSequence::from(0));
        let marks = [0, 0].map(AtomicU64::new);
        let mut publisher = SolePublisher::join(ring).unwrap();
        (1..=2).for_each(|value| _ = publisher.try_publish(&payload(value), 0).unwrap());
        let [mut ones, mut twos] = [0, 1].map(|_| WorkerRange::of(share.clone()));
        let working = thread::spawn(move || {
            let marks = [0, 0].map(AtomicU64::new);
            work(&mut twos, &mut two, &marks, 2)
        });
        // As many as it may, of which it handles one, and then begins anew.
        let mut taken = Vec::new();
        if let Ok(Some((_, count))) = ones.take(&mut one, u64::MAX, up_to(2)) {
            taken.push(value(&one.try_recv().unwrap()));
            assert_eq!(ones.is_left(&one), count == 2);
            taken.extend(work(&mut ones, &mut one, &marks, 2));
        }
        taken.extend(working.join().unwrap());
        taken.sort_unstable();
        assert_eq!(taken, [1, 2], "each event once");
    });
}
