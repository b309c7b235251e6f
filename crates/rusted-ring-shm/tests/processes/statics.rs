//! A program with statics, which is observed by another one.

use std::{thread, time::Duration};

use rusted_ring::{
    Bytes, Consumer, PagedRing, Publisher, Start, Subscriber,
    compat::EventPoolFactory,
    pool::{PoolId, Production},
};
use rusted_ring_shm::{PoolFiles, Ring, RingFile, list_in, place_pools, place_static};

use crate::{
    LONG, ManyRing, Place,
    child::{event, for_ever, say},
    until,
};

static STROKES: PagedRing<64, 256> = PagedRing::new();

/// Places the statics of this program.
fn place_all(file: &RingFile) {
    let pools = PoolFiles::at(file.path().with_extension("pools"));
    // SAFETY: nothing has begun that uses the statics; the tests write the files through the library; nothing forks.
    unsafe { place_static(&STROKES, file) }.unwrap();
    // SAFETY: as above.
    unsafe { place_pools(&Production, &pools) }.unwrap();
}

/// A program that begins to place its statics, and does nothing with them.
pub(crate) fn places_statics(file: &RingFile) {
    say("ready", "");
    place_all(file);
    for_ever();
}

/// A program as it was written for statics, but for the first call.
pub(crate) fn has_statics(file: &RingFile) {
    place_all(file);
    let mut store = Consumer::join(&STROKES, Start::Newest).unwrap().named("store");
    let mut screen = Subscriber::new(&STROKES).named("screen");
    thread::spawn(move || while screen.recv().is_ok() {});
    let publisher = Publisher::new(&STROKES);
    for n in 0..5 {
        publisher.publish(&event(n), 1).unwrap();
        EventPoolFactory::emit(&event(n), 1).unwrap();
    }
    for n in 0..5 {
        assert_eq!(*store.recv().unwrap(), event(n));
    }
    say("ready", "");
    // What others publish wakes it, alone and in a set.
    let mut sum = 0;
    for n in 0..4 {
        if n % 2 == 0 {
            assert_eq!(rusted_ring::wait::WaitSet::new().wait(&mut [&mut store]), 0);
        }
        sum += u64::from_le_bytes((*store.recv().unwrap()).try_into().unwrap());
    }
    say("sum", sum);
    for n in 0.. {
        let _ = publisher.try_publish(&event(n), 1);
        while store.try_recv().is_ok() {}
        thread::sleep(Duration::from_micros(200));
    }
    for_ever();
}

#[test]
fn a_program_with_statics_is_seen_by_others() {
    let place = Place::new();
    let mut child = place.start("has-statics");
    let names: Vec<_> = (list_in(place.path()).unwrap().iter())
        .map(|ring| ring.file.path().file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["ring", "ring.pools.l", "ring.pools.m", "ring.pools.s", "ring.pools.xl", "ring.pools.xs"]);
    let mut observer = place.file().observe_any().unwrap();
    let readers = observer.readers();
    assert_eq!(readers.iter().map(|reader| reader.name.as_str()).collect::<Vec<_>>(), ["store", "screen"]);
    assert_eq!((observer.claimed().get(), readers[0].received), (5, 5));
    assert_eq!(observer.holder(rusted_ring::Lease::Reader(readers[0].entry)), Some(child.id()));
    let pools = PoolFiles::at(place.file().path().with_extension("pools"));
    assert_eq!(pools.file(PoolId::XS).observe_any().unwrap().claimed().get(), 5);

    let ring: ManyRing = place.file().open().unwrap();
    let mut tap = Subscriber::join(ring.clone(), Start::Oldest);
    for n in 0..5 {
        assert_eq!(tap.recv_timeout(LONG).unwrap().bytes(), event(n));
    }
    let publisher = Publisher::join(ring).unwrap();
    for n in 1..=4 {
        thread::sleep(Duration::from_millis(5));
        publisher.publish(&event(n), 1).unwrap();
    }
    assert_eq!(child.hear("sum"), "10");
    for n in [1, 2, 3, 4, 0, 1, 2] {
        assert_eq!(tap.recv_timeout(LONG).unwrap().bytes(), event(n));
    }
    until("the books go on", || {
        observer.look().unwrap();
        observer.readers()[0].received > 20
    });
}

/// What the ring is to others, whatever its program calls it.
pub(crate) type Strokes = Ring<Bytes<64>>;
