//! What only the kernel can set up: rings near the ends of their numbers, and owners that stop in mid-publish.

use std::{
    hint::spin_loop,
    mem,
    sync::{
        Arc,
        atomic::{
            AtomicU64,
            Ordering::{Acquire, Release},
        },
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    HeapLosslessRing, HeapLosslessTypedRing, HeapRing, HeapTypedRing, JoinError, Mode, RingBuffer, RingRef, Sequence,
    Sole, Start, consumer,
    foreign::caught,
    publisher::{PublishError, Publisher, SolePublisher},
    ring::{Bytes, Entry, GatingPosition, NoRoom, Nothing, protocol::many::Claim},
    stamp::Stamp,
    subscriber,
    topology::Topology,
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
    ring.view().begin_at(first);
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
    ring.view().begin_at(first);
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
        ring.view().begin_at(first);
        let publisher = Publisher::join(ring).unwrap();
        let ring = HeapRing::<8, Sole>::sole(capacity);
        ring.view().begin_at(first);
        let mut sole = SolePublisher::join(ring).unwrap();
        for s in first..=LAST {
            assert_eq!(publisher.try_publish(b"one", 0), Ok(Sequence::new(s)));
            assert_eq!(sole.try_publish(b"one", 0), Ok(Sequence::new(s)));
        }
        exhausted(|| publisher.try_publish(b"none", 0));
        exhausted(|| sole.try_publish(b"none", 0));
    }
}

/// `call` panics, for the ring has no sequence left.
#[track_caller]
pub(super) fn exhausted<T>(call: impl FnOnce() -> T) {
    let payload = caught(call).map(drop).expect_err("there is no sequence left");
    let said = payload.downcast_ref::<&str>().expect("a text");
    assert!(said.starts_with("the ring has given out its last sequence"), "{said}");
}

