//! What a Subscriber promises: told exactly what it lost, once, and usable ever after.

#![cfg(all(feature = "std", not(loom)))]

use std::{error::Error, fmt::Debug, sync::Arc};

use rusted_ring::{
    Consumer, HeapRing, JoinError, Many, PooledEvent, Publisher, RingBuffer, RingRef, Sequence, Sole, SolePublisher,
    Start, Subscriber, consumer,
    ledger::Ledger,
    publisher::{Full, PublishError, Revoked, TooLarge},
    subscriber::{Lagged, RecvError, Resync, TryRecvError},
};

const CAPACITY: u64 = 40;
const MARGIN: u64 = CAPACITY / 8;

/// A ring, its publisher and how to publish the next number on it.
fn ring() -> (HeapRing<8>, Publisher<HeapRing<8>>, impl FnMut(u64)) {
    let ring = HeapRing::<8>::new(CAPACITY as usize);
    let publisher = Publisher::join(ring.clone()).expect("open");
    let mut next = 0_u64;
    let numbers = publisher.clone();
    let publish = move |times| {
        for _ in 0..times {
            assert_eq!(numbers.publish(&next.to_le_bytes(), next as u32).map(Sequence::get), Ok(next));
            next += 1;
        }
    };
    (ring, publisher, publish)
}

fn number<const N: usize>(event: &PooledEvent<N>) -> u64 {
    u64::from_le_bytes(event.bytes().try_into().expect("eight bytes"))
}

