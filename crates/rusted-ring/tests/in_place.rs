//! Rings of `Lossless` slots: what a publisher makes in its slot is what Consumers are lent, whatever happens on the way.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Duration,
};

use rusted_ring::{
    Bytes, Consumer, HeapLosslessRing, HeapLosslessTypedRing, InlineRing, Lossless, Publisher, SharedRing, Sole,
    SolePublisher, Start, Typed, publisher::PublishError, topology::Topology, wait::WaitStrategy,
};

const PANIC: &str = "the value is not to be";

fn panics(call: impl FnOnce()) {
    let panic = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&PANIC));
}

#[test]
fn values_are_made_in_place_by_one_publisher() {
    let ring = HeapLosslessTypedRing::<[u64; 200], Sole>::sole(4);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    for round in 0..20u64 {
        let first = 4 * round;
        assert_eq!(publisher.send_with(|value| value.fill(first)).get(), first);
        assert_eq!(publisher.try_send_with(|value| value.fill(first + 1)).unwrap().get(), first + 1);
        let mut claim = publisher.claim();
        claim.value_mut().fill(7);
        claim.value_mut().fill(first + 2);
        assert_eq!(claim.commit().get(), first + 2);
        // The verbs that copy are as on any ring.
        publisher.send(&[first + 3; 200]);
        let mut called = false;
        let full = publisher.try_send_with(|_| called = true).unwrap_err();
        assert!(!called && full.to_string().contains("full"), "{full}");
        let batch = consumer.batch().unwrap();
        assert!(batch.iter().zip(first..).all(|(event, number)| *event == [number; 200]));
        assert_eq!(batch.len(), 4);
    }
}

#[test]
fn values_are_made_in_place_by_many_publishers() {
    const EACH: u64 = 2_000;
    let ring = HeapLosslessTypedRing::<[u64; 40]>::new(16);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    thread::scope(|scope| {
        for number in 0..3 {
            let publisher = Publisher::join(ring.clone()).unwrap().waiting(WaitStrategy::Yield);
            scope.spawn(move || {
                for event in 0..EACH {
                    let value = number * EACH + event;
                    loop {
                        let mut claim = publisher.claim();
                        claim.value_mut().fill(value);
                        if claim.commit().is_ok() {
                            break;
                        }
                    }
                }
            });
        }
        drop(ring);
        let mut next = [0; 3];
        for _ in 0..3 * EACH {
            let event = consumer.recv_timeout(Duration::from_secs(60)).unwrap();
            let (number, expected) = (event[0] / EACH, &mut next[(event[0] / EACH) as usize]);
            assert_eq!(*event, [number * EACH + *expected; 40]);
            *expected += 1;
        }
        assert_eq!(next, [EACH; 3]);
    });
}

#[test]
fn a_batch_made_in_place_takes_what_room_there_is() {
    let ring = HeapLosslessTypedRing::<u64, Sole>::sole(8);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    let mut next = 0;
    assert_eq!(publisher.try_send_batch_with(0, |_| panic!("{PANIC}")).unwrap(), 0);
    while publisher
        .try_send_batch_with(5, |value| {
            *value = next;
            next += 1;
        })
        .is_ok()
    {}
    assert_eq!(next, 8, "the ring is full, and no value was made that did not go out");
    assert!(consumer.batch().unwrap().iter().map(|event| *event).eq(0..8));
}

