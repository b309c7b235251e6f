//! Events that are longer than a slot: of every length, at every place of the ring, by both kinds of publisher, for every reader.

#[cfg(feature = "async")]
#[path = "common/block_on.rs"]
mod block_on;
#[path = "common/rng.rs"]
mod rng;

use rng::Rng;
use rusted_ring::{
    BorrowedRing, Bytes, Consumer, InlineRing, Many, PlaceError, PlacedRing, Publisher, RingRef, Sequence, SharedRing,
    Sole, SolePublisher, Start, Subscriber, consumer,
    ledger::Ledger,
    publisher::PublishError,
    subscriber::{Lagged, TryRecvError},
};

const SLOT: usize = 8;
const LONGEST: usize = 32;
const CAPACITY: usize = 16;
type Slots = Bytes<LONGEST, SLOT>;

/// Lengths on both sides of every boundary.
const LENGTHS: [usize; 13] = [0, 1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32];

/// A publisher of either kind.
trait Publish {
    fn try_publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, PublishError>;
    fn try_publish_batch(&mut self, events: &[(&[u8], u32)]) -> Result<usize, PublishError>;
}

impl<R: RingRef<Mode = Many, Slot = Slots>> Publish for Publisher<R> {
    fn try_publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, PublishError> {
        Publisher::try_publish(self, data, event_type)
    }

    fn try_publish_batch(&mut self, events: &[(&[u8], u32)]) -> Result<usize, PublishError> {
        Publisher::try_publish_batch(self, events)
    }
}

impl<R: RingRef<Mode = Sole, Slot = Slots>> Publish for SolePublisher<R> {
    fn try_publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, PublishError> {
        SolePublisher::try_publish(self, data, event_type)
    }

    fn try_publish_batch(&mut self, events: &[(&[u8], u32)]) -> Result<usize, PublishError> {
        SolePublisher::try_publish_batch(self, events)
    }
}

/// Event `id` of `len` bytes, none of which is another event's at its place.
fn event(id: u64, len: usize) -> (Vec<u8>, u32) {
    ((0..len).map(|at| (id as usize * 31 + at * 7 + len) as u8).collect(), (id as u32) << 8 | len as u32)
}

fn slots(len: usize) -> u64 {
    len.div_ceil(SLOT).max(1) as u64
}

/// Slots left before the ring's end by an event of `len` bytes that comes to `next`.
fn padding(next: u64, len: usize) -> u64 {
    let before_the_end = CAPACITY as u64 - next % CAPACITY as u64;
    if slots(len) > before_the_end { before_the_end } else { 0 }
}

fn at_every_place<R: RingRef<Slot = Slots>>(ring: &R, publisher: &mut impl Publish) {
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut batches = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut polls = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut rows = Subscriber::join(ring.clone(), Start::Newest);
    let mut row = [const { rusted_ring::PooledEvent { len: 0, event_type: 0, data: [0; LONGEST] } }; 4];
    let (mut next, mut events) = (0, 0);
    for place in 0..CAPACITY as u64 {
        for len in LENGTHS {
            // Small events bring the ring to the place.
            while next % CAPACITY as u64 != place {
                publisher.try_publish(&[], 0).unwrap();
                assert_eq!(consumer.try_recv().unwrap().len(), 0);
                assert_eq!(reader.try_recv().unwrap().len, 0);
                assert_eq!(rows.try_read_batch(&mut row), Ok(1));
                assert_eq!((batches.try_batch().unwrap().len(), polls.poll(|_, _, _| ())), (1, Ok(1)));
                (next, events) = (next + 1, events + 1);
            }
            let (data, event_type) = event(next, len);
            let first = next + padding(next, len);
            assert_eq!(publisher.try_publish(&data, event_type), Ok(Sequence::new(first)), "{len} bytes at {place}");
            (next, events) = (first + slots(len), events + 1);

            let loan = consumer.try_recv().unwrap();
            assert_eq!((&*loan, loan.event_type(), loan.sequence().get()), (&data[..], event_type, first));
            assert_eq!(loan.copied().bytes(), data);
            drop(loan);
            assert_eq!(consumer.try_recv().unwrap_err(), consumer::TryRecvError::Empty);

            let batch = batches.try_batch().unwrap();
            assert_eq!((batch.len(), batch.first().get()), (1, first));
            assert!(batch.iter().all(|event| *event == data[..] && event.event_type() == event_type));
            let whole: Vec<u8> = batch.slots().concat().concat();
            assert_eq!((&whole[..len], whole.len() as u64), (&data[..], slots(len) * SLOT as u64));
            drop(batch);

            let polled = polls.poll(|event, sequence, last| {
                assert_eq!((&**event, sequence.get(), last), (&data[..], first, true));
            });
            assert_eq!(polled, Ok(1));

            let copy = reader.try_recv().unwrap();
            assert_eq!((copy.bytes(), copy.event_type), (&data[..], event_type));
            assert_eq!(rows.try_read_batch(&mut row), Ok(1));
            assert_eq!((row[0].bytes(), row[0].event_type), (&data[..], event_type));

            assert_eq!((reader.received(), reader.holes(), reader.lost()), (events, next - events, 0));
            assert_eq!((rows.received(), rows.holes(), rows.lost()), (events, next - events, 0));
            for books in [&consumer, &batches, &polls] {
                assert_eq!((books.received(), books.holes(), books.lag()), (events, next - events, 0));
            }
            for status in Ledger::of(ring).readers() {
                assert_eq!((status.position.get(), status.received, status.holes), (next, events, next - events));
                assert_eq!((status.ahead, status.lost), (0, 0));
            }
        }
    }
    assert_eq!(Ledger::of(ring).claimed().get(), next);
}

