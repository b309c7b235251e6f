//! Lines are taken before their events are lent, and once.

use core::{
    ops::Range,
    sync::atomic::{AtomicU8, AtomicU64},
};

use crate::{
    HeapNotedRing, HeapNotedTypedRing, HeapRing, HeapTypedRing, SharedRing, Slot, Sole, Start, Tuning, Whole,
    consumer::Consumer,
    ring::{Batch, SoleSequencer},
    words::trace::{self, Step},
};

/// Not a multiple of what lies in a line.
const CAPACITY: usize = 13;

/// A Consumer, alone, before whom lie as many events as the ring holds, from its fourth slot on.
fn full<S: Slot>(ring: SharedRing<S, Sole>) -> Consumer<SharedRing<S, Sole>> {
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap().tuned(all_owned());
    let mut sequencer = SoleSequencer::join(ring).unwrap();
    let event = vec![7; S::LEN];
    let mut publish = |count: usize| (0..count).for_each(|_| assert!(sequencer.publish(&event, 0).is_ok()));
    publish(3);
    assert_eq!(consumer.try_batch().unwrap().len(), 3);
    publish(CAPACITY);
    consumer
}

fn all_owned() -> Tuning {
    Tuning { own_events_below: usize::MAX, own_batches_below: usize::MAX, ..Tuning::PORTABLE }
}

/// Checks `steps`, in which whatever was lent is still in use at the end; how many words were taken.
fn check(steps: Vec<Step>) -> usize {
    let (mut taken, mut lent) = (Vec::<Range<usize>>::new(), Vec::<Range<usize>>::new());
    for step in steps {
        match step {
            Step::FetchedToRead(_) | Step::FetchedToWrite(_) => {}
            Step::Lent(bytes) => lent.push(bytes),
            Step::Taken(word) => {
                assert!(!taken.contains(&word), "taken twice");
                let is_under = |lent: &Range<usize>| lent.start < word.end && word.start < lent.end;
                assert!(!lent.iter().any(is_under), "taken under a reference");
                taken.push(word);
            }
        }
    }
    taken.len()
}