#[test]
fn bytes_are_made_in_place_by_both_kinds_of_publisher() {
    fn receives<R: rusted_ring::RingRef>(consumer: &mut Consumer<R>, expected: &[u8], event_type: u32)
    where
        R::Slot: rusted_ring::BytesSlot,
    {
        let event = consumer.recv().unwrap();
        assert_eq!((&*event, event.event_type()), (expected, event_type));
    }
    let many = HeapLosslessRing::<13>::new(2);
    let sole = HeapLosslessRing::<13, Sole>::sole(2);
    let mut from_many = Consumer::join(many.clone(), Start::Newest).unwrap();
    let mut from_sole = Consumer::join(sole.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(many).unwrap();
    let mut pen = SolePublisher::join(sole).unwrap();
    for (len, event_type) in (0..=13).zip(1..) {
        let bytes: Vec<u8> = (0..len as u8).collect();
        let by_claim = |event_type| {
            let mut claim = publisher.claim();
            claim.spare_mut()[..len].copy_from_slice(&bytes);
            claim.advance(len);
            claim.publish(event_type).unwrap();
        };
        by_claim(event_type);
        pen.publish_with(len, event_type, |slot| slot.copy_from_slice(&bytes)).unwrap();
        by_claim(99);
        assert!(publisher.try_claim().is_err());
        pen.try_publish_with(len, 99, |slot| slot.copy_from_slice(&bytes)).unwrap();
        let full = pen.try_publish_with(len, 0, |_| panic!("{PANIC}"));
        assert!(matches!(full, Err(PublishError::Full(_))), "{full:?}");
        for event_type in [event_type, 99] {
            receives(&mut from_many, &bytes, event_type);
            receives(&mut from_sole, &bytes, event_type);
        }
    }
    assert!(pen.publish_with(14, 0, |_| panic!("{PANIC}")).is_err());
    assert!(matches!(pen.try_publish_with(14, 0, |_| ()), Err(PublishError::TooLarge(_))));
}

/// Every way to write 32 bytes in three pieces, each appended or made in place, in slots whose words are bytes, and of 2, 4 and 8 bytes.
#[test]
fn pieces_are_appended_and_made_in_place_in_any_order() {
    fn every_way<const N: usize>() {
        let ring = HeapLosslessRing::<N, Sole>::sole(4);
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
        let mut publisher = SolePublisher::join(ring).unwrap();
        let bytes: Vec<u8> = (1..=N as u8).collect();
        for (first, second) in (0..=N).flat_map(|first| (first..=N).map(move |second| (first, second))) {
            for ways in 0..8 {
                let mut claim = publisher.claim();
                for (index, piece) in [&bytes[..first], &bytes[first..second], &bytes[second..]].into_iter().enumerate()
                {
                    if ways >> index & 1 == 0 {
                        claim.append(piece).unwrap();
                    } else {
                        claim.spare_mut().fill(0xee);
                        claim.spare_mut()[..piece.len()].copy_from_slice(piece);
                        claim.advance(piece.len());
                    }
                }
                assert_eq!((claim.len(), claim.remaining()), (N, 0));
                claim.publish(1);
                assert_eq!(&*consumer.recv().unwrap(), &bytes[..], "{first}, {second}, {ways:b}");
            }
        }
    }
    every_way::<16>();
    every_way::<13>();
    every_way::<10>();
    every_way::<12>();
    every_way::<64>();
}

#[test]
fn what_panics_while_it_is_made_is_not_published() {
    let ring = HeapLosslessTypedRing::<u64, Sole>::sole(16);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    panics(|| _ = publisher.send_with(|_| std::panic::panic_any(PANIC)));
    panics(|| {
        let mut left = 2;
        _ = publisher.try_send_batch_with(3, |value| {
            *value = 99;
            left -= 1;
            if left == 0 {
                std::panic::panic_any(PANIC);
            }
        });
    });
    assert_eq!(publisher.send_with(|value| *value = 1).get(), 0);
    assert_eq!(*consumer.recv().unwrap(), 1);

    let ring = HeapLosslessTypedRing::<u64>::new(4);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    panics(|| {
        let mut claim = publisher.claim();
        *claim.value_mut() = 99;
        std::panic::panic_any(PANIC);
    });
    let mut claim = publisher.claim();
    *claim.value_mut() = 1;
    assert_eq!(claim.commit().unwrap().get(), 1);
    assert_eq!(*consumer.recv().unwrap(), 1);
    assert_eq!(consumer.holes(), 1);
}

#[test]
fn an_advance_beyond_the_slot_is_refused() {
    let publisher = Publisher::join(HeapLosslessRing::<8>::new(4)).unwrap();
    let mut claim = publisher.claim();
    claim.append(b"12345").unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| claim.advance(4))).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "4 bytes were written where 3 remain of the slot");
    assert_eq!(claim.len(), 5);
}

#[test]
fn such_rings_live_anywhere_and_carry_notes_and_long_events() {
    static RING: InlineRing<Lossless<Bytes<16>>, 8> = InlineRing::new();
    let mut consumer = Consumer::join(&RING, Start::Newest).unwrap();
    let publisher = Publisher::join(&RING).unwrap();
    let mut claim = publisher.claim();
    claim.spare_mut()[..3].copy_from_slice(b"abc");
    claim.advance(3);
    claim.publish(1).unwrap();
    assert_eq!(&*consumer.recv().unwrap(), b"abc");

    let noted = SharedRing::<Lossless<Typed<[u8; 12], std::sync::atomic::AtomicU32>>, Sole>::sole(8);
    let graph = Topology::over(noted.clone())
        .stage("note")
        .each(|event, _| event.notes().store(event[0].into(), std::sync::atomic::Ordering::Relaxed))
        .stage("check")
        .after(["note"])
        .each(|event, _| assert_eq!(event.notes().load(std::sync::atomic::Ordering::Relaxed), event[11].into()))
        .start()
        .unwrap();
    let mut publisher = SolePublisher::join(noted).unwrap();
    (0..100).for_each(|number| _ = publisher.send_with(|value| value.fill(number)));
    drop(publisher);
    graph.drain(Duration::from_secs(60)).unwrap();

    let long = SharedRing::<Lossless<Bytes<64, 16>>, Sole>::sole(16);
    let mut consumer = Consumer::join(long.clone(), Start::Newest).unwrap();
    let mut publisher = SolePublisher::join(long).unwrap();
    publisher.publish(&[5; 60], 1).unwrap();
    publisher.publish_with(16, 2, |slot| slot.fill(6)).unwrap();
    assert!(publisher.publish_with(17, 2, |_| ()).is_err());
    assert_eq!(&*consumer.recv().unwrap(), &[5; 60]);
    assert_eq!(&*consumer.recv().unwrap(), &[6; 16]);
}