#[test]
fn an_event_of_any_length_is_whole_at_every_place_of_the_ring() {
    let ring = SharedRing::<Slots>::new(CAPACITY);
    at_every_place(&ring, &mut Publisher::join(ring.clone()).unwrap());
    let ring = SharedRing::<Slots, Sole>::sole(CAPACITY);
    at_every_place(&ring, &mut SolePublisher::join(ring.clone()).unwrap());
    static RING: InlineRing<Slots, CAPACITY> = InlineRing::new();
    at_every_place(&&RING, &mut Publisher::new(&RING));
    let mut memory = vec![0xFF; PlacedRing::<Slots>::bytes_for(CAPACITY)];
    let ring = PlacedRing::<Slots>::new(&mut memory[..], CAPACITY).unwrap();
    at_every_place(&ring, &mut Publisher::join(ring).unwrap());
}

#[test]
fn what_exceeds_the_bound_is_refused_by_its_length_and_the_bound() {
    let ring = SharedRing::<Slots>::new(CAPACITY);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let error = publisher.try_publish(&[0; LONGEST + 1], 0).unwrap_err();
    assert!(matches!(error, PublishError::TooLarge(e) if (e.data_len, e.max_size) == (LONGEST + 1, LONGEST)));
    assert!(error.to_string().contains("33 bytes") && error.to_string().contains("32"), "{error}");
    assert!(publisher.publish_batch(&[(&[1], 0), (&[0; LONGEST + 1], 0)]).is_err());
    assert_eq!(Ledger::of(&ring).claimed().get(), 0, "nothing is claimed for what is refused");
    // A claim is one slot.
    assert_eq!(publisher.claim().remaining(), SLOT);
}

#[test]
fn a_ring_has_four_times_the_slots_of_its_longest_event() {
    assert!(std::panic::catch_unwind(|| SharedRing::<Slots>::new(CAPACITY - 1)).is_err());
    let mut memory = vec![0; PlacedRing::<Slots>::bytes_for(CAPACITY)];
    let refused = PlacedRing::<Slots>::new(&mut memory[..], CAPACITY - 1).unwrap_err();
    assert_eq!(refused, PlaceError::TooFewSlots { needed: CAPACITY, asked: CAPACITY - 1 });
    assert_eq!(
        PlacedRing::<Slots>::bytes_for(100),
        BorrowedRing::<SLOT>::bytes_for(100),
        "it is laid out as any other"
    );
}

