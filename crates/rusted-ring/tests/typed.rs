//! Rings of values: the same endpoints, no length and no type beside the value.

#![cfg(feature = "std")]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use rusted_ring::{
    Consumer, HeapTypedRing, Publisher, Sole, SolePublisher, Start, Subscriber, TypedRing,
    bytemuck::{AnyBitPattern, NoUninit, Zeroable},
    ledger::Ledger,
    subscriber::{RecvError, TryRecvError},
};

/// A trade as a feed tells it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
struct Tick {
    price: f64,
    volume: u32,
    venue: u32,
}

// SAFETY: all fields are plain numbers, for which zero is a value.
unsafe impl Zeroable for Tick {}
// SAFETY: any bits are values of the fields.
unsafe impl AnyBitPattern for Tick {}
// SAFETY: 8 + 4 + 4 bytes, aligned to 8: no padding.
unsafe impl NoUninit for Tick {}

fn tick(number: u32) -> Tick {
    Tick { price: f64::from(number) / 4.0, volume: number, venue: !number }
}

static TICKS: TypedRing<Tick, 64> = TypedRing::new();

#[test]
fn values_go_through_a_static_ring() {
    let publisher = Publisher::join(&TICKS).unwrap();
    let mut reader = Subscriber::join(&TICKS, Start::Newest);
    let mut consumer = Consumer::join(&TICKS, Start::Newest).unwrap();
    publisher.send(&tick(1));
    assert_eq!(reader.try_recv(), Ok(tick(1)));
    let lent = consumer.try_recv().unwrap();
    assert_eq!((lent.venue, *lent), (!1, tick(1)));
}

#[test]
fn a_static_ring_of_values_has_tags_of_eight_bytes_and_with_one_publisher_none() {
    assert_eq!(size_of::<TypedRing<u64, 1024>>() - size_of::<TypedRing<u64, 512>>(), 512 * (8 + 8));
    assert_eq!(size_of::<TypedRing<Tick, 1024>>() - size_of::<TypedRing<Tick, 512>>(), 512 * (16 + 8));
    assert_eq!(size_of::<TypedRing<Tick, 1024, Sole>>() - size_of::<TypedRing<Tick, 512, Sole>>(), 512 * 16);
}

#[test]
fn batches_of_values_are_lent_as_slices_in_two_pieces_at_most() {
    let ring = HeapTypedRing::<Tick, Sole>::sole(8);
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut reader = Subscriber::join(ring, Start::Newest);
    let mut next = 0;
    for count in [3, 5, 6, 1, 8, 7] {
        let ticks: Vec<_> = (next..next + count).map(tick).collect();
        publisher.send_batch(&ticks);
        let batch = consumer.batch().unwrap();
        assert_eq!(batch.slots().concat(), ticks);
        assert!(batch.iter().map(|value| *value).eq(ticks.iter().copied()));
        drop(batch);
        let mut read = [tick(0); 8];
        assert_eq!(reader.try_read_batch(&mut read), Ok(count as usize));
        assert_eq!(read[..count as usize], ticks);
        next += count;
    }
}

#[test]
fn values_are_taken_as_far_as_there_is_room_and_a_panic_among_them_publishes_nothing() {
    let ring = HeapTypedRing::<u64, Sole>::sole(16);
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut values = (0..20u32).map(u64::from);
    // A quarter of the ring at a time, until the Consumer holds the publisher up.
    for left in [16, 12, 8, 4] {
        assert_eq!((publisher.try_send_each(&mut values), values.len()), (Ok(4), left));
    }
    assert!(publisher.try_send_each(&mut values).is_err());
    assert_eq!((values.next(), publisher.try_send_each(&mut std::iter::empty())), (Some(16), Ok(0)));
    assert_eq!(consumer.batch().unwrap().slots().concat(), (0..16).collect::<Vec<_>>());

    let mut failing = (16..20u32).map(|value| if value < 18 { u64::from(value) } else { panic!("no such value") });
    assert!(catch_unwind(AssertUnwindSafe(|| publisher.try_send_each(&mut failing))).is_err());
    assert!(consumer.try_recv().is_err());
    assert_eq!(Ledger::of(&ring).claimed().get(), 16);
    // What the two values that were made have overwritten is lost to a Subscriber, and not taken for what was there.
    assert!(matches!(reader.try_recv(), Err(TryRecvError::Lagged(_))));
    publisher.send(&16);
    assert_eq!(reader.by_ref().last(), Some(16));
    assert_eq!((reader.received() + reader.lost(), *consumer.try_recv().unwrap()), (17, 16));
}

