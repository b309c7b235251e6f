//! Wakers that panic as they are cloned, woken or dropped, while a task goes to sleep, is polled again, or is dropped.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, RawWakerVTable, Wake, Waker},
    thread,
    time::Duration,
};

use futures_core::Stream;
use rusted_ring::{HeapRing, Publisher, Start, Subscriber, future::Async};

use super::{FIRST, Good, panics_with};

const OWN: &str = "the caller's own";

type Stroke = Async<Subscriber<HeapRing<8>>>;

/// A waker whose last clone panics as it is dropped.
struct Brittle;

impl Wake for Brittle {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Brittle {
    fn drop(&mut self) {
        std::panic::panic_any(FIRST)
    }
}

pub(super) fn brittle() -> Waker {
    Waker::from(Arc::new(Brittle))
}

/// A waker that panics as it is cloned, and as it is woken.
pub(super) fn uncloneable() -> Waker {
    const VTABLE: RawWakerVTable =
        RawWakerVTable::new(|_| std::panic::panic_any(FIRST), |_| {}, |_| std::panic::panic_any(FIRST), |_| {});
    // SAFETY: nothing is behind the pointer, and no function of the table uses it.
    unsafe { Waker::new(core::ptr::null(), &VTABLE) }
}

fn ring() -> (HeapRing<8>, Stroke, Publisher<HeapRing<8>>) {
    let ring = HeapRing::<8>::new(8);
    (ring.clone(), Subscriber::join(ring.clone(), Start::Newest).into_async(), Publisher::join(ring).unwrap())
}

fn poll(stream: &mut Stroke, waker: &Waker) -> Poll<Option<usize>> {
    Pin::new(stream)
        .poll_next(&mut Context::from_waker(waker))
        .map(|item| item.map(|event| event.unwrap().bytes().len()))
}

#[test]
fn a_waker_that_cannot_be_cloned_leaves_nobody_asleep() {
    let (_ring, mut stream, publisher) = ring();
    panics_with(FIRST, "cloned", || _ = poll(&mut stream, &uncloneable()));
    let good = Arc::new(Good::default());
    assert!(poll(&mut stream, &good.clone().into()).is_pending());
    // The waker that sleeps by now stays.
    panics_with(FIRST, "cloned", || _ = poll(&mut stream, &uncloneable()));
    publisher.publish(b"event", 0).unwrap();
    assert_eq!(good.0.load(Relaxed), 1);
    assert_eq!(poll(&mut stream, Waker::noop()), Poll::Ready(Some(5)));
}

#[test]
fn a_waker_that_panics_as_it_is_replaced_has_been_replaced() {
    let (_ring, mut stream, publisher) = ring();
    assert!(poll(&mut stream, &brittle()).is_pending());
    let good = Arc::new(Good::default());
    panics_with(FIRST, "replaced", || _ = poll(&mut stream, &good.clone().into()));
    assert!(poll(&mut stream, &good.clone().into()).is_pending());
    publisher.publish(b"event", 0).unwrap();
    assert_eq!(good.0.load(Relaxed), 1);
    assert_eq!(Arc::strong_count(&good), 1, "who is woken is forgotten");
}

#[test]
fn a_waker_of_another_ring_that_panics_as_it_is_dropped_leaves_no_other_behind() {
    let (_first, mut stream, _publisher) = ring();
    let (second, _, publisher) = ring();
    assert!(poll(&mut stream, &brittle()).is_pending());
    *stream = Subscriber::join(second, Start::Newest);
    let good = Arc::new(Good::default());
    panics_with(FIRST, "of another ring", || _ = poll(&mut stream, &good.clone().into()));
    assert!(poll(&mut stream, &good.clone().into()).is_pending());
    publisher.publish(b"event", 0).unwrap();
    assert_eq!(good.0.load(Relaxed), 1);
    assert_eq!(poll(&mut stream, Waker::noop()), Poll::Ready(Some(5)));
    assert!(poll(&mut stream, &good.clone().into()).is_pending());
    drop(stream);
    assert_eq!(Arc::strong_count(&good), 1);
}

#[test]
fn a_future_whose_waker_panics_as_it_is_dropped_sleeps_no_more() {
    let (_ring, mut stream, publisher) = ring();
    let mut receiving = Box::pin(stream.recv());
    assert!(receiving.as_mut().poll(&mut Context::from_waker(&brittle())).is_pending());
    panics_with(FIRST, "a future", || drop(receiving));
    let mut receiving = Box::pin(stream.recv());
    assert!(receiving.as_mut().poll(&mut Context::from_waker(&brittle())).is_pending());
    panics_with(OWN, "a future, in a panic", || {
        let _receiving = receiving;
        std::panic::panic_any(OWN)
    });
    publisher.publish(b"event", 0).unwrap();
    assert_eq!(poll(&mut stream, Waker::noop()), Poll::Ready(Some(5)));
}

#[test]
fn a_task_that_waits_out_a_grace_goes_on_when_its_waker_panics() {
    let (_ring, mut stream, publisher) = ring();
    let _slow = publisher.claim();
    publisher.publish(b"event", 0).unwrap();
    panics_with(FIRST, "in a grace", || _ = poll(&mut stream, &uncloneable()));
    thread::sleep(Duration::from_millis(5));
    assert_eq!(poll(&mut stream, Waker::noop()), Poll::Ready(Some(5)));
    assert_eq!(stream.holes(), 1);
}

/// A task that publishes as it is woken.
struct Echo {
    publisher: Publisher<HeapRing<8>>,
    woken: AtomicBool,
}

impl Wake for Echo {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Relaxed);
        self.publisher.publish(b"echo", 0).unwrap();
    }
}

#[test]
fn a_waker_may_publish_on_the_ring_that_wakes_it() {
    let (ring, mut stream, publisher) = ring();
    let echo = Arc::new(Echo { publisher: publisher.clone(), woken: AtomicBool::new(false) });
    assert!(poll(&mut stream, &echo.clone().into()).is_pending());
    let mut other = pin!(Subscriber::join(ring, Start::Newest).into_async());
    let good = Arc::new(Good::default());
    assert!(poll(&mut other, &good.clone().into()).is_pending());
    publisher.publish(b"event", 0).unwrap();
    assert!(echo.woken.load(Relaxed));
    assert_eq!(good.0.load(Relaxed), 1);
    assert_eq!(poll(&mut stream, Waker::noop()), Poll::Ready(Some(5)));
    assert_eq!(poll(&mut stream, Waker::noop()), Poll::Ready(Some(4)));
}
