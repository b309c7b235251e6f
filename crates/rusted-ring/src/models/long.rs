//! Events of two slots: published as one, wherever a publisher stops, and copied or lent whole.

use std::sync::Arc;

use super::explore;
use crate::{
    InlineRing, Many, Mode, RingRef, Sequence, Sole, Start,
    consumer::Consumer,
    foreign::FirstPanic,
    ledger::Ledger,
    publisher::{PublishError, Publisher, SolePublisher},
    ring::Bytes,
    subscriber::{Subscriber, TryRecvError},
    sync::thread,
    wait::Endpoint,
};

const SLOT: usize = 16;
const LONG: usize = 2 * SLOT;
/// As small as such a ring may be.
const CAPACITY: usize = 8;
type Ring<M = Many> = InlineRing<Bytes<LONG, SLOT>, CAPACITY, M>;

/// A payload of two slots that carries `value` in every word.
fn long(value: u64) -> [u8; LONG] {
    bytemuck::cast([value; LONG / 8])
}

/// A payload of one slot that carries `value` in every word.
fn short(value: u64) -> [u8; SLOT] {
    bytemuck::cast([value; SLOT / 8])
}

/// The value of a payload of either length, which must be whole.
fn value(bytes: &[u8]) -> u64 {
    assert!(bytes.len() == LONG || bytes.len() == SLOT, "half of an event");
    let mut words = bytes.as_chunks::<8>().0.iter().copied().map(u64::from_ne_bytes);
    let first = words.next().expect("a word");
    assert!(words.all(|word| word == first), "torn");
    first
}

/// What a Subscriber got in `polls` polls.
fn drain<M: Mode>(reader: &mut Subscriber<Arc<Ring<M>>>, polls: usize) -> Vec<u64> {
    let mut values = Vec::new();
    for _ in 0..polls {
        match reader.try_recv() {
            Ok(event) => values.push(value(event.bytes())),
            Err(TryRecvError::Lagged(lagged)) => assert!(lagged.count() > 0),
            Err(TryRecvError::Empty | TryRecvError::Closed) => {}
        }
    }
    values
}

/// Whether a publisher that met others has published: it is told that the ring is full, once what it claimed in vain came to two laps.
fn has_published(outcome: Result<Sequence, PublishError>) -> bool {
    assert!(matches!(outcome, Ok(_) | Err(PublishError::Full(_))));
    outcome.is_ok()
}