#[test]
fn a_full_ring_of_values_says_so() {
    let ring = Arc::new(TypedRing::<u16, 2>::new());
    let _consumer = Consumer::join(Arc::clone(&ring), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    assert_eq!(publisher.try_send_batch(&[1, 2, 3]), Ok(2));
    assert!(publisher.try_send(&3).is_err());
    assert!(publisher.try_send_batch(&[3]).is_err());
    assert_eq!(publisher.try_send_batch(&[]), Ok(0));
    let timeout = std::time::Duration::from_millis(1);
    assert!(publisher.send_timeout(&3, timeout).is_err());
}

/// Values of `size_of::<T>()` bytes whose every byte is their number's, through a ring of `capacity`, lossy and lossless.
fn whole_values<T: AnyBitPattern + NoUninit + Send + Sync>(capacity: usize) {
    const EVENTS: usize = if cfg!(debug_assertions) { 20_000 } else { 500_000 };
    let value = |number: usize| {
        let mut value = T::zeroed();
        rusted_ring::bytemuck::bytes_of_mut(&mut value).fill(number as u8);
        value
    };
    let is_whole = |value: &T| {
        let bytes = rusted_ring::bytemuck::bytes_of(value);
        assert!(bytes.iter().all(|byte| *byte == bytes[0]), "torn: {bytes:?}");
        bytes[0]
    };
    let ring = HeapTypedRing::<T>::new(capacity);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let publisher = Publisher::join(ring.clone()).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            for number in 0..EVENTS {
                publisher.send(&value(number));
            }
        });
        scope.spawn(move || {
            loop {
                match reader.recv() {
                    Ok(value) => _ = is_whole(&value),
                    Err(RecvError::Lagged(_)) => {}
                    Err(_) => break,
                }
            }
            assert_eq!(reader.received() + reader.lost() + reader.holes(), reader.next_sequence().get());
            assert_eq!(reader.try_recv().err(), Some(TryRecvError::Closed));
        });
        for number in 0..EVENTS {
            assert_eq!(is_whole(&consumer.recv().unwrap()), number as u8);
        }
    });
    assert_eq!(Ledger::of(&ring).readers().map(|reader| reader.received).collect::<Vec<_>>(), [EVENTS as u64]);
}

#[test]
fn values_of_any_size_arrive_whole() {
    whole_values::<u8>(16);
    whole_values::<[u16; 3]>(7);
    whole_values::<[u32; 3]>(64);
    whole_values::<Tick>(5);
    whole_values::<[u64; 9]>(33);
    whole_values::<[u8; 100]>(12);
}

#[test]
fn a_reader_takes_nothing_that_was_left_by_values_that_panicked() {
    const CAPACITY: u64 = 64;
    // Neither at a lap's beginning nor at a grant's, which are for an eighth of the ring.
    const SENT: u64 = 81;
    let ring = HeapTypedRing::<u64, Sole>::sole(CAPACITY as usize);
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    let mut readers = Vec::new();
    for number in 0..SENT {
        // Each wants the slot of a sequence that is given up, and finds there what is older by a lap.
        if (SENT + 1..SENT + 3).contains(&(number + CAPACITY)) {
            readers.push(Subscriber::join(ring.clone(), Start::Newest));
        }
        publisher.send(&number);
    }
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let fourth_panics = |value: &u64| assert!(*value < 1003, "the fourth value panics");
        let mut values = [1000, 1001, 1002, 1003].into_iter().inspect(fourth_panics);
        publisher.try_send_each(&mut values)
    }));
    assert!(panicked.is_err());
    for (number, reader) in (SENT..).zip(&mut readers) {
        publisher.send(&number);
        let Err(TryRecvError::Lagged(lagged)) = reader.try_recv() else {
            panic!("what was left was taken, behind {number}")
        };
        assert_eq!(lagged.from.get() + CAPACITY, number + 1);
    }
    assert_eq!(readers.len(), 2);
}