#[test]
fn every_verb_panics_past_the_last_sequence_and_everybody_else_goes_on() {
    let ring = HeapTypedRing::<u64>::new(8);
    ring.view().begin_at(LAST - 2);
    let mut reader = subscriber::Subscriber::join(ring.clone(), Start::Newest);
    let mut consumer = consumer::Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    // What went out before the panic stays published.
    exhausted(|| publisher.send_batch(&[1, 2, 3, 4, 5]));
    exhausted(|| publisher.send(&6));
    exhausted(|| publisher.try_send(&6));
    exhausted(|| publisher.send_timeout(&6, Duration::from_secs(1)));
    exhausted(|| publisher.try_send_batch(&[6]));
    exhausted(|| drop(publisher.claim()));
    exhausted(|| publisher.try_claim().map(drop));
    exhausted(|| publisher.claim_timeout(Duration::from_secs(1)).map(drop));
    exhausted(|| drop(publisher.claim_batch(3)));
    exhausted(|| publisher.try_claim_batch(3).map(drop));
    exhausted(|| publisher.clone().send(&6));
    assert_eq!(publisher.try_send_batch(&[]), Ok(0));
    assert_eq!(reader.by_ref().collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(consumer.batch().unwrap().slots().concat(), [1, 2, 3]);
    assert!(matches!(consumer.try_recv().map(drop), Err(consumer::TryRecvError::Empty)));
    drop(publisher);
    assert_eq!((reader.try_recv(), consumer.recv().is_err()), (Err(subscriber::TryRecvError::Closed), true));
    assert_eq!((reader.received(), reader.holes(), consumer.received(), consumer.holes()), (3, 0, 3, 0));

    let ring = HeapTypedRing::<u64, Sole>::sole(8);
    ring.view().begin_at(LAST - 2);
    let mut reader = subscriber::Subscriber::join(ring.clone(), Start::Newest);
    let mut consumer = consumer::Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    exhausted(|| publisher.send_batch(&[1, 2, 3, 4, 5]));
    exhausted(|| publisher.send(&6));
    exhausted(|| publisher.try_send(&6));
    exhausted(|| publisher.send_timeout(&6, Duration::from_secs(1)));
    exhausted(|| publisher.try_send_batch(&[6]));
    exhausted(|| publisher.try_send_each(&mut [6].into_iter()));
    exhausted(|| drop(publisher.claim()));
    exhausted(|| publisher.try_claim().map(drop));
    exhausted(|| publisher.claim_timeout(Duration::from_secs(1)).map(drop));
    exhausted(|| publisher.claim_batch(3).remaining());
    exhausted(|| publisher.try_claim_batch(3).map(|claims| claims.remaining()));
    drop(publisher);
    // The seat is free, and its next owner is told the same.
    assert!(matches!(SolePublisher::join(ring), Err(JoinError::Closed)));
    assert_eq!(reader.by_ref().collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(consumer.batch().unwrap().slots().concat(), [1, 2, 3]);
    assert_eq!((reader.try_recv(), consumer.recv().is_err()), (Err(subscriber::TryRecvError::Closed), true));
}

#[test]
fn every_verb_that_makes_an_event_in_its_slot_panics_past_the_last_sequence() {
    let unreached = |_: &mut u64| panic!("no slot is lent past the last sequence");
    let ring = HeapLosslessTypedRing::<u64, Sole>::sole(8);
    ring.view().begin_at(LAST);
    let mut publisher = SolePublisher::join(ring).unwrap();
    assert_eq!(publisher.send_with(|value| *value = 1).get(), LAST);
    exhausted(|| publisher.send_with(unreached));
    exhausted(|| publisher.try_send_with(unreached));
    exhausted(|| publisher.try_send_batch_with(2, unreached));

    let unreached = |_: &mut [u8]| panic!("no slot is lent past the last sequence");
    let ring = HeapLosslessRing::<8, Sole>::sole(8);
    ring.view().begin_at(LAST + 1);
    let mut pen = SolePublisher::join(ring).unwrap();
    exhausted(|| pen.publish_with(1, 0, unreached));
    exhausted(|| pen.try_publish_with(1, 0, unreached));
}

#[test]
fn a_publisher_that_waits_at_the_last_sequence_panics_once_there_is_room() {
    let ring = HeapTypedRing::<u64>::new(2);
    ring.view().begin_at(LAST - 2);
    let mut consumer = consumer::Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    publisher.send_batch(&[1, 2]);
    thread::scope(|scope| {
        // One of the two gets the last sequence, and the other none.
        let waiting = [3, 4].map(|value| {
            let publisher = &publisher;
            scope.spawn(move || caught(|| publisher.send(&value)).map(Sequence::get).map_err(drop))
        });
        assert_eq!(*consumer.recv().unwrap(), 1);
        assert_eq!(*consumer.recv().unwrap(), 2);
        let mut outcomes = waiting.map(|waiting| waiting.join().unwrap());
        outcomes.sort();
        assert_eq!(outcomes, [Ok(LAST), Err(())]);
    });
    assert!([3, 4].contains(&*consumer.recv().unwrap()));
}

#[test]
fn a_stage_that_publishes_past_the_last_sequence_of_another_ring_has_failed() {
    let (source, target) = (HeapRing::<8>::new(8), HeapRing::<64>::new(8));
    target.view().begin_at(LAST);
    let mut made = subscriber::Subscriber::join(target.clone(), Start::Newest);
    let graph = Topology::over(source.clone())
        .stage("copy")
        .transform(Publisher::join(target).unwrap(), |_, _| Ok(Some(0)))
        .start()
        .unwrap();
    let publisher = Publisher::join(source).unwrap();
    // One by one: of a batch the first may be given up while its publisher is held up, and then they go out under later sequences.
    publisher.publish(b"goes", 0).unwrap();
    publisher.publish(b"does not", 0).unwrap();
    drop(publisher);
    let error = graph.join().unwrap_err().to_string();
    assert!(error.contains("\"copy\" failed at event 1") && error.contains("its last sequence"), "{error}");
    assert_eq!(made.by_ref().count(), 1);
}

#[test]
fn a_full_ring_names_a_consumer_only_if_one_is_in_the_way() {
    let ring = leaked::<2>();
    let reader = consumer::Consumer::join(ring, Start::Newest).unwrap().named("at the gate");
    let publisher = Publisher::join(ring).unwrap();
    let refused = || match publisher.try_publish(b"event", 0) {
        Err(PublishError::Full(full)) => full,
        other => panic!("{other:?}"),
    };
    let held = [stop_mid_publish(ring), stop_mid_publish(ring)];
    let blocker = refused().blocker.unwrap();
    assert_eq!((blocker.name.as_str(), blocker.entry, blocker.position.get(), blocker.lag), ("at the gate", 0, 0, 2));
    drop(reader);
    assert_eq!(refused().blocker, None, "publishers that stopped hold every slot");
    assert!(refused().to_string().contains("stopped in the middle of a publish"));
    drop(held);
    assert!(publisher.try_publish(b"event", 0).is_ok());
}

/// A claim on a leaked ring, so that a test can hold it for as long as it likes.
fn stop_mid_publish<const CAP: usize>(ring: &'static RingBuffer<8, CAP>) -> Claim<'static, Bytes<8>> {
    let view: super::ViewOf<'static, &'static RingBuffer<8, CAP>> = planes_of(ring);
    view.claim().unwrap()
}

fn planes_of<const CAP: usize>(
    ring: &'static RingBuffer<8, CAP>,
) -> super::ViewOf<'static, &'static RingBuffer<8, CAP>> {
    // The handle is leaked, so that the view of it lives as long as the ring.
    Box::leak(Box::new(ring)).view()
}

fn leaked<const CAP: usize>() -> &'static RingBuffer<8, CAP> {
    Box::leak(Box::new(RingBuffer::new()))
}

/// An owner ends its claim in the moment in which another gives it up: by a store, where the kernel can interrupt it.
#[test]
fn an_owner_publishes_or_is_given_up() {
    const ROUNDS: u64 = 20_000;
    let ring = leaked::<4>();
    // Owners store, where they can, once a publisher has joined.
    let publisher = Publisher::join(ring).unwrap();
    let view = planes_of(ring);
    let (claimed, asked) = (AtomicU64::new(0), AtomicU64::new(0));
    // The number behind the sequence that was claimed, and that the other is at.
    let wait_beyond = |word: &AtomicU64, number| {
        let mut looks = 0_u32;
        loop {
            match word.load(Acquire) {
                found if found > number => return found,
                _ if looks.is_multiple_of(10_000) => thread::yield_now(),
                _ => spin_loop(),
            }
            looks += 1;
        }
    };
    let (mut published, mut given_up) = (Vec::new(), Vec::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..ROUNDS {
                let claim = view.claim().unwrap();
                let sequence = claim.sequence().get();
                claimed.store(sequence + 1, Release);
                wait_beyond(&asked, sequence);
                published.extend(claim.commit().map(Sequence::get));
            }
        });
        let mut seen = 0;
        for round in 0..ROUNDS {
            seen = wait_beyond(&claimed, seen);
            let sequence = seen - 1;
            asked.store(seen, Release);
            // In each round at another moment, about when the owner has seen that.
            (0..round % 40).for_each(|_| spin_loop());
            if view.pass_over(Stamp::writing(sequence), view.place(sequence)).unwrap() {
                given_up.push(sequence);
            }
        }
    });
    drop(publisher);
    assert!(given_up.iter().all(|sequence| published.binary_search(sequence).is_err()), "published and given up");
    assert_eq!(given_up.len() + published.len(), ROUNDS as usize, "neither published nor given up");
    assert!(!given_up.is_empty());
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
    assert!(matches!(planes_of(ring).claim().map(drop), Err(NoRoom { .. })));
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
    let mut before = GatingPosition::join(ring.clone(), |_| 0).unwrap();
    let mut after = GatingPosition::join(ring.clone(), |_| 0).unwrap();
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
    let joining = Entry::register(ring.clone()).unwrap();
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