#[test]
fn a_long_event_waits_for_all_its_slots_and_takes_none_before() {
    let ring = SharedRing::<Slots>::new(CAPACITY);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    (0..13).for_each(|_| _ = publisher.try_publish(b"small", 0).unwrap());
    let claimed = || Ledger::of(&ring).claimed().get();
    for _ in 0..3 {
        // Three slots are left, and the event needs four: it would begin at the ring's beginning.
        assert!(matches!(publisher.try_publish(&[1; LONGEST], 0), Err(PublishError::Full(_))));
        assert_eq!(claimed(), 13);
    }
    let waiting = std::thread::spawn(move || publisher.publish(&[2; LONGEST], 7).unwrap());
    (0..13).for_each(|_| assert_eq!(&*consumer.recv().unwrap(), b"small"));
    let loan = consumer.recv().unwrap();
    let sequence = loan.sequence().get();
    assert_eq!((&*loan, loan.event_type()), (&[2; LONGEST][..], 7));
    drop(loan);
    assert_eq!((waiting.join().unwrap().get(), claimed()), (sequence, sequence + 4));
    // It begins at the ring's beginning, unless its publisher was held up for longer than the Consumer waits for it.
    assert!(sequence == 16 || sequence > 16 && sequence % CAPACITY as u64 <= 12, "{sequence}");
    assert_eq!((consumer.received(), consumer.holes(), consumer.lag()), (14, sequence + 4 - 14, 0));

    let ring = SharedRing::<Slots, Sole>::sole(CAPACITY);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    (0..13).for_each(|_| _ = publisher.try_publish(b"small", 0).unwrap());
    assert!(matches!(publisher.try_publish(&[1; LONGEST], 0), Err(PublishError::Full(_))));
    assert_eq!(Ledger::of(&ring).claimed().get(), 13);
    let waiting = std::thread::spawn(move || publisher.publish(&[2; LONGEST], 7).unwrap());
    (0..13).for_each(|_| assert_eq!(&*consumer.recv().unwrap(), b"small"));
    assert_eq!(&*consumer.recv().unwrap(), &[2; LONGEST]);
    assert_eq!(waiting.join().unwrap().get(), 16);
}

/// A wait set looks at the head alone, which a later lap may have written by then.
#[cfg(feature = "std")]
#[test]
fn what_a_wait_set_finds_overwritten_is_lost_and_no_hole() {
    use rusted_ring::{ClosePolicy, wait::WaitSet};
    fn check<R: RingRef<Slot = Slots> + Send>(ring: R, mut publisher: impl Publish) {
        let mut readers = [Subscriber::join(ring, Start::Newest)];
        let mut set = WaitSet::new();
        (0..CAPACITY).for_each(|_| _ = publisher.try_publish(b"small", 0).unwrap());
        assert_eq!(readers[0].try_recv().unwrap().bytes(), b"small");
        assert_eq!(set.try_wait(&mut readers), Some(0));
        (0..4).for_each(|_| _ = publisher.try_publish(&[7; LONGEST], 0).unwrap());
        assert_eq!(set.try_wait(&mut readers), Some(0));
        let [reader] = &mut readers;
        let lagged = reader.try_recv().unwrap_err();
        assert!(matches!(lagged, TryRecvError::Lagged(Lagged { from, .. }) if from.get() == 1), "{lagged:?}");
        assert_eq!((reader.holes(), reader.received()), (0, 1));
    }
    let ring = SharedRing::<Slots>::closing(CAPACITY, ClosePolicy::Never);
    check(ring.clone(), Publisher::join(ring).unwrap());
    let ring = SharedRing::<Slots, Sole>::sole(CAPACITY);
    check(ring.clone(), SolePublisher::join(ring).unwrap());
}

/// Where claims that are held leave no slots enough in a row, it is over with the claims and not with the executor's thread.
#[cfg(feature = "async")]
#[test]
fn a_task_whose_long_event_finds_no_slots_in_a_row_sleeps_until_they_are_let_go() {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
    };
    let ring = SharedRing::<Slots>::new(CAPACITY);
    let (holder, publisher) = (Publisher::join(ring.clone()).unwrap(), Publisher::join(ring.clone()).unwrap());
    let publisher = publisher.into_async();
    let claims = holder.claim_batch(14);
    let mut context = Context::from_waker(Waker::noop());
    let mut publishing = pin!(publisher.publish(&[7; LONGEST], 0));
    assert!(publishing.as_mut().poll(&mut context).is_pending());
    let claimed = Ledger::of(&ring).claimed().get();
    assert!(publishing.as_mut().poll(&mut context).is_pending());
    assert!(claimed < 64 * CAPACITY as u64, "what is claimed in vain is bounded: {claimed}");
    drop(claims);
    let mut polls = 0;
    let published = loop {
        polls += 1;
        match publishing.as_mut().poll(&mut context) {
            Poll::Ready(published) => break published,
            Poll::Pending => assert!(polls < 8, "there is room now"),
        }
    };
    assert!(published.is_ok());
}

