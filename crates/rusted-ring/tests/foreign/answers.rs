//! A verb that panics for another's waker has done what it was called for; one that has not answers, and does not panic.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use futures_core::Stream;
use rusted_ring::{
    Bytes, ClosePolicy, Consumer, HeapRing, HeapTypedRing, Publisher, SharedRing, Sole, SolePublisher, Start,
    Subscriber,
    future::Async,
    ledger::Ledger,
    publisher::{PublishError, Revoked},
};

use super::{Bad, FIRST, panics_with};

type Ring = HeapRing<8>;

/// Longer than the grace of an owner.
const GRACE: Duration = Duration::from_millis(5);

/// A ring of four slots in which an owner stopped at 0: a publisher that goes on after 3 passes it, and wakes the sleepers at 4.
fn with_a_stopped_owner() -> (Publisher<Ring>, Async<Subscriber<Ring>>) {
    let ring = Ring::closing(4, ClosePolicy::Never);
    let publisher = Publisher::join(ring.clone()).unwrap();
    std::mem::forget(publisher.try_claim().unwrap());
    (0..3).for_each(|_| _ = publisher.publish(b"before", 0).unwrap());
    (publisher, Subscriber::join(ring, Start::Newest).into_async())
}

fn bad() -> Waker {
    Waker::from(Arc::new(Bad))
}

fn falls_asleep<F: Future>(future: Pin<&mut F>) {
    assert!(future.poll(&mut Context::from_waker(&bad())).is_pending());
}

#[test]
fn what_passes_a_stopped_owner_is_done_all_the_same() {
    type Verb = (&'static str, fn(&Publisher<Ring>), u64);
    let verbs: [Verb; 4] = [
        ("publish", |publisher| _ = publisher.publish(b"event", 0).unwrap(), 1),
        ("try_publish", |publisher| _ = publisher.try_publish(b"event", 0).unwrap(), 1),
        ("publish_batch", |publisher| publisher.publish_batch(&[(&b"event"[..], 0); 3]).unwrap(), 3),
        ("claim", |publisher| _ = publisher.claim().publish(0).unwrap(), 1),
    ];
    for (by, verb, events) in verbs {
        let (publisher, mut sleeper) = with_a_stopped_owner();
        let mut reader = Subscriber::join(publisher.ring().clone(), Start::Newest);
        let mut asleep = std::pin::pin!(sleeper.recv());
        falls_asleep(asleep.as_mut());
        // The panic belongs to the task that slept at the passed sequence, and goes no further.
        verb(&publisher);
        assert_eq!(reader.by_ref().count() as u64, events, "{by}");
    }
}

#[test]
fn a_claim_that_was_given_up_says_so_whoever_is_woken_by_it() {
    let ring = Ring::closing(4, ClosePolicy::Never);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut first = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let checkpoint = first.checkpoint();
    let mut second = Consumer::join_after(ring.clone(), Start::Newest, &[checkpoint]).unwrap().into_async();
    let mut reader = Subscriber::join(ring, Start::Newest);
    let claim = publisher.try_claim().unwrap();
    publisher.publish(b"later", 0).unwrap();
    _ = reader.try_recv();
    thread::sleep(GRACE);
    // Goes on without the claim.
    _ = reader.try_recv();
    let mut asleep = std::pin::pin!(second.recv());
    falls_asleep(asleep.as_mut());
    assert!(matches!(claim.publish(1), Err(Revoked { .. })));
}

#[test]
fn a_batch_is_out_whole_before_a_panic_is_passed_on() {
    let many = Ring::closing(64, ClosePolicy::Never);
    let sole = HeapTypedRing::<u64, Sole>::sole(64);
    let mut sleepers = (
        Subscriber::join(many.clone(), Start::Newest).into_async(),
        Subscriber::join(sole.clone(), Start::Newest).into_async(),
    );
    let mut asleep = std::pin::pin!(sleepers.0.recv());
    falls_asleep(asleep.as_mut());
    let publisher = Publisher::join(many.clone()).unwrap();
    panics_with(FIRST, "of many publishers", || publisher.publish_batch(&[(&b"event"[..], 0); 150]).unwrap());
    assert_eq!(Ledger::of(&many).claimed().get(), 150);

    let mut asleep = std::pin::pin!(sleepers.1.recv());
    falls_asleep(asleep.as_mut());
    let mut publisher = SolePublisher::join(sole.clone()).unwrap();
    panics_with(FIRST, "of a sole publisher", || publisher.send_batch(&[7; 150]));
    assert_eq!(Ledger::of(&sole).claimed().get(), 150);
}

#[test]
fn a_batch_that_begins_with_long_events_is_out_whole_before_a_panic_is_passed_on() {
    let ring = SharedRing::<Bytes<32, 8>, Sole>::sole(64);
    let mut sleeper = Subscriber::join(ring.clone(), Start::Newest).into_async();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest);
    let mut asleep = std::pin::pin!(sleeper.recv());
    falls_asleep(asleep.as_mut());
    let mut publisher = SolePublisher::join(ring).unwrap();
    let events: [(&[u8], u32); 3] = [(&[1; 32], 1), (&[2; 20], 2), (&[3; 3], 3)];
    panics_with(FIRST, "of a sole publisher", || publisher.publish_batch(&events).unwrap());
    for (data, event_type) in events {
        let event = reader.try_recv().unwrap();
        assert_eq!((event.bytes(), event.event_type), (data, event_type));
    }
}

/// A claim in vain wakes the sleepers at its sequences; nothing is published, and the caller is told so.
#[test]
fn a_long_event_that_finds_no_slots_in_a_row_is_refused_though_a_waker_panics() {
    let ring = SharedRing::<Bytes<32, 8>>::closing(16, ClosePolicy::Never);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let claims = publisher.claim_batch(14);
    let mut sleeper = Subscriber::join(ring, Start::Newest).into_async();
    let mut asleep = std::pin::pin!(sleeper.recv());
    falls_asleep(asleep.as_mut());
    assert!(matches!(publisher.try_publish(&[1; 32], 1), Err(PublishError::Full(_))));
    drop(claims);
}

#[test]
fn a_stream_hands_over_the_event_that_it_has_left() {
    let ring = HeapTypedRing::<u64, Sole>::sole(64);
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    let mut first = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let checkpoint = first.checkpoint();
    let mut second = Consumer::join_after(ring, Start::Newest, &[checkpoint]).unwrap().into_async();
    let mut stream = first.into_async();
    let mut asleep = std::pin::pin!(second.recv());
    falls_asleep(asleep.as_mut());
    publisher.send_batch(&[7, 8]);
    let mut next = || {
        let polled =
            catch_unwind(AssertUnwindSafe(|| Pin::new(&mut stream).poll_next(&mut Context::from_waker(Waker::noop()))));
        match polled {
            Ok(Poll::Ready(item)) => item,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!([next(), next()], [Some(7), Some(8)]);
}
