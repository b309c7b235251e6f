//! Many events in one call: published, read, and lent in place.

#![cfg(feature = "std")]

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use rusted_ring::{
    Consumer, HeapRing, Many, PooledEvent, Publisher, RingRef, Sole, SolePublisher, Start, Subscriber, consumer,
    publisher::{PublishError, TooLarge},
    subscriber::{RecvError, TryRecvError},
};

const EMPTY: PooledEvent<8> = PooledEvent { len: 0, event_type: 0, data: [0; 8] };

/// The numbers from `first` on, as data of events whose type is their length.
fn numbered(first: u64, count: u64) -> Vec<([u8; 8], u32)> {
    (first..first + count).map(|number| (number.to_le_bytes(), (number % 9) as u32)).collect()
}

fn as_events(data: &[([u8; 8], u32)]) -> Vec<(&[u8], u32)> {
    data.iter().map(|(bytes, len)| (&bytes[..*len as usize], *len)).collect()
}

/// What the event numbered `number` carries: its first bytes, as many as its type says.
fn check(number: u64, data: &[u8], event_type: u32) {
    assert_eq!(u64::from(event_type), number % 9);
    assert_eq!(data, &number.to_le_bytes()[..event_type as usize]);
}

type Publish = Box<dyn FnMut(&[(&[u8], u32)]) -> Result<usize, PublishError>>;

/// The same rounds on a ring of each mode: batches of all sizes, read back in batches and in place.
fn rounds<R: RingRef<Slot = rusted_ring::Bytes<8>> + 'static>(ring: R, mut publish: Publish) {
    let capacity = ring.capacity() as u64;
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut consumer = Consumer::join(ring, Start::Newest).unwrap();
    let mut next = 0;
    for round in 0..40 {
        let data = numbered(next, 1 + round % (capacity + 3));
        let published = publish(&as_events(&data)).unwrap() as u64;
        assert!((1..=capacity.min(data.len() as u64)).contains(&published));

        let mut events = vec![EMPTY; 1 + (round % 5) as usize];
        let mut read = next;
        while let Ok(count) = reader.try_read_batch(&mut events) {
            for event in &events[..count] {
                check(read, event.bytes(), event.event_type);
                read += 1;
            }
        }
        assert_eq!(read, next + published);

        let batch = consumer.try_batch().unwrap();
        assert_eq!((batch.first().get(), batch.len() as u64), (next, published));
        for (event, number) in batch.iter().zip(next..) {
            assert_eq!(event.sequence().get(), number);
            check(number, &event, event.event_type());
        }
        let [first, second] = batch.slots();
        assert_eq!(first.len() + second.len(), published as usize);
        for (slot, number) in first.iter().chain(second).zip(next..) {
            let len = (number % 9) as usize;
            assert_eq!(slot[..len], number.to_le_bytes()[..len]);
        }
        drop(batch);
        assert!(matches!(consumer.try_batch().map(|batch| batch.len()), Err(consumer::TryRecvError::Empty)));
        next += published;
    }
    assert_eq!((reader.received(), consumer.received()), (next, next));
}

#[test]
fn a_batch_is_of_all_that_is_ready_and_not_of_what_an_earlier_look_has_shown() {
    let ring = HeapRing::<8, Sole>::sole(16);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    for round in 0..3 {
        publisher.publish_batch(&[(b"a", 0), (b"b", 0), (b"c", 0)]).unwrap();
        assert_eq!(&*consumer.try_recv().unwrap(), b"a");
        publisher.publish_batch(&[(b"d", 0), (b"e", 0)]).unwrap();
        let size = match round {
            0 => consumer.try_batch().unwrap().len(),
            1 => consumer.batch().unwrap().len(),
            _ => consumer.poll(|_, _, _| ()).unwrap(),
        };
        assert_eq!(size, 4, "in round {round}");
    }
}

#[test]
fn what_is_polled_is_all_that_is_ready_in_order_with_its_last_event_marked() {
    let ring = HeapRing::<8>::new(8);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    // Some go round the ring's end, and are lent in two pieces.
    let mut next = 0;
    for count in [1, 5, 8, 7, 3] {
        let data = numbered(next, count);
        publisher.publish_batch(&as_events(&data)).unwrap();
        let mut polled = Vec::new();
        let outcome = consumer.poll(|event, sequence, last| {
            check(sequence.get(), event, event.event_type());
            polled.push((sequence.get(), last));
        });
        assert_eq!(outcome, Ok(count as usize));
        assert_eq!(polled, (next..next + count).map(|n| (n, n + 1 == next + count)).collect::<Vec<_>>());
        assert_eq!(consumer.poll(|_, _, _| ()), Err(consumer::TryRecvError::Empty));
        next += count;
    }
    assert_eq!(consumer.received(), next);
}

#[test]
fn what_is_published_in_batches_is_read_in_batches() {
    for capacity in [1, 2, 3, 7, 8, 16, 33] {
        let ring = HeapRing::<8, Many>::new(capacity);
        let publisher = Publisher::join(ring.clone()).unwrap();
        rounds(ring, Box::new(move |events| publisher.try_publish_batch(events)));
        let ring = HeapRing::<8, Sole>::sole(capacity);
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        rounds(ring, Box::new(move |events| publisher.try_publish_batch(events)));
    }
}

