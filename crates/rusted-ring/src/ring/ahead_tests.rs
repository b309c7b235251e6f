//! What is fetched ahead is of slots that nobody else is at, and only where it pays.

use crate::{
    Consumer, HeapTypedRing, Many, Mode, Publisher, RingRef, SharedRing, Sole, SolePublisher, Start, Subscriber,
    Tuning, Typed, Value,
    words::trace::{self, Step},
};

const FETCHING: Tuning = Tuning { fetch_ahead: true, ..Tuning::PORTABLE };

/// The slots, of a ring of values of `T`, in which lines are fetched by `run`: to be read, and to be written. Each of its lines has to be, and
/// only these.
fn fetched<T: Value, M: Mode>(ring: &SharedRing<Typed<T>, M>, run: impl FnOnce()) -> (Vec<usize>, Vec<usize>) {
    let base = ring.view().slot(ring.view().place(0)).payload.address();
    let (mut read, mut written) = (Vec::new(), Vec::new());
    for step in trace::of(run) {
        let (slots, address) = match step {
            Step::FetchedToRead(address) => (&mut read, address),
            Step::FetchedToWrite(address) => (&mut written, address),
            Step::Taken(_) | Step::Lent(_) => continue,
        };
        let offset = address - base;
        assert!(offset < ring.capacity() * size_of::<T>(), "out of the ring");
        let (slot, within) = (offset / size_of::<T>(), offset % size_of::<T>());
        assert!(within.is_multiple_of(64));
        if within == 0 {
            slots.push(slot);
        } else {
            assert_eq!(slots.last(), Some(&slot), "the lines of a slot one after the other");
        }
    }
    (read, written)
}

#[test]
fn a_sole_publisher_fetches_what_it_will_write_and_a_consumer_what_it_will_be_lent() {
    // 29 slots are granted at a time, and the last slots of the ring lie in a shorter stretch.
    let ring = HeapTypedRing::<[u64; 8], Sole>::sole(237);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap().tuned(FETCHING);
    let mut publisher = SolePublisher::join(ring.clone()).unwrap().tuned(FETCHING);
    let (mut fetched_to_write, mut fetched_to_read) = (0, 0);
    for lap in 0..5_usize {
        for index in 0..237 {
            let (read, written) = fetched(&ring, || _ = publisher.try_send(&[7; 8]).unwrap());
            assert!(read.is_empty());
            assert!(written.is_empty() || written == [index + 16], "{lap}, {index}: {written:?}");
            fetched_to_write += written.len();
        }
        for index in 0..237 {
            let (read, written) = fetched(&ring, || drop(consumer.try_recv().unwrap()));
            assert!(written.is_empty());
            // All of them were published, which the first look shows.
            let expected = if index + 8 < 237 { vec![index + 8] } else { vec![] };
            assert_eq!(read, expected, "{lap}, {index}");
            fetched_to_read += read.len();
        }
        assert!(consumer.try_recv().is_err(), "which shows its position to the publisher");
    }
    assert!(fetched_to_write > 5 * 237 / 3, "a stretch of 29 has 13 of whose slots the one ahead is in it");
    assert_eq!(fetched_to_read, 5 * 229);
}

#[test]
fn a_publisher_fetches_no_slot_that_a_consumer_has_not_left() {
    let ring = HeapTypedRing::<[u64; 8], Sole>::sole(256);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring.clone()).unwrap().tuned(FETCHING);
    let mut fetches = 0;
    for round in 0..100 {
        let left = consumer.next_sequence().get();
        loop {
            let mut published = None;
            let (_, written) = fetched(&ring, || published = publisher.try_send(&[7; 8]).ok());
            let Some(sequence) = published else { break };
            let ahead = sequence.get() + 16;
            assert!(written.is_empty() || written == [ahead as usize % 256]);
            // The slot's event of the lap before was left, and it may be entered.
            assert!(written.is_empty() || ahead < left + 256 && ahead < ring.view().granted(), "round {round}");
            fetches += written.len();
        }
        (0..1 + round % 70).for_each(|_| drop(consumer.try_recv()));
    }
    assert!(fetches > 0);
}

#[test]
fn nothing_is_fetched_where_it_does_not_pay() {
    fn none<T: Value>(capacity: usize, value: T, tuning: Tuning, gated: bool) {
        let ring = HeapTypedRing::<T, Sole>::sole(capacity);
        let mut consumer = gated.then(|| Consumer::join(ring.clone(), Start::Newest).unwrap().tuned(tuning));
        let mut screen = Subscriber::join(ring.clone(), Start::Newest);
        let mut publisher = SolePublisher::join(ring.clone()).unwrap().tuned(tuning);
        let found = fetched(&ring, || {
            for _ in 0..5 {
                while !gated && publisher.try_send(&value).is_ok_and(|sequence| sequence.get() % 100 != 99)
                    || gated && publisher.try_send(&value).is_ok()
                {}
                while consumer.as_mut().is_some_and(|consumer| consumer.try_recv().is_ok()) {}
                while screen.try_recv().is_ok() {}
            }
        });
        assert_eq!(found, (vec![], vec![]), "{} bytes, {capacity} slots", size_of::<T>());
    }
    none(256, [1u64; 8], Tuning::PORTABLE, true);
    none(256, [1u64; 8], FETCHING, false);
    none(256, 1u64, FETCHING, true);
    none(256, [1u64; 512], FETCHING, true);
    none(8, [1u64; 8], FETCHING, true);
    none(1, [1u64; 128], FETCHING, true);
}

#[test]
fn of_small_slots_each_line_is_fetched_once() {
    let ring = HeapTypedRing::<[u64; 2], Sole>::sole(1024);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap().tuned(FETCHING);
    let mut publisher = SolePublisher::join(ring.clone()).unwrap().tuned(FETCHING);
    let (_, written) = fetched(&ring, || while publisher.try_send(&[1, 2]).is_ok() {});
    assert!(!written.is_empty() && written.iter().all(|slot| slot % 4 == 0) && written.is_sorted_by(|a, b| a < b));
    let (read, _) = fetched(&ring, || while consumer.try_recv().is_ok() {});
    assert!(read.iter().copied().eq((32..1024).step_by(4)));
}

#[test]
fn many_publishers_fetch_large_slots_alone() {
    fn written<T: Value>(value: T, gated: bool) -> Vec<usize> {
        let ring = HeapTypedRing::<T, Many>::new(256);
        let _consumer = gated.then(|| Consumer::join(ring.clone(), Start::Newest).unwrap());
        let publisher = Publisher::join(ring.clone()).unwrap().tuned(FETCHING);
        fetched(&ring, || (0..32).for_each(|_| _ = publisher.try_send(&value).unwrap())).1
    }
    assert_eq!(written([1u64; 8], true), []);
    assert_eq!(written([1u64; 128], false), []);
    assert_eq!(written([1u64; 128], true), (16..32).collect::<Vec<_>>());
}

#[test]
fn a_subscriber_fetches_slots_of_some_lines_that_are_published() {
    fn read<T: Value>(value: T) -> Vec<usize> {
        let ring = HeapTypedRing::<T, Sole>::sole(256);
        let mut screen = Subscriber::join(ring.clone(), Start::Newest).tuned(FETCHING);
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        (0..32).for_each(|_| _ = publisher.try_send(&value).unwrap());
        fetched(&ring, || while screen.try_recv().is_ok() {}).0
    }
    assert_eq!(read([1u64; 8]), []);
    assert_eq!(read([1u64; 32]), (8..32).collect::<Vec<_>>());
    assert_eq!(read([1u64; 512]), []);
}