/// A process that was killed while it skipped more than a lap has announced all of that, and what is announced is lost to Subscribers: nobody would see an event
/// before the end of it.
#[test]
fn what_a_dead_publisher_began_to_skip_is_skipped_by_the_next() {
    let ring = HeapRing::<8, Sole>::sole(8);
    let mut reader = subscriber::Subscriber::join(ring.clone(), Start::Newest);
    let (view, end) = (ring.view(), 1000);
    view.raise_horizon(end);
    view.raise_limit(end);
    view.header().gate.0.skipped.store(end, Release);
    view.header().intent.0.store(end, Release);
    let mut consumer = consumer::Consumer::join(ring.clone(), Start::Oldest).unwrap();

    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    assert_eq!(consumer.try_recv().unwrap_err(), consumer::TryRecvError::Empty);
    assert_eq!(publisher.try_publish(b"after", 1).unwrap().get(), end);
    assert!(matches!(reader.try_recv(), Err(subscriber::TryRecvError::Lagged(_))));
    assert_eq!(reader.try_recv().unwrap().bytes(), b"after");
    assert_eq!(reader.received() + reader.holes() + reader.lost(), end + 1);
    assert_eq!(&*consumer.try_recv().unwrap(), b"after");
    assert_eq!(consumer.holes(), 8);
}