/// How many words are taken by `walk` over all of a ring's events, with nothing lent before the end of it.
fn taken_by<S: Slot>(
    ring: fn(usize) -> SharedRing<S, Sole>,
    walk: impl FnOnce(&mut Batch<'_, SharedRing<S, Sole>>),
) -> usize {
    let mut consumer = full(ring(CAPACITY));
    let mut batch = consumer.try_batch().unwrap();
    assert_eq!(batch.len(), CAPACITY);
    check(trace::of(|| walk(&mut batch)))
}

fn taken_walking<S: Slot>(ring: fn(usize) -> SharedRing<S, Sole>) {
    let once = taken_by(ring, |batch| assert_eq!(batch.iter().collect::<Vec<_>>().len(), CAPACITY));
    assert!(once >= CAPACITY * S::LEN / 64);
    let twice = taken_by(ring, |batch| {
        let _lent = [batch.iter().collect::<Vec<_>>(), batch.iter().collect()];
    });
    assert_eq!(twice, once);
    let part_and_all = taken_by(ring, |batch| {
        let _lent = [batch.iter().take(5).collect::<Vec<_>>(), batch.iter().collect()];
    });
    assert_eq!(part_and_all, once);
    taken_by(ring, |batch| {
        let _lent = [batch.iter().skip(6).take(2).collect::<Vec<_>>(), batch.iter().collect()];
    });
    taken_by(ring, |batch| {
        let _lent = [batch.piece(4).collect::<Vec<_>>(), batch.piece(0).collect(), batch.iter().collect()];
    });
    let after_a_release = taken_by(ring, |batch| {
        batch.iter().take(5).for_each(drop);
        batch.release(3);
        batch.iter().for_each(drop);
    });
    assert_eq!(after_a_release, once);
    let mut consumer = full(ring(CAPACITY));
    let by_loans: usize = (0..CAPACITY).map(|_| check(trace::of(|| drop(consumer.try_recv().unwrap())))).sum();
    assert_eq!(by_loans, once);
}

fn taken_in_slots<S: Whole>(ring: fn(usize) -> SharedRing<S, Sole>) {
    let whole = taken_by(ring, |batch| {
        let _lent = (batch.slots(), batch.slots());
    });
    assert_eq!(whole, CAPACITY * S::STRIDE / 64);
    taken_by(ring, |batch| {
        let _lent = (batch.iter().collect::<Vec<_>>(), batch.slots());
    });
    taken_by(ring, |batch| {
        let _lent = (batch.iter().take(4).collect::<Vec<_>>(), batch.slots(), batch.iter().collect::<Vec<_>>());
    });
}

#[test]
fn a_line_is_taken_once_and_never_under_what_was_lent() {
    taken_walking(HeapRing::<16, Sole>::sole);
    taken_walking(HeapRing::<64, Sole>::sole);
    taken_walking(HeapRing::<100, Sole>::sole);
    taken_walking(HeapRing::<1024, Sole>::sole);
    taken_walking(HeapTypedRing::<[u32; 5], Sole>::sole);
    taken_walking(HeapNotedRing::<64, AtomicU64, Sole>::sole);
    taken_walking(HeapNotedTypedRing::<u64, AtomicU64, Sole>::sole);
    taken_walking(HeapNotedTypedRing::<[u64; 8], [AtomicU64; 2], Sole>::sole);
    taken_in_slots(HeapRing::<16, Sole>::sole);
    taken_in_slots(HeapRing::<64, Sole>::sole);
    taken_in_slots(HeapRing::<100, Sole>::sole);
    taken_in_slots(HeapTypedRing::<[u32; 5], Sole>::sole);
}

#[test]
fn words_that_are_taken_are_of_events_and_not_of_their_notes() {
    fn of<S: Slot>(ring: SharedRing<S, Sole>) {
        let mut consumer = full(ring);
        let batch = consumer.try_batch().unwrap();
        let mut lent = Vec::new();
        let mut taken = Vec::new();
        for step in trace::of(|| batch.iter().for_each(drop)) {
            match step {
                Step::FetchedToRead(_) | Step::FetchedToWrite(_) => {}
                Step::Lent(bytes) => lent.push(bytes),
                Step::Taken(word) => taken.push(word),
            }
        }
        for word in taken {
            assert!(lent.iter().any(|event| event.start <= word.start && word.end <= event.end));
        }
    }
    of(HeapNotedRing::<3, AtomicU8, Sole>::sole(CAPACITY));
    of(HeapNotedRing::<24, AtomicU8, Sole>::sole(CAPACITY));
    of(HeapNotedRing::<64, AtomicU8, Sole>::sole(CAPACITY));
    of(HeapNotedRing::<101, AtomicU64, Sole>::sole(CAPACITY));
    of(HeapNotedTypedRing::<u64, AtomicU64, Sole>::sole(CAPACITY));
    of(HeapNotedTypedRing::<[u64; 3], AtomicU64, Sole>::sole(CAPACITY));
    of(HeapNotedTypedRing::<[u8; 5], AtomicU64, Sole>::sole(CAPACITY));
    of(HeapNotedTypedRing::<[u64; 8], [AtomicU64; 2], Sole>::sole(CAPACITY));
    of(HeapNotedTypedRing::<[u64; 30], [AtomicU64; 2], Sole>::sole(CAPACITY));
}

#[test]
fn lines_are_taken_of_what_the_tuning_names_alone() {
    let taken = |tuning: Tuning| {
        let mut consumer = full(HeapRing::<64, Sole>::sole(CAPACITY)).tuned(tuning);
        let by_one = check(trace::of(|| drop(consumer.try_recv().unwrap())));
        (by_one, check(trace::of(|| consumer.try_batch().unwrap().iter().for_each(drop))))
    };
    let tuning =
        |own_events_below, own_batches_below| Tuning { own_events_below, own_batches_below, ..Tuning::PORTABLE };
    assert_eq!(taken(Tuning::PORTABLE), (0, 0));
    assert_eq!(taken(tuning(64, 64)), (0, 0));
    assert_eq!(taken(tuning(65, 64)), (1, 0));
    assert_eq!(taken(tuning(64, 65)), (0, CAPACITY - 1));
}