#[test]
fn a_loan_that_is_forgotten_and_a_batch_that_is_released_leave_all_slots_of_an_event() {
    let ring = SharedRing::<Slots>::new(CAPACITY);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    publisher.publish(&[1; 20], 0).unwrap();
    publisher.publish(&[2; 30], 0).unwrap();
    publisher.publish(&[3; 3], 0).unwrap();
    publisher.publish(&[4; 4], 0).unwrap();
    std::mem::forget(consumer.try_recv().unwrap());
    let mut batch = consumer.try_batch().unwrap();
    assert_eq!((batch.len(), batch.first().get()), (1, 3));
    batch.release(1);
    batch.release(0);
    assert_eq!(batch.iter().map(|event| event.len()).collect::<Vec<_>>(), [30]);
    drop(batch);
    let mut batch = consumer.try_batch().unwrap();
    assert_eq!(batch.iter().map(|event| event.len()).collect::<Vec<_>>(), [3, 4]);
    batch.release(1);
    drop(batch);
    assert_eq!((consumer.received(), consumer.holes(), consumer.next_sequence().get()), (4, 5, 9));
}

#[test]
fn a_stopped_publisher_in_the_middle_costs_no_long_event() {
    let ring = SharedRing::<Slots>::new(CAPACITY);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    (0..5).for_each(|_| _ = publisher.publish(b"small", 0).unwrap());
    let stopped = publisher.claim();
    // Round the ring, over the slot that is held.
    for id in 0..40 {
        let (data, event_type) = event(id, LONGEST);
        publisher.publish(&data, event_type).unwrap();
        let copy = loop {
            match reader.try_recv() {
                Ok(copy) if copy.len > SLOT as u32 => break copy,
                Ok(_) => {}
                Err(TryRecvError::Empty) => {}
                Err(error) => panic!("{error}"),
            }
        };
        assert_eq!((copy.bytes(), copy.event_type), (&data[..], event_type));
    }
    assert!(stopped.publish(0).is_err());
    let claimed = Ledger::of(&ring).claimed().get();
    assert_eq!((reader.received() + reader.holes(), reader.lost()), (claimed, 0));
}

#[test]
fn no_room_between_stopped_publishers_is_full_and_ends() {
    let ring = SharedRing::<Slots>::new(CAPACITY);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut stopped = Vec::new();
    for _ in 0..CAPACITY / 4 {
        stopped.push(publisher.claim());
        (0..3).for_each(|_| _ = publisher.publish(b"small", 0).unwrap());
    }
    assert!(matches!(publisher.try_publish(&[1; LONGEST], 0), Err(PublishError::Full(_))));
    publisher.try_publish(&[1; 24], 0).unwrap();
    publisher.try_publish(b"small", 0).unwrap();
    drop(stopped);
    publisher.try_publish(&[1; LONGEST], 0).unwrap();
}

/// What was published, by its sequence: the books that readers are held against.
#[derive(Default)]
struct Truth {
    events: Vec<(u64, Vec<u8>, u32)>,
}

impl Truth {
    /// Checks an event that a reader at `position` received with `sequence`: it is the next of those from there on.
    fn check(&self, position: u64, sequence: u64, data: &[u8], event_type: u32) {
        let expected = self.events.iter().find(|(at, ..)| *at >= position).expect("an event that was published");
        assert_eq!((sequence, data, event_type), (expected.0, &expected.1[..], expected.2));
    }

    /// Sequences before `end` at which an event begins, from `position` on.
    fn between(&self, position: u64, end: u64) -> u64 {
        self.events.iter().filter(|(at, ..)| (position..end).contains(at)).count() as u64
    }
}

