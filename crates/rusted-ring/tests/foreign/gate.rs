//! Publishers, and Consumers that come after another, sleep; a Consumer that moves, joins or leaves wakes them, and so does an owner
//! that was given up and lets go.

use std::{
    pin::pin,
    task::{Context, Poll},
    thread,
    time::Duration,
};

use futures_core::Stream;
use rusted_ring::{
    Consumer, HeapRing, HeapTypedRing, Many, Publisher, Start, Subscriber, ledger::Ledger, publisher::Claim,
    subscriber::TryRecvError,
};

use super::{Asleep, FIRST, panics_with, sleeping};

type Ring = HeapTypedRing<u64>;
/// A way to move: its name, what it does, what it panics with, and how far the Consumer is then.
type Move = (&'static str, fn(&mut Consumer<Ring>), &'static str, u64);
/// A way to end an endpoint: its name, what it does, and what it panics with.
type Way<E> = (&'static str, fn(E), &'static str);
type LetGo = fn(Claim<'_, HeapRing<8>>);

const OWN: &str = "the caller's own";
/// Longer than the grace of an owner.
const GRACE: Duration = Duration::from_millis(5);

fn moves() -> [Move; 8] {
    [
        ("a loan", |consumer| drop(consumer.recv().unwrap()), FIRST, 1),
        (
            "a loan in a panic",
            |consumer| {
                let _loan = consumer.recv().unwrap();
                std::panic::panic_any(OWN)
            },
            OWN,
            1,
        ),
        ("a batch", |consumer| drop(consumer.batch().unwrap()), FIRST, 4),
        (
            "a batch in a panic",
            |consumer| {
                let _batch = consumer.try_batch().unwrap();
                std::panic::panic_any(OWN)
            },
            OWN,
            4,
        ),
        ("poll", |consumer| _ = consumer.poll(|_, _, _| {}), FIRST, 4),
        ("poll, in a panic", |consumer| _ = consumer.poll(|_, _, _| std::panic::panic_any(OWN)), OWN, 4),
        (
            "a loan that was forgotten",
            |consumer| {
                core::mem::forget(consumer.recv().unwrap());
                _ = consumer.try_recv();
            },
            FIRST,
            1,
        ),
        (
            "part of a batch",
            |consumer| {
                let mut batch = consumer.batch().unwrap();
                panics_with(FIRST, "part of a batch", || batch.release(3));
                assert_eq!((batch.len(), batch.first().get()), (1, 3), "what was released is no longer lent");
                assert_eq!(batch.iter().map(|value| *value).collect::<Vec<_>>(), [3]);
                std::panic::panic_any(OWN)
            },
            OWN,
            4,
        ),
    ]
}

/// A full ring, and its publisher.
fn full() -> (Ring, Consumer<Ring>, Publisher<Ring>) {
    let ring = Ring::new(4);
    let consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    publisher.send_batch(&[0, 1, 2, 3]);
    (ring, consumer, publisher)
}

#[test]
fn whatever_a_consumer_does_is_done_when_a_waker_panics() {
    for (by, act, panic, position) in moves() {
        for chained in [false, true] {
            let (ring, mut consumer, publisher) = full();
            let checkpoint = chained.then(|| consumer.checkpoint());
            let after =
                |_| Consumer::join_after(ring.clone(), Start::At(consumer.next_sequence()), checkpoint.as_slice());
            let mut behind: Vec<_> = (0..if chained { 4 } else { 0 }).map(|n| after(n).unwrap().into_async()).collect();
            let publishers: Vec<_> = (0..4).map(|_| publisher.clone().into_async()).collect();
            let asleep = Asleep::new()
                .and(publishers.iter().map(|publisher| sleeping(publisher.send(&4))))
                .and(behind.iter_mut().map(|consumer| sleeping(async { _ = consumer.recv().await.map(drop) })));
            panics_with(panic, by, || act(&mut consumer));
            asleep.are_all_woken(by);
            drop(behind);
            assert_eq!(consumer.next_sequence().get(), position, "{by}");
            assert_eq!(consumer.received(), position, "{by}");
            let shown = Ledger::of(&ring).readers().next().unwrap();
            assert_eq!(shown.position.get(), position, "{by}: the ledger shows it");
            assert_eq!(checkpoint.map_or(position, |checkpoint| checkpoint.finished().get()), position, "{by}");
            publisher.try_send(&4).unwrap();
            for wanted in position..5 {
                assert_eq!(consumer.try_recv().map(|number| *number), Ok(wanted), "{by}");
            }
        }
    }
}

#[test]
fn a_stream_goes_on_when_a_waker_panics() {
    let (_ring, consumer, publisher) = full();
    let publishers: Vec<_> = (0..4).map(|_| publisher.clone().into_async()).collect();
    let asleep = Asleep::new().and(publishers.iter().map(|publisher| sleeping(publisher.send(&4))));
    let mut stream = pin!(consumer.into_async());
    let context = &mut Context::from_waker(std::task::Waker::noop());
    // It has an event to hand over.
    assert_eq!(stream.as_mut().poll_next(context), Poll::Ready(Some(0)));
    asleep.are_all_woken("a stream");
    assert_eq!(stream.as_mut().poll_next(context), Poll::Ready(Some(1)));
}

#[test]
fn a_consumer_has_left_when_a_waker_panics() {
    let ways: [Way<Consumer<Ring>>; 3] = [
        ("dropped", drop, FIRST),
        ("ended", Consumer::end, FIRST),
        (
            "dropped in a panic",
            |consumer| {
                let _consumer = consumer;
                std::panic::panic_any(OWN)
            },
            OWN,
        ),
    ];
    for (by, leave, panic) in ways {
        let (ring, mut consumer, publisher) = full();
        let checkpoint = consumer.checkpoint();
        let mut behind: Vec<_> = (0..4)
            .map(|_| {
                Consumer::join_after(ring.clone(), Start::Oldest, core::slice::from_ref(&checkpoint))
                    .unwrap()
                    .into_async()
            })
            .collect();
        let publishers: Vec<_> = (0..4).map(|_| publisher.clone().into_async()).collect();
        // One event is lent and forgotten, so that there is something left to settle.
        core::mem::forget(consumer.recv().unwrap());
        let asleep = Asleep::new()
            .and(publishers.iter().map(|publisher| sleeping(publisher.send(&4))))
            .and(behind.iter_mut().map(|consumer| sleeping(async { _ = consumer.recv().await.map(drop) })));
        panics_with(panic, by, || leave(consumer));
        asleep.are_all_woken(by);
        assert_eq!(Ledger::of(&ring).readers().count(), 4, "{by}");
        let received = behind.pop().unwrap().into_inner().poll(|_, _, _| {});
        let ended = by == "ended";
        assert_eq!(
            received.ok(),
            Some(if ended { 1 } else { 4 }),
            "{by}: who comes after goes on, as far as it should"
        );
        drop(behind);
        publisher.try_send(&4).unwrap();
    }
}

#[test]
fn who_could_not_join_has_left_when_a_waker_panics() {
    let (ring, mut consumer, publisher) = full();
    let publishers: Vec<_> = (0..4).map(|_| publisher.clone().into_async()).collect();
    let asleep = Asleep::new().and(publishers.iter().map(|publisher| sleeping(publisher.send(&4))));
    panics_with(FIRST, "join", || drop(Consumer::join(ring.clone(), Start::Newest)));
    asleep.are_all_woken("join");
    assert_eq!(Ledger::of(&ring).readers().count(), 1);
    assert_eq!(consumer.poll(|_, _, _| {}), Ok(4));
    publisher.send_batch(&[4, 5, 6, 7]);
}

#[test]
fn a_hole_is_passed_when_a_waker_panics() {
    for chained in [false, true] {
        let ring = Ring::new(2);
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
        let checkpoint = chained.then(|| consumer.checkpoint());
        let publisher = Publisher::join(ring.clone()).unwrap();
        drop(publisher.claim());
        publisher.send(&1);
        let publishers: Vec<_> = (0..4).map(|_| publisher.clone().into_async()).collect();
        let asleep = Asleep::new().and(publishers.iter().map(|publisher| sleeping(publisher.send(&2))));
        panics_with(FIRST, "a hole", || drop(consumer.try_recv()));
        asleep.are_all_woken("a hole");
        assert_eq!(checkpoint.map_or(1, |checkpoint| checkpoint.finished().get()), 1);
        assert_eq!((consumer.holes(), consumer.try_recv().map(|number| *number)), (1, Ok(1)));
        assert_eq!(publisher.try_send(&2).map(|sequence| sequence.get()), Ok(2));
    }
}

#[test]
fn an_owner_that_was_given_up_has_let_go_when_a_waker_panics() {
    let ways: [(&str, LetGo, &str); 2] = [
        ("dropped", |claim| drop(claim), FIRST),
        (
            "dropped in a panic",
            |claim| {
                let _claim = claim;
                std::panic::panic_any(OWN)
            },
            OWN,
        ),
    ];
    for (by, let_go, panic) in ways {
        let ring = HeapRing::<8, Many>::new(1);
        let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
        let publisher = Publisher::join(ring.clone()).unwrap();
        let claim = publisher.claim();
        while consumer.holes() == 0 {
            thread::sleep(GRACE);
            assert!(consumer.try_recv().is_err());
        }
        let publishers: Vec<_> = (0..4).map(|_| publisher.clone().into_async()).collect();
        let asleep = Asleep::new().and(publishers.iter().map(|publisher| sleeping(publisher.publish(b"late", 0))));
        panics_with(panic, by, || let_go(claim));
        asleep.are_all_woken(by);
        while consumer.try_recv().is_ok() {}
        publisher.try_publish(b"next", 0).unwrap();
        assert_eq!(consumer.try_recv().map(|event| event.to_vec()), Ok(b"next".to_vec()), "{by}");
    }
}

#[test]
fn an_owner_is_given_up_when_a_waker_panics() {
    let ring = HeapRing::<8>::new(4);
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut asleep_at_it: Vec<_> = (0..4).map(|_| Subscriber::join(ring.clone(), Start::Newest).into_async()).collect();
    let asleep = Asleep::new().and(asleep_at_it.iter_mut().map(|reader| sleeping(reader.recv())));
    let publisher = Publisher::join(ring.clone()).unwrap();
    let slow = publisher.claim();
    let next = publisher.claim();
    assert_eq!(reader.try_recv(), Err(TryRecvError::Empty));
    thread::sleep(GRACE);
    // It has an answer, if only that there is no event.
    assert_eq!(reader.try_recv(), Err(TryRecvError::Empty));
    asleep.are_all_woken("given up");
    assert_eq!((reader.try_recv(), reader.holes()), (Err(TryRecvError::Empty), 1));
    assert!(slow.publish(0).is_err() && next.publish(1).is_ok());
    assert_eq!(reader.try_recv().unwrap().event_type, 1);
}