#[test]
fn two_publishers_of_long_events_meet() {
    explore(2, || {
        let ring = Arc::new(Ring::<Many>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        let other = Publisher::join(ring.clone()).unwrap();
        let publishing = thread::spawn(move || has_published(other.try_publish(&long(1), 0)));
        let mut published = if has_published(publisher.try_publish(&long(2), 0)) { vec![2] } else { vec![] };
        published.extend(publishing.join().unwrap().then_some(1));
        let mut reader = Subscriber::join(ring.clone(), Start::At(Sequence::new(0)));
        let mut values = drain(&mut reader, 8);
        values.sort_unstable();
        published.sort_unstable();
        assert_eq!((values, reader.lost()), (published, 0));
        assert_eq!(reader.received() + reader.holes(), Ledger::of(&ring).claimed().get());
    });
}

#[test]
fn a_publisher_of_a_long_event_is_given_up_in_the_middle() {
    explore(2, || {
        let ring = Arc::new(Ring::<Many>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        let mut reader = Subscriber::join(ring.clone(), Start::At(Sequence::new(0)));
        let publishing = thread::spawn(move || has_published(publisher.try_publish(&long(1), 0)));
        // In a model a reader's grace is over at once, and the first slot is passed by the second.
        let mut values = drain(&mut reader, 2);
        let published = publishing.join().unwrap();
        values.extend(drain(&mut reader, 8));
        assert_eq!(values, if published { vec![1] } else { vec![] });
        assert_eq!(reader.received() + reader.holes(), Ledger::of(&ring).claimed().get());
    });
}

#[test]
fn a_reader_that_joined_in_the_middle_gives_up_on_the_second_slot() {
    explore(3, || {
        let ring = Arc::new(Ring::<Many>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        let view = ring.view();
        let run = view.claim_long(2, &mut 0, &mut FirstPanic::default()).unwrap();
        // Others go on, and so the owner may be given up.
        core::mem::drop(view.claim().ok().unwrap());
        let mut consumer = Consumer::join(ring.clone(), Start::At(Sequence::new(0))).unwrap();
        let impatient = {
            let mut reader = Subscriber::join(ring.clone(), Start::At(Sequence::new(1)));
            thread::spawn(move || assert!(drain(&mut reader, 1).iter().all(|value| *value == 2)))
        };
        let published = run.commit_long(&long(1), 0, &mut FirstPanic::default()).is_ok();
        publisher.try_publish(&short(2), 0).unwrap();
        let values: Vec<u64> = core::iter::from_fn(|| consumer.try_recv().ok().map(|loan| value(&loan))).collect();
        assert_eq!(values, if published { &[1, 2][..] } else { &[2] });
        impatient.join().unwrap();
    });
}

/// Fills a ring with `first`, and then overtakes a reader at the long event there.
fn overtaken<M: Mode>(ring: Arc<Ring<M>>, mut publish: impl FnMut(&[u8]) + Send + 'static) {
    publish(&long(1));
    (2..=7).for_each(|value| publish(&short(value)));
    let mut reader = Subscriber::join(ring.clone(), Start::At(Sequence::new(0)));
    let publishing = thread::spawn(move || {
        // One slot of the long event, and then the other.
        publish(&short(8));
        publish(&short(9));
    });
    let mut values = drain(&mut reader, 2);
    publishing.join().unwrap();
    values.extend(drain(&mut reader, 12));
    assert!(values.windows(2).all(|pair| pair[0] < pair[1]) && values.last() == Some(&9), "{values:?}");
    let claimed = Ledger::of(&ring).claimed().get();
    assert_eq!(reader.received() + reader.lost() + reader.holes(), claimed);
}

#[test]
fn a_reader_is_overtaken_in_the_middle_of_a_long_event() {
    explore(3, || {
        let ring = Arc::new(Ring::<Many>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        overtaken(ring, move |data| _ = publisher.try_publish(data, 0).unwrap());
    });
}

#[test]
fn a_reader_is_overtaken_at_either_slot_by_another_publisher() {
    explore(2, || {
        let ring = Arc::new(Ring::<Many>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        publisher.try_publish(&long(1), 0).unwrap();
        (2..=7).for_each(|value| _ = publisher.try_publish(&short(value), 0).unwrap());
        let mut reader = Subscriber::join(ring.clone(), Start::At(Sequence::new(0)));
        let other = Publisher::join(ring.clone()).unwrap();
        let publish = |publisher: Publisher<Arc<Ring>>, value| {
            thread::spawn(move || _ = publisher.try_publish(&short(value), 0).unwrap())
        };
        // The owner of the second slot need not have seen who took the first, only that somebody did.
        let threads = [publish(publisher, 8), publish(other, 9)];
        let values = drain(&mut reader, 1);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(values.is_empty() || values == [1], "{values:?}");
        drain(&mut reader, 12);
        assert_eq!(reader.received() + reader.lost() + reader.holes(), Ledger::of(&ring).claimed().get());
    });
}

#[test]
fn a_reader_is_overtaken_in_the_middle_of_a_sole_publishers_long_event() {
    explore(3, || {
        let ring = Arc::new(Ring::<Sole>::sole());
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        overtaken(ring, move |data| _ = publisher.try_publish(data, 0).unwrap());
    });
}

#[test]
fn a_reader_is_overtaken_by_a_long_event() {
    explore(2, || {
        let ring = Arc::new(Ring::<Sole>::sole());
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        (1..=8).for_each(|value| _ = publisher.try_publish(&short(value), 0).unwrap());
        let mut reader = Subscriber::join(ring.clone(), Start::At(Sequence::new(1)));
        let publishing = thread::spawn(move || _ = publisher.try_publish(&long(9), 0).unwrap());
        let mut values = drain(&mut reader, 2);
        publishing.join().unwrap();
        values.extend(drain(&mut reader, 12));
        assert!(values.windows(2).all(|pair| pair[0] < pair[1]) && values.last() == Some(&9), "{values:?}");
        assert_eq!(reader.received() + reader.lost() + reader.holes(), 9);
    });
}

/// A Consumer is lent a long event while the ring's next lap comes to it.
fn lent<M: Mode>(ring: Arc<Ring<M>>, mut publish: impl FnMut(&[u8]) -> bool + Send + 'static) {
    let mut consumer = Consumer::join(ring, Start::At(Sequence::new(0))).unwrap();
    (1..=3).for_each(|value| assert!(publish(&long(value))));
    let publishing = thread::spawn(move || (4..=5).filter(|number| publish(&long(*number))).collect::<Vec<u64>>());
    let mut values = Vec::new();
    let mut receive = |consumer: &mut Consumer<Arc<Ring<M>>>| {
        if let Ok(loan) = consumer.try_recv() {
            values.push(value(&loan));
        }
    };
    receive(&mut consumer);
    receive(&mut consumer);
    let mut published = vec![1, 2, 3];
    published.extend(publishing.join().unwrap());
    (0..4).for_each(|_| receive(&mut consumer));
    assert_eq!(values, published);
}

#[test]
fn a_long_event_that_is_lent_meets_no_owner() {
    explore(2, || {
        let ring = Arc::new(Ring::<Many>::new());
        let publisher = Publisher::join(ring.clone()).unwrap();
        lent(ring, move |data| publisher.try_publish(data, 0).is_ok());
    });
}

#[test]
fn a_sole_publishers_long_event_that_is_lent_meets_no_owner() {
    explore(2, || {
        let ring = Arc::new(Ring::<Sole>::sole());
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        lent(ring, move |data| publisher.try_publish(data, 0).is_ok());
    });
}

/// A look at the head alone, as a wait set's is: what a later lap wrote there does not make a hole of a lost event.
#[test]
fn a_look_meets_the_next_laps_long_event_at_its_second_slot() {
    explore(3, || {
        let ring = Arc::new(Ring::<Sole>::sole());
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        (0..CAPACITY as u64).for_each(|value| _ = publisher.try_publish(&short(value), 0).unwrap());
        let mut reader = Subscriber::join(ring, Start::Oldest);
        assert_eq!(drain(&mut reader, 1), [0]);
        let publishing = thread::spawn(move || _ = publisher.try_publish(&long(100), 0).unwrap());
        // loom finds through the cursor that the two meet: it knows only the last access to a word, and the thread that stores a
        // head has just loaded it.
        let _ = reader.lag();
        assert!(Endpoint::is_ready(&mut reader));
        assert_eq!(reader.holes(), 0);
        publishing.join().unwrap();
    });
}
