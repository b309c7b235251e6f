//! What the other process does.

use std::{
    env, fs, process,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use rusted_ring::{Consumer, HeapRing, Publisher, Sequence, Start};
use rusted_ring_journal::{Compression, FullDisk, Journal, Options, Recording, StopError, SyncPolicy};

use crate::{LONG, LONGEST, are_right, are_whole, publish, read, until};

pub(crate) const ROLE: &str = "RUSTED_RING_JOURNAL_ROLE";
pub(crate) const PATH: &str = "RUSTED_RING_JOURNAL_PATH";

/// The bytes of the small file system.
pub(crate) const SMALL: u64 = 4 << 20;

#[test]
#[ignore = "what the other tests start as a process"]
fn child() {
    let (Ok(role), Ok(path)) = (env::var(ROLE), env::var(PATH)) else { return };
    // Should the test be gone, nobody else ends this one.
    thread::spawn(|| {
        thread::sleep(2 * LONG);
        process::exit(3);
    });
    match role.as_str() {
        "appends" => appends(&path, Options::default()),
        "appends blocks" => appends(&path, Options::default().compression(Compression::Lz4)),
        "confirms" => confirms(&path),
        "is held" => is_held(&path),
        "goes on" => goes_on(&path),
        "stays full" => stays_full(&path),
        other => panic!("{other} is no role"),
    }
}

fn begun(path: &str, options: Options) -> (Recording, Publisher<HeapRing<LONGEST>>) {
    let ring = HeapRing::<LONGEST>::new(64);
    let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let recording = Journal::open(path, options).unwrap().record(consumer).unwrap();
    (recording, Publisher::join(ring).unwrap())
}

/// Appends for ever, rolls and removes segments, and says what is written and durable.
fn appends(path: &str, options: Options) {
    let options =
        options.segment_bytes(64 << 10).keep_bytes(512 << 10).sync(SyncPolicy::Every(Duration::from_millis(2)));
    let (recording, publisher) = begun(path, options);
    thread::spawn(move || publish(&publisher, 0..u64::MAX));
    loop {
        let status = recording.status();
        println!("<at> {} {} {}", recording.epoch(), status.written, status.durable);
        thread::sleep(Duration::from_micros(500));
    }
}

/// Confirms one sequence after the other, and says so afterwards.
fn confirms(path: &str) {
    let journal = Journal::open(path, Options::default()).unwrap();
    let mut position = journal.position("reader").unwrap();
    let mut next = position.confirmed().map_or(0, |confirmed| confirmed.next.get());
    loop {
        println!("<at> 1 {next} {next}");
        next += 1;
        position.confirm(1, Sequence::new(next)).unwrap();
    }
}

/// More events than fit beside the [ballast](Ballast) and into a batch.
const EVENTS: u64 = 40_000;

/// What fills half of the small file system.
struct Ballast(String);

impl Ballast {
    fn new(path: &str) -> Self {
        let path = format!("{path}/ballast");
        fs::write(&path, vec![0; SMALL as usize / 2]).unwrap();
        Ballast(path)
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

/// A full disk holds the publisher, and nothing is lost.
fn is_held(path: &str) {
    let ballast = Ballast::new(path);
    let (recording, publisher) = begun(path, Options::default());
    let published = Arc::new(AtomicU64::new(0));
    let publishing = thread::spawn({
        let published = Arc::clone(&published);
        // As many as fit without the ballast.
        move || {
            for n in 0..EVENTS / 2 + EVENTS / 4 {
                publish(&publisher, n..n + 1);
                published.store(n + 1, Ordering::Relaxed);
            }
        }
    });
    let mut last = u64::MAX;
    until("the publisher is not held", || {
        thread::sleep(Duration::from_millis(150));
        let now = published.load(Ordering::Relaxed);
        let is_held = recording.status().is_full && now == last;
        last = now;
        is_held
    });
    assert!(!publishing.is_finished());
    let written = recording.status().written.get();
    assert!(are_whole(&read(&mut recording.history(), 0..written), 0..written));
    drop(ballast);
    publishing.join().unwrap();
    let journal = recording.stop().unwrap();
    let all = 0..EVENTS / 2 + EVENTS / 4;
    assert!(are_whole(&read(&mut journal.reader(1), all.clone()), all.clone()));
    drop(journal);
    let journal = Journal::open(path, Options::default()).unwrap();
    assert_eq!(*journal.found(), Default::default());
    assert!(are_whole(&read(&mut journal.reader(1), all.clone()), all));
    println!("<done>");
}

/// A full disk loses events, which are counted and named, and the publisher goes on.
fn goes_on(path: &str) {
    let ballast = Ballast::new(path);
    let (recording, publisher) = begun(path, Options::default().full_disk(FullDisk::GoOn).segment_bytes(1 << 20));
    publish(&publisher, 0..EVENTS);
    until("nothing was lost", || recording.status().lost > 0);
    assert!(recording.status().is_full);
    drop(ballast);
    until("it does not go on", || !recording.status().is_full);
    publish(&publisher, EVENTS..EVENTS + 100);
    let all = 0..EVENTS + 100;
    until("it does not write", || recording.status().written.get() == all.end);
    let lost = recording.status().lost;
    let journal = recording.stop().unwrap();
    let check = |journal: &Journal| {
        let got = read(&mut journal.reader(1), all.clone());
        assert!(are_right(&got));
        assert_eq!(got.missing.iter().map(|range| range.end - range.start).sum::<u64>(), lost);
        assert_eq!(got.events.len() as u64 + lost, all.end);
    };
    check(&journal);
    drop(journal);
    let journal = Journal::open(path, Options::default()).unwrap();
    assert_eq!(*journal.found(), Default::default());
    check(&journal);
    println!("<done>");
}

/// A disk that stays full leaves no part of a write behind.
fn stays_full(path: &str) {
    let _ballast = Ballast::new(path);
    let (recording, publisher) = begun(path, Options::default().full_disk(FullDisk::GoOn));
    publish(&publisher, 0..EVENTS);
    until("nothing was lost", || recording.status().lost > 0);
    let written = recording.status().written.get();
    assert!(written > 0);
    let refused = recording.stop().unwrap_err();
    assert!(matches!(refused, StopError::Full { from, .. } if from.get() == written), "{refused}");
    let journal = Journal::open(path, Options::default()).unwrap();
    assert_eq!(*journal.found(), Default::default());
    assert_eq!(journal.epochs()[0].end.get(), written);
    assert!(are_whole(&read(&mut journal.reader(1), 0..written), 0..written));
    println!("<done>");
}