/// The range that the reader was told it lost.
#[track_caller]
fn lost<T>(outcome: Result<T, TryRecvError>) -> (u64, u64) {
    match outcome.map(drop) {
        Err(TryRecvError::Lagged(Lagged { from, to, .. })) => (from.get(), to.get()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn exactly_a_lap_behind_nothing_is_lost() {
    let (ring, _publisher, mut publish) = ring();
    let mut reader = Subscriber::join(ring, Start::Newest);
    publish(CAPACITY);
    assert_eq!((reader.lag(), reader.backpressure_ratio()), (CAPACITY, 1.0));
    assert!(reader.by_ref().map(|event| number(&event)).eq(0..CAPACITY));
    assert_eq!((reader.lost(), reader.laps(), reader.received()), (0, 0, CAPACITY));
}

#[test]
fn one_event_more_is_a_loss() {
    let (ring, _publisher, mut publish) = ring();
    let mut reader = Subscriber::join(ring, Start::Newest);
    publish(CAPACITY + 1);
    assert_eq!(lost(reader.try_recv()), (0, 1 + MARGIN));
    assert!(reader.by_ref().map(|event| number(&event)).eq(1 + MARGIN..CAPACITY + 1));
    assert_eq!((reader.lost(), reader.laps(), reader.received()), (1 + MARGIN, 1, CAPACITY - MARGIN));
}

#[test]
fn paused_for_any_number_of_laps_the_loss_is_said_once_and_exactly() {
    for laps in 1..=3 {
        for beyond in [0, 1, MARGIN, CAPACITY - 1] {
            for read_before in [0, 1, CAPACITY - 1, CAPACITY + 3] {
                let (ring, _publisher, mut publish) = ring();
                let mut reader = Subscriber::join(ring.clone(), Start::Newest).named("paused");
                for _ in 0..read_before {
                    publish(1);
                    reader.try_recv().expect("an event");
                }
                publish(laps * CAPACITY + beyond);
                let claimed = read_before + laps * CAPACITY + beyond;
                let to = if laps * CAPACITY + beyond > CAPACITY {
                    let to = claimed - CAPACITY + MARGIN;
                    assert_eq!(lost(reader.try_recv()), (read_before, to));
                    to
                } else {
                    read_before
                };
                let status = Ledger::of(&ring).readers().next().expect("listed");
                assert_eq!(status.name.as_str(), "paused");
                assert_eq!((status.position.get(), status.lost, status.ahead), (to, to - read_before, claimed - to));
                assert!((to..claimed).all(|expected| reader.try_recv().as_ref().map(number) == Ok(expected)));
                assert_eq!(reader.try_recv(), Err(TryRecvError::Empty));
                assert_eq!(reader.received() + reader.lost(), claimed);
                assert_eq!(reader.laps(), u64::from(to > read_before));
            }
        }
    }
}

#[test]
fn after_a_loss_there_is_none_until_the_publishers_advance_by_another_margin() {
    let (ring, _publisher, mut publish) = ring();
    let mut reader = Subscriber::join(ring, Start::Newest);
    publish(2 * CAPACITY);
    let to = CAPACITY + MARGIN;
    assert_eq!(lost(reader.try_recv()), (0, to));
    publish(MARGIN);
    assert_eq!(reader.try_recv().as_ref().map(number), Ok(to));
    publish(2);
    assert_eq!(lost(reader.try_recv()), (to + 1, to + 2 + MARGIN));
    assert_eq!((reader.laps(), reader.lost()), (2, to + 1 + MARGIN));
}

#[test]
fn a_reader_starts_where_it_is_told_to() {
    let (ring, _publisher, mut publish) = ring();
    publish(CAPACITY + 7);
    let at = |start| Subscriber::join(ring.clone(), start);
    assert_eq!(at(Start::Newest).next_sequence().get(), CAPACITY + 7);
    assert_eq!(at(Start::Oldest).try_recv().as_ref().map(number), Ok(7));
    assert_eq!(at(Start::At(Sequence::new(9))).try_recv().as_ref().map(number), Ok(9));
    assert_eq!(lost(at(Start::At(Sequence::new(2))).try_recv()), (2, 7 + MARGIN));
    assert_eq!(at(Start::At(Sequence::LAST)).next_sequence().get(), CAPACITY + 7);
    let mut late = at(Start::At(Sequence::LAST));
    publish(1);
    assert_eq!(late.try_recv().as_ref().map(number), Ok(CAPACITY + 7));
}

#[test]
fn a_clone_stands_at_the_same_place_and_counts_for_itself() {
    let (ring, _publisher, mut publish) = ring();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    publish(CAPACITY + 1);
    reader.try_recv().expect_err("a loss");
    reader.try_recv().expect("an event");
    let mut twin = reader.clone();
    assert_eq!((twin.received(), twin.lost(), twin.laps(), twin.holes()), (0, 0, 0, 0));
    assert_eq!(twin.next_sequence(), reader.next_sequence());
    assert_eq!(twin.try_recv(), reader.try_recv());
    assert_eq!((twin.received(), reader.received()), (1, 2));
    assert_eq!(Ledger::of(&ring).readers().count(), 2);
}

#[test]
fn beyond_64_readers_a_reader_is_unlisted_and_a_consumer_is_refused() {
    let (ring, _publisher, mut publish) = ring();
    let listed: Vec<_> = (0..64).map(|_| Subscriber::join(ring.clone(), Start::Newest)).collect();
    let mut unlisted = Subscriber::join(ring.clone(), Start::Newest).named("nobody sees it");
    let ledger = Ledger::of(&ring);
    assert_eq!((ledger.readers().count(), ledger.unlisted()), (64, 1));
    assert_eq!(Consumer::join(ring.clone(), Start::Newest).err(), Some(JoinError::TooManyReaders));
    publish(CAPACITY + 1);
    assert_eq!(lost(unlisted.try_recv()), (0, 1 + MARGIN));
    assert_eq!(unlisted.by_ref().count() as u64, CAPACITY - MARGIN);
    assert_eq!((unlisted.received(), unlisted.lost(), unlisted.lag()), (CAPACITY - MARGIN, 1 + MARGIN, 0));
    drop(unlisted);
    assert_eq!(ledger.unlisted(), 0);
    drop(listed);
    let consumers: Vec<_> = (0..64).map(|_| Consumer::join(ring.clone(), Start::Newest)).collect();
    assert!(consumers.iter().all(Result::is_ok));
    assert_eq!(Consumer::join(ring.clone(), Start::Newest).err(), Some(JoinError::TooManyReaders));
    assert_eq!(ledger.readers().filter(|status| status.gating).count(), 64);
}

#[test]
fn the_iterator_ends_at_each_empty_moment_and_goes_on() {
    let (ring, publisher, mut publish) = ring();
    let mut reader = Subscriber::join(ring, Start::Newest);
    for _ in 0..3 {
        assert_eq!(reader.next(), None);
        publish(2);
        assert_eq!(reader.by_ref().count(), 2);
    }
    publish(3 * CAPACITY);
    assert_eq!(reader.by_ref().count() as u64, CAPACITY - MARGIN, "a loss is skipped over");
    publish(1);
    drop((publisher, publish));
    assert_eq!((reader.by_ref().count(), reader.next()), (1, None));
}

#[test]
fn a_read_touches_no_more_of_the_buffer_than_the_event_and_its_last_word() {
    let ring = HeapRing::<64>::new(4);
    let publisher = Publisher::join(ring.clone()).expect("open");
    let mut reader = Subscriber::join(ring, Start::Newest);
    for len in 0..=64_usize {
        let data: Vec<u8> = (1..=len as u8).collect();
        publisher.publish(&[0xEE; 64], 1).expect("it fits");
        publisher.publish(&data, 2).expect("it fits");
        let mut buffer = [0xA5; 64];
        assert_eq!(reader.try_read(&mut buffer).expect("an event").data, [0xEE; 64]);
        buffer = [0xA5; 64];
        let event = reader.try_read(&mut buffer).expect("an event");
        assert_eq!((event.data, event.event_type, event.sequence.get()), (&data[..], 2, 2 * len as u64 + 1));
        assert!(buffer[len.next_multiple_of(8)..].iter().all(|&byte| byte == 0xA5));
    }
}

#[test]
fn bytes_past_the_length_of_an_owned_event_are_zero() {
    let ring = HeapRing::<16>::new(4);
    let publisher = Publisher::join(ring.clone()).expect("open");
    let mut reader = Subscriber::join(ring, Start::Newest);
    for len in 0..=16 {
        // Lapped by long events first, and skipping the loss in the same call.
        (0..9).for_each(|_| _ = publisher.publish(&[0xEE; 16], 1).expect("it fits"));
        (0..4).for_each(|_| _ = publisher.publish(&[0xDD; 16][..len], 1).expect("it fits"));
        let event = reader.next().expect("an event");
        assert_eq!(event.bytes(), &[0xDD; 16][..len]);
        assert!(event.data[len..].iter().all(|&byte| byte == 0));
        assert_eq!(reader.by_ref().count(), 3);
    }
}

#[test]
fn an_event_larger_than_a_slot_is_refused_and_nothing_is_claimed() {
    let (ring, publisher, _) = ring();
    let (data_len, max_size) = (9, 8);
    let refused = publisher.publish(&[0; 9], 0).unwrap_err();
    assert_eq!((refused.data_len, refused.max_size), (data_len, max_size));
    let refused = Err(PublishError::TooLarge(refused));
    assert_eq!(publisher.try_publish(&[0; 9], 0), refused);
    assert_eq!(publisher.publish_timeout(&[0; 9], 0, std::time::Duration::MAX), refused);
    assert!(!publisher.add(PooledEvent { len: 9, event_type: 0, data: [0; 8] }));
    assert_eq!(Ledger::of(&ring).claimed().get(), 0);
    assert!(publisher.add(PooledEvent { len: 8, event_type: 0, data: [0; 8] }));
}

#[test]
fn a_sole_publisher_is_alone_and_its_successor_goes_on_where_it_stopped() {
    static RING: RingBuffer<8, 5, Sole> = RingBuffer::sole();
    let mut reader = Subscriber::join(&RING, Start::Newest);
    for round in 0..7_u64 {
        let mut publisher = SolePublisher::join(&RING).expect("the seat is free");
        assert_eq!(SolePublisher::join(&RING).err(), Some(JoinError::Occupied));
        for nth in 3 * round..3 * round + 3 {
            assert_eq!(publisher.publish(&nth.to_le_bytes(), 0).map(Sequence::get), Ok(nth));
            assert_eq!(reader.try_recv().as_ref().map(number), Ok(nth));
        }
    }
    assert_eq!(reader.try_recv(), Err(TryRecvError::Empty), "a ring that never closes did not");
}

#[test]
fn a_ring_closes_with_its_last_publisher_for_good() {
    let ring = Arc::new(RingBuffer::<8, 5, _, _>::closing());
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    assert_eq!(reader.try_recv(), Err(TryRecvError::Empty), "before its first publisher a ring is open");
    let publisher = Publisher::join(ring.clone()).expect("open");
    drop(publisher.clone());
    assert_eq!(reader.try_recv(), Err(TryRecvError::Empty), "and with one left");
    publisher.publish(b"last", 0).expect("it fits");
    drop(publisher);
    assert_eq!(reader.recv().map(|event| event.bytes().to_vec()), Ok(b"last".to_vec()));
    assert_eq!(reader.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(reader.recv(), Err(RecvError::Closed));
    assert_eq!(reader.recv_timeout(std::time::Duration::MAX), Err(TryRecvError::Closed));
    assert_eq!(Publisher::join(ring.clone()).err(), Some(JoinError::Closed));
    assert_eq!(Subscriber::join(ring, Start::Newest).try_recv(), Err(TryRecvError::Closed));
}

const fn sendable<T: Send>() {}
const fn shared<T: Send + Sync + Clone>() {}
const fn error<T: Error + Send + Sync + 'static>() {}
const fn endpoints<R, S>()
where
    R: RingRef<Mode = Many> + Send + Sync + Debug,
    S: RingRef<Mode = Sole> + Send + Sync + Debug,
{
}

const _: () = {
    type Static = &'static RingBuffer<64, 8>;
    shared::<HeapRing<64>>();
    shared::<Publisher<HeapRing<64>>>();
    shared::<Publisher<Static>>();
    shared::<Publisher<Arc<RingBuffer<64, 8>>>>();
    sendable::<SolePublisher<HeapRing<64, Sole>>>();
    sendable::<Subscriber<HeapRing<64>>>();
    sendable::<Subscriber<Static>>();
    sendable::<Consumer<HeapRing<64>>>();
    sendable::<Consumer<Static>>();
    endpoints::<HeapRing<64>, Arc<RingBuffer<64, 8, Sole>>>();
    error::<Lagged>();
    error::<TryRecvError>();
    error::<RecvError>();
    error::<consumer::TryRecvError>();
    error::<consumer::Closed>();
    error::<JoinError>();
    error::<Full>();
    error::<TooLarge>();
    error::<PublishError>();
    error::<Revoked>();
};

#[test]
fn endpoints_and_errors_say_what_they_are() {
    let shows = |value: &dyn Debug, name| {
        let text = format!("{value:?}");
        assert!(text.contains(name), "{text}");
    };
    let (ring, publisher, mut publish) = ring();
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).expect("room").named("storage");
    publish(1);
    shows(&SolePublisher::join(HeapRing::<8, Sole>::sole(1)), "SolePublisher");
    shows(&Subscriber::join(ring.clone(), Start::Newest), "Subscriber");
    shows(&consumer.try_recv(), "Loan");
    shows(&consumer, "Consumer");
    shows(&publisher, "Publisher");
    shows(&Ledger::of(&ring), "storage");
}

#[test]
fn an_overtaken_reader_goes_on_at_the_newest_event_if_it_says_so() {
    let ring = HeapRing::<8>::new(16);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).resyncing(Resync::Newest);
    let publisher = Publisher::join(ring).unwrap();
    (0..40).for_each(|_| _ = publisher.publish(b"old", 0).unwrap());
    let Err(TryRecvError::Lagged(lagged)) = reader.try_recv() else { panic!("overtaken") };
    assert_eq!((lagged.from.get(), lagged.to.get()), (0, 40));
    assert_eq!(reader.try_recv(), Err(TryRecvError::Empty));
    publisher.publish(b"new", 0).unwrap();
    assert_eq!(reader.clone().try_recv().unwrap().bytes(), b"new");
    assert_eq!((reader.try_recv().unwrap().bytes(), reader.lost(), reader.laps()), (&b"new"[..], 40, 1));
}

#[test]
fn a_claim_that_was_abandoned_costs_exactly_what_it_may_have_entered() {
    use rusted_ring::{HeapTypedRing, Sole, SolePublisher};

    for abandoned in [1, 5, 16, 64] {
        let ring = HeapTypedRing::<u64, Sole>::sole(64);
        let mut reader = Subscriber::join(ring.clone(), Start::Oldest);
        let mut publisher = SolePublisher::join(ring).unwrap();
        (0..64).for_each(|n| _ = publisher.send(&n));
        let entered = match abandoned {
            1 => {
                drop(publisher.claim());
                1
            }
            _ => publisher.claim_batch(abandoned).remaining() as u64,
        };
        assert_eq!(lost(reader.try_recv()), (0, entered), "of {abandoned}");
        assert_eq!(reader.by_ref().collect::<Vec<_>>(), (entered..64).collect::<Vec<_>>());
        assert_eq!((reader.lost(), reader.laps()), (entered, 1));
    }
}
