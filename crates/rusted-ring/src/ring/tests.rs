//! What only the kernel can set up: rings near the ends of their numbers, and owners that stop in mid-publish.

use std::{
    mem,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crate::{
    HeapRing, Mode, RingBuffer, RingRef, Sequence, Sole, Start, consumer,
    publisher::{Publisher, SolePublisher, TryPublishError},
    ring::{Bytes, ConsumerSeat, Entry, NoClaim, Nothing, protocol::many::Claim},
    subscriber,
};

const LAST: u64 = Sequence::LAST.get();
/// Just under what a 32-bit number holds, where a stamp leaves an i64, and at the end.
const BEGINNINGS: [u64; 3] = [u32::MAX as u64 - 9, (1 << 61) - 9, LAST - 19];

/// Publishes 20 events from `first` on by `publish`, with a Subscriber, a Consumer and the ledger looking on.
fn twenty_events<M: Mode>(
    ring: HeapRing<8, M>,
    first: u64,
    publish: impl FnOnce(HeapRing<8, M>) -> Box<dyn FnMut(&[u8]) -> Sequence>,
) {
    ring.planes().begin_at(first);
    let mut reader = subscriber::Subscriber::join(ring.clone(), Start::Newest);
    let mut consumer = consumer::Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publish = publish(ring);
    for number in first..first + 20 {
        assert_eq!(publish(&number.to_le_bytes()).get(), number);
        assert_eq!(reader.try_recv().unwrap().bytes(), number.to_le_bytes());
        assert_eq!(reader.try_recv(), Err(subscriber::TryRecvError::Empty));
        let loan = consumer.try_recv().unwrap();
        assert_eq!((&*loan, loan.sequence().get()), (&number.to_le_bytes()[..], number));
    }
    assert_eq!((reader.received(), reader.lag(), consumer.received(), consumer.lag()), (20, 0, 20, 0));
}

#[test]
fn sequences_that_begin_just_under_a_limit_go_through_it() {
    for first in BEGINNINGS {
        for capacity in [1, 3, 8] {
            twenty_events(HeapRing::new(capacity), first, |ring| {
                let publisher = Publisher::join(ring).unwrap();
                Box::new(move |data| publisher.try_publish(data, 0).unwrap())
            });
            twenty_events(HeapRing::sole(capacity), first, |ring| {
                let mut publisher = SolePublisher::join(ring).unwrap();
                Box::new(move |data| publisher.try_publish(data, 0).unwrap())
            });
        }
    }
}

#[test]
fn a_lapped_reader_is_told_exactly_near_the_last_sequence() {
    let first = LAST - 19;
    let ring = HeapRing::<8>::new(8);
    ring.planes().begin_at(first);
    let mut reader = subscriber::Subscriber::join(ring.clone(), Start::Newest);
    let publisher = Publisher::join(ring).unwrap();
    (0..20).for_each(|_| _ = publisher.publish(b"event", 0).unwrap());
    let Err(subscriber::TryRecvError::Lagged(lagged)) = reader.try_recv() else { panic!("lapped by twelve events") };
    assert_eq!((lagged.from.get(), lagged.to.get()), (first, LAST + 1 - 8 + 1));
    assert_eq!(reader.by_ref().count(), 7);
}

#[test]
fn past_the_last_sequence_nothing_is_published_and_that_is_said() {
    for (capacity, before) in [(1, 0), (4, 0), (4, 3), (16, 0), (16, 1), (16, 8), (64, 5)] {
        let first = LAST - before;
        let ring = HeapRing::<8>::new(capacity);
        ring.planes().begin_at(first);
        let publisher = Publisher::join(ring).unwrap();
        let ring = HeapRing::<8, Sole>::sole(capacity);
        ring.planes().begin_at(first);
        let mut sole = SolePublisher::join(ring).unwrap();
        for s in first..=LAST {
            assert_eq!(publisher.try_publish(b"one", 0), Ok(Sequence::new(s)));
            assert_eq!(sole.try_publish(b"one", 0), Ok(Sequence::new(s)));
        }
        assert_eq!(publisher.try_publish(b"none", 0), Err(TryPublishError::Exhausted), "{capacity}, {before}");
        assert_eq!(sole.try_publish(b"none", 0), Err(TryPublishError::Exhausted), "{capacity}, {before}");
    }
}

/// A claim on a leaked ring, so that a test can hold it for as long as it likes.
fn stop_mid_publish<const CAP: usize>(ring: &'static RingBuffer<8, CAP>) -> Claim<'static, Bytes<8>> {
    let planes: super::PlanesOf<'static, &'static RingBuffer<8, CAP>> = planes_of(ring);
    planes.claim().unwrap()
}

fn planes_of<const CAP: usize>(
    ring: &'static RingBuffer<8, CAP>,
) -> super::PlanesOf<'static, &'static RingBuffer<8, CAP>> {
    // The handle is leaked, so that the view of it lives as long as the ring.
    Box::leak(Box::new(ring)).planes()
}

fn leaked<const CAP: usize>() -> &'static RingBuffer<8, CAP> {
    Box::leak(Box::new(RingBuffer::new()))
}

#[test]
fn a_stopped_owner_costs_its_readers_one_sequence_and_a_grace() {
    let ring = leaked::<4>();
    let mut reader = subscriber::Subscriber::join(ring, Start::Newest);
    let mut consumer = consumer::Consumer::join(ring, Start::Newest).unwrap();
    let mut claim = stop_mid_publish(ring);
    let publisher = Publisher::join(ring).unwrap();
    publisher.try_publish(b"next", 0).unwrap();
    assert_eq!(reader.recv_timeout(Duration::from_secs(10)).unwrap().bytes(), b"next");
    assert_eq!(&*consumer.recv_timeout(Duration::from_secs(10)).unwrap(), b"next");
    assert_eq!((reader.holes(), reader.lost(), consumer.holes()), (1, 0, 1));

    claim.fill(b"late", 0);
    assert!(claim.commit().is_err(), "its sequence was taken from it");
    assert_eq!(reader.next(), None, "what a revoked owner wrote is nobody's event");
    for _ in 0..8 {
        publisher.try_publish(b"more", 0).unwrap();
        assert_eq!(&*consumer.try_recv().unwrap(), b"more", "its slot serves again once it has let go");
    }
}

#[test]
fn nobody_gives_up_on_an_owner_before_there_is_something_to_gain() {
    let ring = leaked::<4>();
    let mut reader = subscriber::Subscriber::join(ring, Start::Newest);
    let mut claim = stop_mid_publish(ring);
    let deadline = Instant::now() + Duration::from_millis(5);
    while Instant::now() < deadline {
        assert_eq!(reader.try_recv(), Err(subscriber::TryRecvError::Empty));
    }
    claim.fill(b"slow", 0);
    claim.commit().unwrap();
    assert_eq!(reader.try_recv().unwrap().bytes(), b"slow");
}

#[test]
fn an_owner_stopped_for_laps_costs_a_hole_a_lap_and_harms_nobody_when_it_resumes() {
    let ring = leaked::<3>();
    let mut claim = stop_mid_publish(ring);
    let publisher = Publisher::join(ring).unwrap();
    for lap in 0..5u64 {
        let mut reader = subscriber::Subscriber::join(ring, Start::Newest);
        let events = [publisher.try_publish(b"one", 0).unwrap(), publisher.try_publish(b"two", 0).unwrap()];
        assert_eq!(events.map(|s| s.get() % 3), [1, 2], "lap {lap}: the held slot is passed over");
        assert_eq!(reader.by_ref().map(|event| event.len).sum::<u32>(), 6);
        assert_eq!((reader.lost(), reader.holes()), (0, u64::from(lap > 0)));
    }
    claim.fill(b"too late", 0);
    assert!(claim.commit().is_err());
    let mut reader = subscriber::Subscriber::join(ring, Start::Newest);
    let published: Vec<u64> = (0..3).map(|_| publisher.try_publish(b"all", 0).unwrap().get() % 3).collect();
    assert_eq!(published.len(), 3);
    assert_eq!(reader.by_ref().count(), 3, "every slot serves again");
}

#[test]
fn a_ring_whose_every_slot_is_held_is_full_until_one_resumes() {
    let ring = leaked::<2>();
    let claims = [stop_mid_publish(ring), stop_mid_publish(ring)];
    assert!(matches!(planes_of(ring).claim().map(drop), Err(NoClaim::Full)));
    let [first, second] = claims;
    drop(first);
    Publisher::join(ring).unwrap().try_publish(b"goes", 0).unwrap();
    drop(second);
}

#[test]
fn a_claim_dropped_in_a_panic_is_a_hole_and_wedges_nobody() {
    let ring = leaked::<4>();
    let mut reader = subscriber::Subscriber::join(ring, Start::Newest);
    let panicked = thread::spawn(move || {
        let _claim = stop_mid_publish(ring);
        panic!("in the middle of a publish");
    });
    panicked.join().unwrap_err();
    Publisher::join(ring).unwrap().try_publish(b"next", 0).unwrap();
    assert_eq!(reader.try_recv().unwrap().bytes(), b"next");
    assert_eq!(reader.holes(), 1);
}

#[test]
fn a_forgotten_claim_on_a_single_slot_holds_a_consumer_for_no_longer_than_a_grace() {
    let ring = leaked::<1>();
    let mut consumer = consumer::Consumer::join(ring, Start::Newest).unwrap();
    mem::forget(stop_mid_publish(ring));
    assert!(consumer.recv_timeout(Duration::from_millis(50)).is_err());
    assert_eq!(consumer.holes(), 1, "with one slot there is no successor to wait for");
}

#[test]
fn the_planes_take_the_published_bytes_and_the_header_is_small() {
    let header = size_of::<super::header::Header>();
    assert_eq!(size_of::<RingBuffer<64, 2000>>(), header + 2000 * (64 + 16));
    assert_eq!(size_of::<RingBuffer<16384, 15>>(), (header + 15 * 16).next_multiple_of(64) + 15 * 16384);
    assert!(header <= 9 * 1024, "{header}");
    let ring = Arc::new(RingBuffer::<64, 2000>::new());
    assert_eq!(ring.capacity(), 2000);
}

#[test]
fn who_comes_after_nobody_any_more_is_not_barred() {
    let ring = HeapRing::<8>::new(8);
    let mut before = ConsumerSeat::take(ring.clone(), |_| 0).unwrap();
    let mut after = ConsumerSeat::take(ring.clone(), |_| 0).unwrap();
    after.come_after(&[before.checkpoint()]);
    assert_eq!(after.look().unwrap_err(), Nothing::Barred);
    drop(before);
    // The question that follows a look finds that nobody goes first; no look behind others follows it.
    assert!(!after.is_over());
    assert_eq!(after.look().unwrap_err(), Nothing::Empty, "it would never see the ring closed");
    drop(Publisher::join(ring).unwrap());
    assert!(after.look().unwrap_err() == Nothing::Empty && after.is_over());
}

/// Has a Consumer stop in the middle of joining, while `publish` publishes five laps of events.
fn five_laps_beside_one_that_joins<M: Mode>(ring: HeapRing<8, M>, mut publish: impl FnMut() -> bool) {
    let capacity = ring.capacity() as u64;
    assert!((0..capacity).all(|_| publish()));
    let joining = Entry::take(ring.clone()).unwrap();
    joining.begin_joining();
    assert!((0..5 * capacity).all(|_| publish()), "it was waited for, and holds nothing yet");
    // What it asks for now is long gone: it begins where nothing was granted.
    let first = joining.end_joining(0);
    assert!((5 * capacity..=6 * capacity).contains(&first), "at {first}");
    let room = (0..2 * capacity).take_while(|_| publish()).count() as u64;
    assert_eq!(6 * capacity + room, first + capacity, "from then on it holds the publishers");
}

#[test]
fn who_is_joining_holds_no_publisher() {
    for capacity in [1, 2, 8, 13, 64] {
        let ring = HeapRing::<8>::new(capacity);
        let publisher = Publisher::join(ring.clone()).unwrap();
        five_laps_beside_one_that_joins(ring, || publisher.try_publish(b"event", 0).is_ok());
        let ring = HeapRing::<8, Sole>::sole(capacity);
        let mut publisher = SolePublisher::join(ring.clone()).unwrap();
        five_laps_beside_one_that_joins(ring, || publisher.try_publish(b"event", 0).is_ok());
    }
}
