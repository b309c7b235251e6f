//! Subscribers that a journal repairs.

use std::{
    fs,
    sync::mpsc,
    task::{Wake, Waker},
    thread,
    time::{Duration, SystemTime},
};

use rusted_ring::{
    Consumer, HeapRing, HeapTypedRing, Publisher, Sequence, Start, Subscriber,
    subscriber::{History, RecvError},
    wait::{WaitSet, Waitable},
};
use rusted_ring_journal::{FullDisk, Journal, Options, Reader};

use crate::{LONG, LONGEST, are_whole, each_compression, event, publish, read, until, until_written};

#[test]
fn a_reader_a_hundred_rings_behind_loses_nothing_while_events_go_on() {
    each_compression().into_iter().for_each(loses_nothing);
}

fn loses_nothing(options: Options) {
    const CAPACITY: u64 = 256;
    const BEHIND: u64 = 100 * CAPACITY;
    const ALL: u64 = 3 * BEHIND;
    let directory = tempfile::tempdir().unwrap();
    let ring = HeapRing::<LONGEST>::new(CAPACITY as usize);
    let options = options.segment_bytes(100 << 10);
    let journal = Journal::open(&directory, options).unwrap();
    let recording = journal.record(Consumer::join(ring.clone(), Start::Oldest).unwrap()).unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).repaired_by(recording.history());
    let publisher = Publisher::join(ring).unwrap();
    let (asleep, wake) = mpsc::channel();
    let publishing = thread::spawn(move || {
        publish(&publisher, 0..BEHIND);
        asleep.send(()).unwrap();
        publish(&publisher, BEHIND..ALL);
    });
    wake.recv().unwrap();
    for n in 0..ALL {
        assert_eq!(reader.recv().unwrap().bytes(), event(n));
    }
    assert!(matches!(reader.recv(), Err(RecvError::Closed)));
    publishing.join().unwrap();
    assert_eq!((reader.lost(), reader.received() + reader.repaired(), reader.lag()), (0, ALL, 0));
    assert!(reader.repaired() >= BEHIND - CAPACITY);
    assert!(recording.status().segments > 1);
    recording.stop().unwrap();
}

#[test]
fn a_reader_begins_at_a_time_also_after_the_journal_was_opened_anew() {
    // Times are in blocks, too.
    each_compression().into_iter().take(2).for_each(begins_at_a_time);
}

fn begins_at_a_time(options: Options) {
    let directory = tempfile::tempdir().unwrap();
    let ring = HeapTypedRing::<u64>::new(16);
    let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let mut recording = Journal::open(&directory, options.clone()).unwrap().record(consumer).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    assert_eq!(recording.history().since(SystemTime::now()), None);
    (0..100).for_each(|n| _ = publisher.send(&n));
    until_written(&recording, 100);
    // Times are a second apart.
    thread::sleep(Duration::from_millis(1100));
    let between = SystemTime::now();
    (100..200).for_each(|n| _ = publisher.send(&n));
    until_written(&recording, 200);
    for is_new in [false, true] {
        if is_new {
            recording.stop().unwrap();
            let consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
            recording = Journal::open(&directory, options.clone()).unwrap().resume(consumer).unwrap();
        }
        let since = |time| recording.history().since(time).unwrap().get();
        assert_eq!([SystemTime::UNIX_EPOCH, between].map(since), [0, 0], "new: {is_new}");
        assert_eq!(since(SystemTime::now()), 100, "new: {is_new}");
        let start = Start::At(Sequence::new(since(SystemTime::now())));
        let mut reader = Subscriber::join(ring.clone(), start).repaired_by(recording.history());
        (100..200).for_each(|n| assert_eq!(reader.recv().unwrap(), n));
        assert_eq!((reader.lost(), reader.received() + reader.repaired()), (0, 100));
    }
    recording.stop().unwrap();
}

#[test]
fn what_came_while_the_disk_was_full_is_not_taken_for_what_came_before() {
    let directory = tempfile::tempdir().unwrap();
    let (kept, away) = (directory.path().join("kept"), directory.path().join("away"));
    let ring = HeapTypedRing::<u64>::new(16);
    let journal = Journal::open(&kept, Options::default()).unwrap();
    let recording = journal.record(Consumer::join(ring.clone(), Start::Oldest).unwrap()).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    // The first segment cannot be made, for a second and more.
    fs::rename(&kept, &away).unwrap();
    publisher.send(&0);
    until("no write failed", || recording.status().is_full);
    thread::sleep(Duration::from_millis(1100));
    fs::rename(&away, &kept).unwrap();
    until("it is not written", || recording.status().written.get() == 1);
    // The first one's time is more than a second old.
    publisher.send(&1);
    until("it is not written", || recording.status().written.get() == 2);
    assert_eq!(recording.history().since(SystemTime::now()), Some(Sequence::new(1)));
    recording.stop().unwrap();
}