/// Makes three thousand random operations; returns how many events the Subscriber lost.
fn random_case<R: RingRef<Slot = Slots>>(seed: u64, ring: &R, publisher: &mut impl Publish) -> u64 {
    let mut rng = Rng::new(seed);
    let mut truth = Truth::default();
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut buffer = [0; LONGEST];
    let (mut next, mut received, mut read, mut lost) = (0, 0, 0, 0);
    let length = |rng: &mut Rng| {
        if rng.one_in(2) { rng.up_to(SLOT as u64) as usize } else { rng.up_to(LONGEST as u64) as usize }
    };
    for step in 0..3000 {
        match rng.up_to(5) {
            1 | 2 => {
                let (data, event_type) = event(step, length(&mut rng));
                match publisher.try_publish(&data, event_type) {
                    Ok(sequence) => {
                        assert_eq!(sequence.get(), next + padding(next, data.len()));
                        next = sequence.get() + slots(data.len());
                        truth.events.push((sequence.get(), data, event_type));
                    }
                    Err(error) => assert!(matches!(error, PublishError::Full(_)), "{error}"),
                }
            }
            3 => {
                let events: Vec<_> = (0..rng.up_to(4)).map(|nth| event(step * 4 + nth, length(&mut rng))).collect();
                let lent: Vec<_> = events.iter().map(|(data, event_type)| (&data[..], *event_type)).collect();
                let published = publisher.try_publish_batch(&lent).unwrap_or(0);
                for (data, event_type) in events.into_iter().take(published) {
                    next += padding(next, data.len());
                    truth.events.push((next, data.clone(), event_type));
                    next += slots(data.len());
                }
            }
            4 => {
                let position = consumer.next_sequence().get();
                if rng.one_in(2) {
                    if let Ok(loan) = consumer.try_recv() {
                        truth.check(position, loan.sequence().get(), &loan, loan.event_type());
                        received += 1;
                    }
                } else if let Ok(batch) = consumer.try_batch() {
                    let mut position = position;
                    for event in batch.iter() {
                        truth.check(position, event.sequence().get(), &event, event.event_type());
                        (position, received) = (event.sequence().get() + 1, received + 1);
                    }
                }
                assert_eq!(received, truth.between(0, consumer.next_sequence().get()));
            }
            // Lazy enough to be overtaken, by one that is not held.
            _ if rng.one_in(3) => loop {
                let position = reader.next_sequence().get();
                match reader.try_read(&mut buffer) {
                    Ok(event) => {
                        truth.check(position, event.sequence.get(), event.data, event.event_type);
                        read += 1;
                    }
                    Err(TryRecvError::Lagged(Lagged { from, to, .. })) => {
                        assert!(from.get() >= position && truth.between(position, from.get()) == 0);
                        lost += truth.between(from.get(), to.get());
                    }
                    Err(error) => break assert_eq!(error, TryRecvError::Empty),
                }
            },
            _ => {}
        }
        assert_eq!(Ledger::of(ring).claimed().get(), next);
        assert_eq!((consumer.received(), reader.received()), (received, read));
        assert_eq!(read + lost, truth.between(0, reader.next_sequence().get()), "each event is received or lost");
        for status in Ledger::of(ring).readers() {
            assert_eq!(status.received + status.lost + status.holes + status.ahead, next);
        }
        // The Consumer holds the publishers half of the time, so that the Subscriber is overtaken in the other half.
        if step % 64 == 32 {
            while let Ok(loan) = consumer.try_recv() {
                drop(loan);
                received += 1;
            }
        }
    }
    lost
}

#[test]
fn random_operations_agree_with_a_model() {
    let mut lost = [0; 2];
    for seed in 0..20 {
        let ring = SharedRing::<Slots>::new(CAPACITY);
        lost[0] += random_case(seed, &ring, &mut Publisher::join(ring.clone()).unwrap());
        let ring = SharedRing::<Slots, Sole>::sole(CAPACITY);
        lost[1] += random_case(seed, &ring, &mut SolePublisher::join(ring.clone()).unwrap());
    }
    assert!(lost.iter().all(|lost| *lost > 0), "nothing was shown of losses: {lost:?}");
}

#[cfg(feature = "std")]
mod stages {
    use std::{
        sync::{
            Arc, Mutex,
            atomic::{AtomicU64, Ordering::Relaxed},
        },
        time::Duration,
    };

    use rusted_ring::topology::{Handler, HandlerError, Topology, Turn, each};

    use super::*;

    const EVENTS: u64 = if cfg!(debug_assertions) { 5_000 } else { 100_000 };

