//! What the other process does.

use std::{env, process, sync::mpsc, thread, time::Duration};

use rusted_ring::{Consumer, HeapRing, Publisher, Sequence, Start, Subscriber, ledger::Ledger};

use super::seam::reached;
use crate::{Compression, FullDisk, Journal, Options, Recording, StopError, SyncPolicy};

pub(super) const ROLE: &str = "RUSTED_RING_JOURNAL_STEP_ROLE";
pub(super) const PATH: &str = "RUSTED_RING_JOURNAL_STEP_PATH";
pub(super) const COMPRESSED: &str = "RUSTED_RING_JOURNAL_STEP_COMPRESSED";

const LONG: Duration = Duration::from_secs(60);
type Ring = HeapRing<256>;

/// The event of a sequence. Some are long enough to be compressed one by one.
pub(super) fn event(sequence: u64) -> Vec<u8> {
    (0..1 + sequence * 7 % 200).map(|at| (sequence * 31 + at / 32) as u8).collect()
}

#[test]
#[ignore = "what the other tests start as a process"]
fn child() {
    let (Ok(role), Ok(path)) = (env::var(ROLE), env::var(PATH)) else { return };
    // Should the test be gone, nobody else ends this one.
    thread::spawn(|| {
        thread::sleep(LONG);
        process::exit(3);
    });
    match role.as_str() {
        "lives" => lives(&path),
        "sync fails" => sync_fails(&path),
        "write fails" => write_fails(&path),
        "resumes" => resumes(&path),
        other => panic!("{other} is no role"),
    }
}

/// Each batch is synced, a segment has a few of them, and there are some segments.
fn options() -> Options {
    let options = Options::default().segment_bytes(2 << 10).keep_bytes(8 << 10).sync(SyncPolicy::EachBatch);
    if env::var_os(COMPRESSED).is_some() { options.compression(Compression::Lz4) } else { options }
}

fn begun(path: &str, options: Options) -> (Ring, Recording, Publisher<Ring>) {
    let ring = Ring::new(4);
    let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let recording = Journal::open(path, options).unwrap().record(consumer).unwrap();
    (ring.clone(), recording, Publisher::join(ring).unwrap())
}

/// Publishes, waits until that is durable, says so, confirms, and now and then has a reader that fell behind repaired.
fn lives(path: &str) {
    let (ring, recording, publisher) = begun(path, options());
    let mut position = recording.position("reader").unwrap();
    let mut reader = Subscriber::join(ring, Start::Oldest).repaired_by(recording.history());
    let (mut next, mut confirmed) = (0, 0);
    loop {
        publisher.publish(&event(next), 1).unwrap();
        next += 1;
        assert!(recording.wait_durable(Sequence::new(next), LONG));
        let status = recording.status();
        let say = |confirmed: u64| {
            println!("\n<at> {} {} {} {confirmed}", recording.epoch(), status.written, status.durable);
        };
        say(confirmed);
        if next % 5 == 0 {
            position.confirm(recording.epoch(), Sequence::new(next)).unwrap();
            confirmed = next;
            say(confirmed);
        }
        if next % 20 == 0 {
            (next - 20..next).for_each(|n| assert_eq!(reader.recv().unwrap().bytes(), event(n)));
        }
    }
}

/// Whether all below `end` is kept as it was published.
fn is_whole(journal: &Journal, end: u64) -> bool {
    let (mut reader, mut buffer) = (journal.reader(1), [0; 256]);
    let mut read =
        |n| reader.read(Sequence::new(n), Sequence::new(end), &mut buffer).map(|_| buffer[..event(n).len()].to_vec());
    (0..end).all(|n| read(n).unwrap() == event(n))
}

/// After a sync that failed, or a cut, nothing more is durable, nothing is synced again, and publishers are free.
fn sync_fails(path: &str) {
    let (ring, recording, publisher) = begun(path, options().keep_bytes(u64::MAX).full_disk(FullDisk::GoOn));
    let (mut durable, mut next) = (0, 0);
    let shown = || Ledger::of(&ring).readers().next().and_then(|reader| reader.durable).map(Sequence::get);
    while recording.is_running() {
        publisher.publish(&event(next), 1).unwrap();
        next += 1;
        if recording.wait_durable(Sequence::new(next), LONG) {
            durable = next;
        }
    }
    let reached_then = reached();
    // Nobody holds the publisher.
    for n in next..next + 100 {
        publisher.publish(&event(n), 1).unwrap();
    }
    assert!(!recording.wait_durable(Sequence::new(next), Duration::from_millis(300)));
    let status = recording.status();
    assert_eq!((status.durable.get(), shown()), (durable, None));
    assert!(durable > 0 && durable < next);
    let refused = recording.stop().unwrap_err();
    assert!(matches!(refused, StopError::Io(_)), "{refused}");
    assert_eq!(reached(), reached_then, "it was tried again");
    // What is whole is read, and what was durable is.
    let journal = Journal::open(path, Options::default()).unwrap();
    let end = journal.epochs()[0].end.get();
    assert!(end >= durable && is_whole(&journal, end) && journal.found().damaged.is_empty());
    println!("\n<done>");
}

/// While the sync of an epoch that is resumed takes its time, the status is told, and what is kept is read.
fn resumes(path: &str) {
    let (ring, recording, publisher) = begun(path, options());
    (0..20).for_each(|n| _ = publisher.publish(&event(n), 1).unwrap());
    let journal = recording.stop().unwrap();
    let (watch, mut reader) = (journal.watch(), journal.reader(1));
    let consumer = Consumer::join(ring, Start::Newest).unwrap();
    thread::spawn(move || journal.resume(consumer));
    while reached() == 0 {
        thread::sleep(Duration::from_millis(1));
    }
    let (says, said) = mpsc::channel();
    thread::spawn(move || {
        let newest = reader.read(Sequence::new(19), Sequence::new(20), &mut [0; 256]);
        says.send((watch.status().written.get(), newest.is_ok()))
    });
    assert_eq!(said.recv_timeout(LONG / 3), Ok((20, true)), "it waits for the sync");
    println!("\n<done>");
}

/// After a write that failed in the middle, the file has what was whole, and what was lost is counted.
fn write_fails(path: &str) {
    let (_ring, recording, publisher) = begun(path, options().keep_bytes(u64::MAX).full_disk(FullDisk::GoOn));
    let mut next = 0;
    while !recording.status().is_full {
        publisher.publish(&event(next), 1).unwrap();
        next += 1;
        let wanted = next;
        while recording.status().written.get() < wanted && !recording.status().is_full {
            thread::sleep(Duration::from_millis(1));
        }
    }
    let status = recording.status();
    assert!(status.durable <= status.written && status.written.get() < next);
    let refused = recording.stop().unwrap_err();
    assert!(matches!(&refused, StopError::Full { from, .. } if *from == status.written), "{refused}");
    let journal = Journal::open(path, Options::default()).unwrap();
    assert_eq!(*journal.found(), Default::default());
    assert_eq!(journal.epochs()[0].end, status.written);
    assert!(is_whole(&journal, status.written.get()));
    println!("\n<done>");
}