#[test]
fn a_reader_begins_at_any_sequence_that_is_kept_and_is_told_of_what_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let ring = HeapTypedRing::<u64>::new(8);
    let publisher = Publisher::join(ring.clone()).unwrap();
    (0..100).for_each(|n| _ = publisher.send(&n));
    // It cannot have what was overwritten before it was there.
    let consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let recording = Journal::open(&directory, Options::default()).unwrap().record(consumer).unwrap();
    (100..200).for_each(|n| _ = publisher.send(&n));
    until_written(&recording, 200);
    let mut reader = Subscriber::join(ring.clone(), Start::At(Sequence::new(50))).repaired_by(recording.history());
    let Err(RecvError::Lagged(lagged)) = reader.recv() else { panic!("nothing was lost") };
    assert_eq!((lagged.from.get(), lagged.to.get()), (50, 100));
    for n in 100..200 {
        assert_eq!(reader.recv().unwrap(), n);
    }
    // Once nobody records, what the ring overwrites is gone.
    recording.stop().unwrap();
    (200..300).for_each(|n| _ = publisher.send(&n));
    let Err(RecvError::Lagged(lagged)) = reader.recv() else { panic!("nothing was lost") };
    assert_eq!(lagged.from.get(), 200);
    for n in lagged.to.get()..300 {
        assert_eq!(reader.recv_timeout(Duration::from_secs(5)).unwrap(), n);
    }
    assert_eq!(reader.lost(), 50 + (lagged.to.get() - 200));
}

/// Two readers of a set are at the end of what is written, with all they want behind it; a full disk holds the journal there.
#[test]
fn a_set_sleeps_until_the_journal_writes_or_ends() {
    let directory = tempfile::tempdir().unwrap();
    let (kept, away) = (directory.path().join("kept"), directory.path().join("away"));
    for writes_on in [true, false] {
        let ring = HeapTypedRing::<u64>::new(4);
        let options = Options::default().full_disk(FullDisk::GoOn);
        let journal = Journal::open(&kept, options).unwrap();
        let recording = journal.record(Consumer::join(ring.clone(), Start::Oldest).unwrap()).unwrap();
        let readers = [(); 2].map(|()| Subscriber::join(ring.clone(), Start::Oldest));
        let mut readers = readers.map(|reader| reader.repaired_by(recording.history()));
        let publisher = Publisher::join(ring).unwrap();
        fs::rename(&kept, &away).unwrap();
        (0..100).for_each(|n| _ = publisher.send(&n));
        until("no write failed", || recording.status().is_full);
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(30));
                if writes_on {
                    fs::rename(&away, &kept).unwrap();
                } else {
                    assert!(recording.stop().is_err(), "the disk is full");
                    fs::rename(&away, &kept).unwrap();
                }
            });
            let mut set = WaitSet::new();
            let ready = set.wait_timeout(&mut readers, LONG).expect("a waking was lost");
            let other = set.wait_timeout(&mut readers, LONG).expect("a waking was lost");
            assert_eq!(ready + other, 1);
            for reader in &mut readers {
                let got = reader.try_recv();
                if writes_on { assert_eq!(got, Ok(0)) } else { assert!(got.is_err(), "{got:?}") }
            }
        });
    }
}

#[test]
fn a_waker_that_panics_ends_no_recording_and_one_of_a_dropped_reader_is_not_kept() {
    struct Panics;

    impl Wake for Panics {
        fn wake(self: std::sync::Arc<Self>) {
            panic!("a waker");
        }
    }

    let directory = tempfile::tempdir().unwrap();
    let ring = HeapTypedRing::<u64>::new(16);
    let journal = Journal::open(&directory, Options::default()).unwrap();
    let recording = journal.record(Consumer::join(ring.clone(), Start::Oldest).unwrap()).unwrap();
    let panics = std::sync::Arc::new(Panics);
    let waker = Waker::from(panics.clone());
    let (mut stays, mut goes) = (recording.history(), recording.history());
    for _ in 0..2 {
        assert!(stays.register(Sequence::new(0), &waker) && goes.register(Sequence::new(0), &waker));
    }
    drop(waker);
    assert_eq!(std::sync::Arc::strong_count(&panics), 3, "one of each reader");
    drop(goes);
    assert_eq!(std::sync::Arc::strong_count(&panics), 2);
    Publisher::join(ring).unwrap().send(&7);
    until_written(&recording, 1);
    until("it was not woken", || std::sync::Arc::strong_count(&panics) == 1);
    recording.stop().unwrap();
}

#[test]
fn a_look_leaves_the_event_for_the_attempt() {
    let directory = tempfile::tempdir().unwrap();
    let ring = HeapTypedRing::<u64>::new(4);
    let journal = Journal::open(&directory, Options::default()).unwrap();
    let recording = journal.record(Consumer::join(ring.clone(), Start::Oldest).unwrap()).unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Oldest).repaired_by(recording.history());
    let publisher = Publisher::join(ring).unwrap();
    (0..100).for_each(|n| _ = publisher.send(&n));
    let mut set = WaitSet::new();
    for n in 0..100 {
        assert_eq!(set.wait_timeout(&mut [reader.member()], LONG), Some(0));
        assert_eq!(reader.try_recv(), Ok(n));
    }
    assert_eq!((reader.lost(), reader.received() + reader.repaired()), (0, 100));
    recording.stop().unwrap();
}

#[test]
fn a_reader_begins_anywhere_in_a_large_batch() {
    const ALL: u64 = 4000;
    for options in each_compression() {
        let directory = tempfile::tempdir().unwrap();
        let ring = HeapRing::<LONGEST>::new(4096);
        let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
        publish(&Publisher::join(ring).unwrap(), 0..ALL);
        let recording = Journal::open(&directory, options.clone()).unwrap().record(consumer).unwrap();
        until_written(&recording, ALL);
        let each = |reader: Reader| {
            for from in (0..ALL).step_by(171) {
                let all = from..(from + 5).min(ALL);
                assert!(are_whole(&read(&mut reader.clone(), all.clone()), all), "{options:?}, from {from}");
            }
        };
        each(recording.history());
        drop(recording.stop().unwrap());
        each(Journal::open(&directory, options.clone()).unwrap().reader(1));
    }
}
