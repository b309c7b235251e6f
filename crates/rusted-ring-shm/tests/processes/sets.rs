//! Wait sets, and tasks, over rings that processes share, beside rings of one.

use std::{
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    Consumer, HeapRing, Publisher, Start, Subscriber,
    wait::{WaitSet, Waitable},
};
use rusted_ring_shm::RingFile;

use crate::{
    LONG, ManyRing, Place,
    child::{busy_time, event},
    stream::block_on,
};

const ROUNDS: u64 = 300;

/// Sends events to a process that answers each through a set, on two rings in turn, and receives by `receive`.
fn ping_pong(mut receive: impl FnMut(&mut [Consumer<ManyRing>; 2]) -> usize) {
    let place = Place::new();
    let there: ManyRing = place.file().create(4).unwrap();
    let backs = ["back", "other"].map(|name| RingFile::at(place.file().path().with_extension(name)).create(4).unwrap());
    let mut answers = backs.map(|ring: ManyRing| Consumer::join(ring, Start::Newest).unwrap());
    let _child = place.start(&format!("answers-by-set {ROUNDS}"));
    let publisher = Publisher::join(there).unwrap();
    let begun = Instant::now();
    for n in 0..ROUNDS {
        // Now and then long enough for the other to be asleep for good.
        if n % 20 == 0 {
            thread::sleep(Duration::from_millis(2));
        }
        publisher.publish(&event(n), 1).unwrap();
        let ready = receive(&mut answers);
        assert_eq!(ready as u64, n % 2);
        assert_eq!(answers[ready].try_copy().unwrap().bytes(), event(n));
    }
    // A sleep that no waking ends lasts for 50 ms, and each round has two.
    assert!(begun.elapsed() < Duration::from_millis(25) * ROUNDS as u32, "sleeps ended by themselves");
}

#[test]
fn no_waking_of_a_set_from_process_to_process_is_lost() {
    let mut set = WaitSet::new();
    ping_pong(|answers| set.wait_timeout(answers, LONG).unwrap());
}

#[test]
fn no_waking_of_a_sets_future_from_process_to_process_is_lost() {
    let mut set = WaitSet::new().into_async();
    ping_pong(|answers| block_on(set.wait(answers)));
}

#[test]
fn a_set_is_woken_by_rings_of_this_process_and_by_those_that_are_shared() {
    let place = Place::new();
    let shared: ManyRing = place.file().create(64).unwrap();
    let here = HeapRing::<64>::new(64);
    let mut there = Subscriber::join(shared, Start::Newest);
    let mut own = Consumer::join(here.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(here).unwrap();
    let mut set = WaitSet::new();
    assert_eq!(set.wait_timeout(&mut [there.member(), own.member()], Duration::from_millis(20)), None);
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..100 {
                thread::sleep(Duration::from_millis(1));
                publisher.publish(&event(n), 1).unwrap();
            }
        });
        let begun = Instant::now();
        for n in 0..100 {
            assert_eq!(set.wait_timeout(&mut [there.member(), own.member()], LONG), Some(1));
            assert_eq!(&*own.try_recv().unwrap(), &event(n));
        }
        assert!(begun.elapsed() < Duration::from_millis(25 * 100), "sleeps ended by themselves");
    });
    let _child = place.start("publishes-late 1");
    assert_eq!(set.wait_timeout(&mut [there.member(), own.member()], LONG), Some(0));
    assert_eq!(there.try_recv().unwrap().bytes(), event(0));
}

#[test]
fn who_waits_for_several_rings_and_nothing_comes_uses_no_processor() {
    let place = Place::new();
    let rings: [ManyRing; 3] =
        ["one", "two", "three"].map(|name| RingFile::at(place.file().path().with_extension(name)).create(8).unwrap());
    let _publishers = rings.clone().map(|ring| Publisher::join(ring).unwrap());
    drop::<ManyRing>(place.file().create(8).unwrap());
    let mut child = place.start("idles");
    let used: u64 = child.hear("used").parse().unwrap();
    // Of a second and a half: 1 % of that is 15 ms.
    assert!(used < 15_000, "{used} us of a processor in 1.5 s");
    assert!(busy_time() > Duration::ZERO, "the measure is one");
}
