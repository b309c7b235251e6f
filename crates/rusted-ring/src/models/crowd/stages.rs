//! Stages after one another, with visitors that come between them and go, on rings of one publisher and of many.

use std::sync::Arc;

use super::{
    Consumer, Ring,
    books::{Heard, Published, event},
    explore_sleeping, joined, payload, publishing, value,
};
use crate::{
    Closing, Mode, Sole, Start,
    consumer::{Checkpoint, TryRecvError},
    publisher::SolePublisher,
    sync::{AtomicU64, Relaxed, thread},
    wait::WaitStrategy,
};

const CAP: usize = 4;
const EVENTS: u64 = 12;
type Shared<M> = Arc<Ring<CAP, M, Closing>>;

/// The sequence after the one that the first stage has last finished in each slot.
type Marks = Arc<[AtomicU64; CAP]>;

/// Enters an event that the first stage must have marked.
fn hear(heard: &mut Heard, marks: &Marks, sequence: u64, value: u64) {
    assert_eq!(marks[sequence as usize % CAP].load(Relaxed), sequence + 1, "received before it was finished");
    heard.event(sequence, value);
}

/// Marks every event, until the ring is closed.
fn mark<M: Mode>(mut first: Consumer<CAP, M, Closing>, marks: &Marks) -> Heard {
    let mut heard = Heard::from(first.next_sequence());
    while let Ok(loan) = first.recv() {
        let sequence = loan.sequence().get();
        marks[sequence as usize % CAP].store(sequence + 1, Relaxed);
        heard.event(sequence, value(&loan));
    }
    let heard = heard.agreeing_with(&first);
    first.end();
    heard
}

/// Receives what is finished, in batches, until there is no more.
fn receive<M: Mode>(mut last: Consumer<CAP, M, Closing>, marks: &Marks) -> Heard {
    let mut heard = Heard::from(last.next_sequence());
    while let Ok(batch) = last.batch() {
        batch.iter().for_each(|lent| hear(&mut heard, marks, lent.sequence().get(), value(&lent)));
    }
    heard.agreeing_with(&last)
}

/// A Consumer after the first stage and before another Consumer, which leaves before that one does.
fn visit<M: Mode>(ring: &Shared<M>, first: &Checkpoint<Shared<M>>, marks: &Marks) -> [Heard; 2] {
    let mut visitor = Consumer::join_after(ring.clone(), Start::Newest, core::slice::from_ref(first)).unwrap();
    let mut behind = Consumer::join_after(ring.clone(), Start::Newest, &[visitor.checkpoint()]).unwrap();
    let mut heard = [&visitor, &behind].map(|consumer| Heard::from(consumer.next_sequence()));
    let poll = |consumer: &mut Consumer<CAP, M, Closing>, heard: &mut Heard| match consumer.try_recv() {
        Ok(loan) => hear(heard, marks, loan.sequence().get(), value(&loan)),
        Err(TryRecvError::Empty) => thread::yield_now(),
        Err(TryRecvError::Closed) => {}
        Err(TryRecvError::Corrupt(corrupt)) => panic!("{corrupt}"),
    };
    for _ in 0..3 {
        poll(&mut visitor, &mut heard[0]);
        poll(&mut behind, &mut heard[1]);
    }
    let [before, mut after] = heard;
    let before = before.agreeing_with(&visitor);
    drop(visitor);
    for _ in 0..3 {
        poll(&mut behind, &mut after);
    }
    [before, after.agreeing_with(&behind)]
}

fn stages_come_and_go<M: Mode>(ring: Shared<M>, publish: fn(&Shared<M>) -> Published) {
    let mut first = Consumer::<CAP, M, _>::join(ring.clone(), Start::Newest).unwrap();
    let checkpoint = first.checkpoint();
    let last = Consumer::join_after(ring.clone(), Start::Newest, core::slice::from_ref(&checkpoint)).unwrap();
    let marks: Marks = Arc::new([const { 0 }; CAP].map(AtomicU64::new));
    let visiting = {
        let (ring, marks) = (ring.clone(), marks.clone());
        thread::spawn(move || [visit(&ring, &checkpoint, &marks), visit(&ring, &checkpoint, &marks)])
    };
    let receiving = {
        let marks = marks.clone();
        thread::spawn(move || receive(last, &marks))
    };
    let marking = thread::spawn(move || mark(first, &marks));
    let published = publish(&ring);
    assert_eq!(published.len(), EVENTS);
    published.is_whole_in(&marking.join().unwrap());
    let last = receiving.join().unwrap();
    published.is_whole_in(&last);
    visiting.join().unwrap().iter().flatten().for_each(|heard| published.is_whole_in(heard));
}

#[test]
fn stages_come_and_go_behind_one_publisher() {
    explore_sleeping(3, || {
        stages_come_and_go(Arc::new(Ring::<CAP, Sole, _>::closing()), |ring| {
            let mut publisher = SolePublisher::join(ring.clone()).unwrap();
            let values = (0..EVENTS).map(|number| event(0, number));
            let events = values.map(|value| (publisher.publish(&payload(value), 0).unwrap().get(), value)).collect();
            Published::by(vec![events])
        });
    });
}

#[test]
fn stages_come_and_go_behind_two_publishers() {
    explore_sleeping(3, || {
        stages_come_and_go(Arc::new(Ring::<CAP, _, _>::closing()), |ring| {
            Published::by(joined(publishing(ring, 2, EVENTS / 2, WaitStrategy::Park)))
        });
    });
}
