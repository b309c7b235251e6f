//! Programs with statics in files that are killed or stopped.

use std::{fs, thread, time::Duration};

use rusted_ring::{Consumer, JoinError, Publisher, Start, Subscriber};
use rusted_ring_shm::{FileError, PoolFiles};
use rustix::process::Signal;

use crate::{LONG, Place, child::event, statics::Strokes, until};

#[test]
fn what_a_killed_program_has_left_is_looked_at_and_the_next_replaces_it() {
    let place = Place::new();
    let pools = PoolFiles::at(place.file().path().with_extension("pools"));
    let child = place.start("has-statics");
    let old: Strokes = place.file().open().unwrap();
    let mut tap = Subscriber::join(old.clone(), Start::Oldest);
    child.kill();
    let observer = place.file().observe_any().unwrap();
    assert_eq!(observer.readers().len(), 2, "as it was");
    assert_eq!(observer.holder(rusted_ring::Lease::Reader(0)), None);
    assert_eq!(tap.recv_timeout(LONG).unwrap().bytes(), event(0));
    // Somebody still looks at the old one, and keeps no program from starting.
    let mut second = place.start("has-statics");
    assert!(!old.peers().has_name(&place.file()));
    let new: Strokes = place.file().open().unwrap();
    assert_ne!(new.peers().identity(), old.peers().identity());
    pools.open::<16384, ()>().unwrap();
    let publisher = Publisher::join(new).unwrap();
    (0..4).for_each(|_| _ = publisher.publish(&event(1), 1).unwrap());
    assert_eq!(second.hear("sum"), "4");
    // The dead program's rings are rings like any other.
    drop(Consumer::join(old, Start::Newest).unwrap());
}

#[test]
fn while_it_places_its_statics_a_killed_program_keeps_no_other_from_that() {
    let place = Place::new();
    for round in 0..12 {
        let child = place.start("places-statics");
        thread::sleep(Duration::from_micros(200 * round));
        child.kill();
        place.start("has-statics").kill();
        let left = fs::read_dir(place.path()).unwrap().count();
        assert_eq!(left, 6, "one static and five pools");
    }
}

#[test]
fn a_stopped_program_keeps_its_statics_and_nobody_who_looks_at_them() {
    let place = Place::new();
    let child = place.start("has-statics");
    child.signal(Signal::STOP);
    let ring: Strokes = place.file().open().unwrap();
    let mut tap = Subscriber::join(ring.clone(), Start::Oldest);
    for n in 0..5 {
        assert_eq!(tap.recv_timeout(LONG).unwrap().bytes(), event(n));
    }
    assert_eq!(Consumer::join(ring.clone(), Start::Newest).unwrap_err(), JoinError::TooManyReaders);
    assert!(matches!(place.file().remove_unused(), Err(FileError::InUse(_))));
    // Its Consumer holds the gate, and is not taken for dead.
    let publisher = Publisher::join(ring).unwrap();
    let published = (0..300).take_while(|_| publisher.try_publish(&event(0), 1).is_ok()).count();
    // It was stopped before or after it showed that it has left the first five.
    assert!((251..=256).contains(&published), "{published}");
    child.signal(Signal::CONT);
    until("it goes on", || publisher.try_publish(&event(0), 1).is_ok());
}
