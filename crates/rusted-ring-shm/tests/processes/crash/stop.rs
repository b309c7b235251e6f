//! Processes that are stopped, and go on later.

use std::{io::Write, time::Duration};

use rusted_ring::{Lease, Publisher, publisher::PublishError};
use rusted_ring_shm::Observer;
use rustix::process::Signal;

use crate::{LONG, ManyRing, Place, child::event};

#[test]
fn a_stopped_consumer_keeps_what_it_holds_and_is_named_with_its_process() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(8).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut child = place.start("holds");
    for n in 0..8 {
        publisher.publish(&event(n), 1).unwrap();
    }
    child.signal(Signal::STOP);
    let refused = publisher.publish_timeout(&event(8), 1, Duration::from_millis(150)).unwrap_err();
    let PublishError::Full(full) = refused else { panic!("{refused}") };
    let blocker = full.blocker.unwrap();
    assert_eq!((blocker.name.as_str(), blocker.position.get()), ("holds", 0));
    assert_eq!(ring.peers().holder(Lease::Reader(blocker.entry)), Some(child.id()));
    let observer: Observer<_> = place.file().observe().unwrap();
    let _: &Observer<rusted_ring::Bytes<64>> = &observer;
    assert_eq!(observer.holder(Lease::Reader(blocker.entry)), Some(child.id()));
    assert_eq!(observer.ledger().readers().next().unwrap().name.as_str(), "holds");

    child.signal(Signal::CONT);
    child.process.stdin.as_mut().unwrap().write_all(b"read\n").unwrap();
    publisher.publish_timeout(&event(8), 1, LONG).unwrap();
    assert_eq!(child.hear("sum"), "36", "nothing was lost to it");
    child.kill();
    assert_eq!(observer.holder(Lease::Reader(blocker.entry)), None);
}

#[test]
fn a_publisher_that_is_stopped_in_the_middle_of_a_publish_is_gone_past_and_harms_nobody_when_it_goes_on() {
    let place = Place::new();
    let ring: ManyRing = place.file().create(8).unwrap();
    let mut reader = rusted_ring::Subscriber::join(ring.clone(), rusted_ring::Start::Newest);
    let child = place.start("claims");
    child.signal(Signal::STOP);
    let publisher = Publisher::join(ring).unwrap();
    for n in 0..10 {
        publisher.publish_timeout(&event(n), 1, LONG).unwrap();
        assert_eq!(reader.recv_timeout(LONG).unwrap().bytes(), event(n));
    }
    child.signal(Signal::CONT);
    child.kill();
    publisher.publish_timeout(&event(10), 1, LONG).unwrap();
    assert_eq!(reader.recv_timeout(LONG).unwrap().bytes(), event(10));
}