    /// Three workers share events, and a stage after them finds each handled, in order.
    fn graph<R: RingRef<Slot = Slots> + Send + Sync + 'static>(ring: R, publish: impl FnOnce(R, &[(Vec<u8>, u32)])) {
        let events: Arc<Vec<_>> = Arc::new((0..EVENTS).map(|id| event(id, LENGTHS[(id * 7 % 13) as usize])).collect());
        let handled = Arc::new(AtomicU64::new(0));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (count, list) = (handled.clone(), seen.clone());
        let graph = Topology::over(ring.clone())
            .stage("work")
            .workers(3, move |_| {
                let count = count.clone();
                each(move |event: &consumer::BatchEvent<'_, Slots>, _| {
                    assert_eq!(event.len(), (event.event_type() & 0xFF) as usize);
                    count.fetch_add(1, Relaxed);
                })
            })
            .stage("after")
            .after(["work"])
            .each(move |event, _| list.lock().unwrap().push((event.to_vec(), event.event_type())))
            .start()
            .unwrap();
        publish(ring.clone(), &events);
        let claimed = Ledger::of(&ring).claimed().get();
        graph.drain(Duration::from_secs(60)).unwrap();
        assert_eq!(handled.load(Relaxed), EVENTS);
        assert!(*seen.lock().unwrap() == *events && claimed > EVENTS, "each once, in order");
    }

    /// Releases its events, and fails at the end of its batch.
    struct FailsAtTheEnd;

    impl Handler<Slots> for FailsAtTheEnd {
        fn event(&mut self, _event: &consumer::BatchEvent<'_, Slots>, turn: &mut Turn<'_>) -> Result<(), HandlerError> {
            turn.release();
            Ok(())
        }

        fn batch_end(&mut self) -> Result<(), HandlerError> {
            Err("at the end".into())
        }
    }

    #[test]
    fn a_batch_that_fails_at_its_end_failed_at_its_long_event_though_that_is_released() {
        let ring = SharedRing::<Slots>::new(CAPACITY);
        let publisher = Publisher::join(ring.clone()).unwrap();
        assert_eq!(publisher.publish(&[7; LONGEST], 0).unwrap().get(), 0);
        let graph =
            Topology::over(ring).starting_at(Start::Oldest).stage("last").handler(FailsAtTheEnd).start().unwrap();
        let error = graph.join().unwrap_err();
        assert_eq!(error.to_string(), "stage \"last\" failed at event 0: at the end");
    }

    #[test]
    fn stages_and_workers_handle_long_events_once_and_in_order() {
        graph(SharedRing::<Slots>::new(CAPACITY), |ring, events| {
            let publisher = Publisher::join(ring).unwrap();
            events.iter().for_each(|(data, event_type)| _ = publisher.publish(data, *event_type).unwrap());
        });
        graph(SharedRing::<Slots, Sole>::sole(50), |ring, events| {
            let mut publisher = SolePublisher::join(ring).unwrap();
            let lent: Vec<_> = events.iter().map(|(data, event_type)| (&data[..], *event_type)).collect();
            publisher.publish_batch(&lent).unwrap();
        });
    }
}

#[cfg(feature = "async")]
mod waits {
    use super::{block_on::block_on, *};

    #[test]
    fn a_task_waits_for_all_slots_of_a_long_event() {
        let ring = SharedRing::<Slots>::new(CAPACITY);
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
        let publisher = Publisher::join(ring.clone()).unwrap();
        (0..13).for_each(|_| _ = publisher.try_publish(b"small", 0).unwrap());
        let waiting = std::thread::spawn(move || {
            let publisher = publisher.into_async();
            block_on(publisher.publish_batch(&[(&[1; LONGEST], 1), (&[2; 3], 2), (&[3; 20], 3)])).unwrap();
            block_on(publisher.publish(&[4; LONGEST], 4)).unwrap();
        });
        (0..13).for_each(|_| assert_eq!(&*consumer.recv().unwrap(), b"small"));
        let mut consumer = consumer.into_async();
        for (id, len) in [(1, LONGEST), (2, 3), (3, 20), (4, LONGEST)] {
            let loan = block_on(consumer.recv()).unwrap();
            assert_eq!((&*loan, loan.event_type()), (&vec![id as u8; len][..], id));
        }
        waiting.join().unwrap();
    }
}