#[test]
fn a_batch_goes_as_far_as_the_gate_and_the_rest_waits_for_it() {
    let ring = HeapRing::<8>::new(16);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    let data = numbered(0, 20);
    let events = as_events(&data);
    assert_eq!(publisher.try_publish_batch(&events), Ok(16));
    assert!(matches!(publisher.try_publish_batch(&events), Err(PublishError::Full(_))));
    thread::scope(|scope| {
        scope.spawn(|| publisher.publish_batch(&events).unwrap());
        for number in (0..16).chain(0..20) {
            let loan = consumer.recv().unwrap();
            check(number, &loan, loan.event_type());
        }
    });
}

#[test]
fn nothing_of_a_batch_is_published_if_one_event_is_too_large() {
    let ring = HeapRing::<8>::new(16);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let publisher = Publisher::join(ring).unwrap();
    let events: [(&[u8], u32); 2] = [(b"fits", 0), (b"does not fit", 0)];
    let TooLarge { data_len, max_size, .. } = publisher.publish_batch(&events).unwrap_err();
    assert_eq!((data_len, max_size), (12, 8));
    let refused = publisher.try_publish_batch(&events);
    assert!(matches!(refused, Err(PublishError::TooLarge(TooLarge { data_len: 12, max_size: 8, .. }))));
    assert_eq!(publisher.publish_batch(&[]), Ok(()));
    assert_eq!(publisher.try_publish_batch(&[]), Ok(0));
    assert_eq!(reader.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(reader.try_read_batch(&mut []), Ok(0));
}

#[test]
fn a_batch_that_meets_a_loss_says_so_in_a_call_of_its_own() {
    let ring = HeapRing::<8>::new(8);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let publisher = Publisher::join(ring).unwrap();
    let data = numbered(0, 12);
    publisher.publish_batch(&as_events(&data)).unwrap();
    let mut events = [EMPTY; 16];
    let Err(TryRecvError::Lagged(lagged)) = reader.try_read_batch(&mut events) else { panic!("four were overwritten") };
    assert_eq!((lagged.from.get(), lagged.to.get()), (0, 5));
    assert_eq!(reader.try_read_batch(&mut events), Ok(7));
    drop(publisher);
    assert_eq!(reader.read_batch(&mut events), Err(RecvError::Closed));
}

#[test]
fn a_batch_is_released_at_once_when_dropped_in_a_panic_too_and_never_lent_twice() {
    let ring = HeapRing::<8>::new(4);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    let data = numbered(0, 4);
    let events = as_events(&data);
    publisher.publish_batch(&events).unwrap();
    assert!(matches!(publisher.try_publish(b"more", 0), Err(PublishError::Full(_))));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let batch = consumer.try_batch().unwrap();
        panic!("with {} events in hand", batch.len());
    }));
    panicked.unwrap_err();
    publisher.publish_batch(&events).unwrap();
    mem::forget(consumer.try_batch().unwrap());
    let refused = publisher.try_publish(b"more", 0);
    assert!(matches!(refused, Err(PublishError::Full(_))), "forgotten, it is held until the next call");
    assert!(matches!(consumer.try_recv().map(drop), Err(consumer::TryRecvError::Empty)));
    publisher.publish_batch(&events).unwrap();
    assert_eq!((consumer.received(), consumer.batch().unwrap().len()), (8, 4));
}

#[test]
fn batches_of_many_publishers_keep_each_publishers_order_and_lose_nothing() {
    const PUBLISHERS: u32 = 3;
    const EACH: u64 = if cfg!(debug_assertions) { 20_000 } else { 400_000 };
    let ring = HeapRing::<8>::new(64);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let publishers: Vec<_> = (0..PUBLISHERS).map(|_| Publisher::join(ring.clone()).unwrap()).collect();
    thread::scope(|scope| {
        for (id, publisher) in (0..).zip(publishers) {
            scope.spawn(move || {
                let mut next = 0u64;
                while next < EACH {
                    let count = (1 + next % 23).min(EACH - next);
                    let numbers: Vec<_> = (next..next + count).map(u64::to_le_bytes).collect();
                    let events: Vec<_> = numbers.iter().map(|bytes| (&bytes[..], id)).collect();
                    publisher.publish_batch(&events).unwrap();
                    next += count;
                }
            });
        }
        scope.spawn(move || {
            let mut newest = [None; PUBLISHERS as usize];
            let (mut seen, mut events) = (0, [EMPTY; 17]);
            loop {
                match reader.read_batch(&mut events) {
                    Ok(count) => {
                        for event in &events[..count] {
                            let number = u64::from_le_bytes(event.data);
                            let last = newest[event.event_type as usize].replace(number);
                            assert!(last < Some(number), "order");
                            seen += 1;
                        }
                    }
                    Err(RecvError::Lagged(_)) => {}
                    Err(_) => break,
                }
            }
            assert_eq!((reader.received(), reader.lag()), (seen, 0));
            assert_eq!(seen + reader.lost() + reader.holes(), reader.next_sequence().get());
        });
        let mut next = [0u64; PUBLISHERS as usize];
        while let Ok(batch) = consumer.batch() {
            for event in batch.iter() {
                let expected = &mut next[event.event_type() as usize];
                assert_eq!(*event, expected.to_le_bytes());
                *expected += 1;
            }
        }
        assert_eq!(next, [EACH; PUBLISHERS as usize]);
    });
}
