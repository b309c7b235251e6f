//! Writers and readers of latest-value cells that are killed or stopped.

use std::{thread, time::Duration};

use rusted_ring::latest::LatestJoinError;
use rusted_ring_shm::SharedLatest;
use rustix::process::Signal;

use crate::{
    Place,
    child::{Cell, is_whole},
    until,
};

const KEYS: usize = 4;

#[test]
fn a_writer_that_is_killed_anywhere_in_an_update_misleads_nobody() {
    let place = Place::new();
    let cells: SharedLatest<Cell> = place.cells().create(KEYS, 3).unwrap();
    let mut reader = cells.reader().unwrap();
    let mut newest = [0; KEYS];
    for round in 0..16 {
        let child = place.start("updates");
        assert_eq!(cells.writer().unwrap_err(), LatestJoinError::Occupied);
        let mut look = |key: usize| {
            if let Some(now) = reader.get(key).unwrap() {
                assert!(is_whole(&now.value, key) && now.version >= newest[key]);
                newest[key] = now.version;
            }
        };
        (0..500 * (1 + round)).for_each(|n| look(n % KEYS));
        child.kill();
        (0..KEYS).for_each(&mut look);
        let last = *newest.iter().max().unwrap();
        // The next one goes on.
        let mut writer = cells.writer().unwrap();
        assert!(writer.update(0, &[0; 32]) > last);
        assert_eq!(reader.get(0).unwrap().unwrap().value, [0; 32]);
    }
}

#[test]
fn a_reader_that_is_killed_anywhere_keeps_no_writer_waiting_and_no_entry() {
    let place = Place::new();
    let cells: SharedLatest<Cell> = place.cells().create(KEYS, 1).unwrap();
    let mut writer = cells.writer().unwrap();
    let mut n = 0;
    for round in 0..16 {
        let child = place.start("reads-cells");
        let mut update = |times| {
            for _ in 0..times {
                n += 1;
                writer.update(0, &[n << 8; 32]);
            }
        };
        update(2000 * (1 + round));
        child.kill();
        update(100);
        assert_eq!(cells.reader().unwrap().get(0).unwrap().unwrap().value, [n << 8; 32]);
    }
}

#[test]
fn who_is_stopped_keeps_nobody_waiting() {
    let place = Place::new();
    let cells: SharedLatest<Cell> = place.cells().create(KEYS, 2).unwrap();
    // A writer, and a reader beside it, each stopped wherever it is.
    let mut reader = cells.reader().unwrap();
    let writes = place.start("updates");
    until("nothing is written", || reader.get(0).unwrap().is_some());
    writes.signal(Signal::STOP);
    for n in 0..1000 {
        let key = n % KEYS;
        assert!(reader.get(key).unwrap().is_none_or(|now| is_whole(&now.value, key)));
    }
    assert_eq!(cells.writer().unwrap_err(), LatestJoinError::Occupied, "it is stopped, and not dead");
    writes.kill();
    let mut writer = cells.writer().unwrap();
    writer.update(0, &[1 << 8; 32]);
    let reads = place.start("reads-cells");
    thread::sleep(Duration::from_millis(3));
    reads.signal(Signal::STOP);
    for n in 0..1000 {
        writer.update(0, &[n << 8; 32]);
        assert_eq!(reader.get(0).unwrap().unwrap().value, [n << 8; 32]);
    }
    assert!(matches!(cells.reader(), Err(LatestJoinError::TooManyReaders { .. })), "it is stopped, and not dead");
    reads.signal(Signal::CONT);
    reads.kill();
    drop(cells.reader().unwrap());
}
