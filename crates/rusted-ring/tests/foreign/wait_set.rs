//! Wait sets beside wakers that panic: those of other tasks, and a set's own.

use std::{
    future::Future,
    sync::{Arc, atomic::Ordering::Relaxed, mpsc},
    task::Context,
    thread,
};

use rusted_ring::{
    Consumer, HeapRing, Publisher, Start, Subscriber,
    wait::{WaitSet, Waitable},
};

use super::{
    Asleep, FIRST, Good, panics_with, sleeping,
    tasks::{brittle, uncloneable},
};

type Ring = HeapRing<8>;

fn rings() -> ([Ring; 2], [Publisher<Ring>; 2]) {
    let rings = [(); 2].map(|()| HeapRing::<8>::new(4));
    let publishers = rings.clone().map(|ring| Publisher::join(ring).unwrap());
    (rings, publishers)
}

#[test]
fn a_set_is_woken_whatever_the_wakers_of_others_do() {
    for round in 0..20 {
        let (rings, publishers) = rings();
        let mut tasks = [(); 4].map(|()| Subscriber::join(rings[1].clone(), Start::Newest).into_async());
        let mut readers = rings.map(|ring| Subscriber::join(ring, Start::Newest));
        let mut futures = tasks.iter_mut().map(|task| sleeping(task.recv()));
        // The set comes to the list before them or behind, or finds what was published.
        let before = Asleep::new().and(futures.by_ref().take(round % 5));
        let (going, gone) = mpsc::channel();
        thread::scope(|scope| {
            let set = scope.spawn(move || {
                going.send(()).unwrap();
                WaitSet::new().wait(&mut readers)
            });
            gone.recv().unwrap();
            let behind = Asleep::new().and(futures);
            panics_with(FIRST, "publish", || _ = publishers[1].publish(b"event", 0));
            assert_eq!(set.join().unwrap(), 1);
            before.are_all_woken("publish");
            behind.are_all_woken("publish");
        });
    }
}

#[test]
fn a_set_goes_on_after_a_waker_that_panicked_as_it_looked() {
    let ([_, ring], [_open, publisher]) = rings();
    let mut members = [Consumer::join(ring, Start::Newest).unwrap()];
    drop(publisher.claim());
    (0..3).for_each(|_| _ = publisher.publish(b"event", 0).unwrap());
    let mut behind = [(); 4].map(|()| publisher.clone().into_async());
    let asleep = Asleep::new().and(behind.iter_mut().map(|publisher| sleeping(publisher.publish(b"event", 0))));
    let mut set = WaitSet::new();
    // The set moves the Consumer past the hole, which makes room for those who wait.
    panics_with(FIRST, "a look", || _ = set.wait(&mut members));
    asleep.are_all_woken("a look");
    assert_eq!(set.wait(&mut members), 0);
    assert_eq!(&*members[0].try_recv().unwrap(), b"event");
}

#[test]
fn a_sets_own_waker_that_panics_leaves_nobody_asleep() {
    let (rings, publishers) = rings();
    let mut readers = rings.map(|ring| Subscriber::join(ring, Start::Newest));
    let mut members = readers.each_mut().map(|reader| reader.member());
    let mut set = WaitSet::new().into_async();
    panics_with(FIRST, "cloned", || {
        let mut waiting = Box::pin(set.wait(&mut members));
        _ = waiting.as_mut().poll(&mut Context::from_waker(&uncloneable()));
    });
    let mut waiting = Box::pin(set.wait(&mut members));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(&brittle())).is_pending());
    panics_with(FIRST, "dropped", || drop(waiting));
    let mut waiting = Box::pin(set.wait(&mut members));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(&brittle())).is_pending());
    let good = Arc::new(Good::default());
    panics_with(FIRST, "replaced", || {
        (0..2).for_each(|_| _ = waiting.as_mut().poll(&mut Context::from_waker(&good.clone().into())));
    });
    drop(waiting);
    assert_eq!(Arc::strong_count(&good), 1);
    let mut waiting = Box::pin(set.wait(&mut members));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(&good.clone().into())).is_pending());
    publishers.iter().for_each(|publisher| _ = publisher.publish(b"event", 0).unwrap());
    assert_eq!(good.0.load(Relaxed), 2);
    assert_eq!(Arc::strong_count(&good), 1, "who is woken is forgotten");
}
