//! Processes that are killed or stopped while they sleep in a wait set, or a task of theirs does.

use std::{thread, time::Duration};

use rusted_ring::{Publisher, ledger::Ledger, publisher::PublishError};
use rustix::process::Signal;

use crate::{LONG, ManyRing, Place, child::event, until};

#[test]
fn asleep_in_a_set_or_a_task_a_killed_consumer_holds_nobody() {
    for role in ["sleeps-in-set", "sleeps-in-task"] {
        let place = Place::new();
        let ring: ManyRing = place.file().create(8).unwrap();
        let child = place.start(role);
        thread::sleep(Duration::from_millis(20));
        let publisher = Publisher::join(ring.clone()).unwrap();
        child.kill();
        for n in 0..20 {
            publisher.publish_timeout(&event(n), 1, LONG).unwrap();
        }
        assert_eq!(Ledger::of(&ring).readers().count(), 0, "{role}");
    }
}

#[test]
fn asleep_in_a_set_or_a_task_a_stopped_consumer_goes_on_where_it_was() {
    for role in ["sleeps-in-set", "sleeps-in-task"] {
        let place = Place::new();
        let ring: ManyRing = place.file().create(8).unwrap();
        let mut child = place.start(role);
        thread::sleep(Duration::from_millis(5));
        child.signal(Signal::STOP);
        let publisher = Publisher::join(ring.clone()).unwrap();
        for n in 0..8 {
            publisher.publish(&event(n), 1).unwrap();
        }
        assert!(matches!(publisher.try_publish(&event(8), 1), Err(PublishError::Full(_))));
        child.signal(Signal::CONT);
        publisher.publish_timeout(&event(8), 1, LONG).unwrap();
        until("it receives the rest", || Ledger::of(&ring).readers().all(|reader| reader.received == 9));
        assert_eq!(child.hear("sum"), "36");
    }
}
