//! What a journal keeps, when it is durable, and who may write it.

use std::{
    fs::{self, File},
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use rusted_ring::{
    Bytes, Consumer, HeapRing, Many, Publisher, Sequence, SharedRing, Start,
    ledger::Ledger,
    subscriber::{History, Kept},
};
use rusted_ring_journal::{Journal, OpenError, Options, PositionError, RecordError, SyncPolicy};

use tempfile::TempDir;

use crate::{
    LONG, LONGEST, are_right, are_whole, damage::segments, each_compression, publish, read, until, until_written,
};

#[test]
fn two_writers_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(&directory, Options::default()).unwrap();
    let refused = Journal::open(&directory, Options::default()).unwrap_err();
    assert!(matches!(&refused, OpenError::InUse(path) if path == directory.path()), "{refused}");
    drop(journal);
    Journal::open(&directory, Options::default()).unwrap();
}

#[test]
fn each_recording_is_an_epoch_and_a_resumed_one_says_what_it_missed() {
    let directory = tempfile::tempdir().unwrap();
    for epoch in 1..=2 {
        let ring = HeapRing::<LONGEST>::new(64);
        let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
        let recording = Journal::open(&directory, Options::default()).unwrap().record(consumer).unwrap();
        assert_eq!(recording.epoch(), epoch);
        publish(&Publisher::join(ring).unwrap(), 0..50);
        let journal = recording.stop().unwrap();
        assert!(are_whole(&read(&mut journal.reader(epoch), 0..50), 0..50));
    }
    let ring = HeapRing::<LONGEST>::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let early = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let refused = Journal::open(&directory, Options::default()).unwrap().resume(early).unwrap_err();
    assert!(matches!(refused, RecordError::Behind { .. }), "{refused}");
    publish(&publisher, 0..80);
    let consumer = Consumer::join(ring, Start::Newest).unwrap();
    let recording = Journal::open(&directory, Options::default()).unwrap().resume(consumer).unwrap();
    assert_eq!((recording.epoch(), recording.status().lost), (2, 30));
    publish(&publisher, 80..100);
    drop(publisher);
    let journal = recording.stop().unwrap();
    let got = read(&mut journal.reader(2), 0..100);
    assert_eq!((got.lost_ranges(), got.events.len()), (vec![(50, 80)], 70));
    assert!(are_right(&got));
    let epochs: Vec<(u32, u64)> = journal.epochs().iter().map(|epoch| (epoch.number, epoch.end.get())).collect();
    assert_eq!(epochs, [(1, 50), (2, 100)]);
}

#[test]
fn what_is_durable_is_said() {
    let durable = |sync: SyncPolicy| {
        let directory = tempfile::tempdir().unwrap();
        let ring = HeapRing::<LONGEST>::new(64);
        let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
        let recording = Journal::open(&directory, Options::default().sync(sync)).unwrap().record(consumer).unwrap();
        let publisher = Publisher::join(ring).unwrap();
        publish(&publisher, 0..200);
        until_written(&recording, 200);
        let wait = if sync == SyncPolicy::Never { Duration::from_millis(1) } else { LONG };
        let is_durable = recording.wait_durable(Sequence::new(200), wait);
        assert_eq!(is_durable, recording.status().durable.get() == 200);
        recording.stop().unwrap();
        is_durable
    };
    assert!(durable(SyncPolicy::EachBatch));
    assert!(durable(SyncPolicy::Every(Duration::from_millis(20))));
    assert!(!durable(SyncPolicy::Never));
}

#[test]
fn the_rings_ledger_says_what_is_durable() {
    let durable = |ring: &_| Ledger::of(ring).readers().next().map(|journal| journal.durable);
    for (sync, expected) in [(SyncPolicy::Every(Duration::from_millis(5)), 200), (SyncPolicy::Never, 0)] {
        let directory = tempfile::tempdir().unwrap();
        let ring = HeapRing::<LONGEST>::new(64);
        let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
        assert_eq!(durable(&ring), Some(None), "nobody said anything");
        let recording = Journal::open(&directory, Options::default().sync(sync)).unwrap().record(consumer).unwrap();
        let publisher = Publisher::join(ring.clone()).unwrap();
        publish(&publisher, 0..200);
        until_written(&recording, 200);
        until("the ledger does not say it", || durable(&ring) == Some(Some(Sequence::new(expected))));
        assert_eq!(recording.status().durable.get(), expected);
        recording.stop().unwrap();
        assert_eq!(durable(&ring), None);
    }
}

#[test]
fn old_segments_go_by_size_while_they_are_read() {
    each_compression().into_iter().for_each(go_by_size);
}

fn go_by_size(options: Options) {
    let directory = tempfile::tempdir().unwrap();
    let ring = HeapRing::<LONGEST>::new(64);
    let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let options = options.segment_bytes(2 << 10).keep_bytes(16 << 10);
    let recording = Journal::open(&directory, options).unwrap().record(consumer).unwrap();
    let mut reader = recording.history();
    let publishing = thread::spawn(move || publish(&Publisher::join(ring).unwrap(), 0..30_000));
    let (mut from, mut events, mut missing) = (0, 0, 0);
    let mut buffer = [0; LONGEST + 1];
    while from < 30_000 {
        match History::next(&mut reader, Sequence::new(from), Sequence::new(30_000), &mut buffer) {
            Kept::Event { len, event_type } => {
                assert_eq!((&buffer[..len], event_type), (&crate::event(from)[..], from as u32));
                (from, events) = (from + 1, events + 1);
                if events % 1000 == 0 {
                    // Slower than the writer, so that segments go while they are read.
                    thread::sleep(Duration::from_millis(5));
                }
            }
            Kept::Missing(count) => (from, missing) = (from + count, missing + count),
            Kept::Holes(count) => panic!("{count} holes"),
            Kept::NotYet => reader.wait(Sequence::new(from), LONG),
        }
    }
    publishing.join().unwrap();
    assert_eq!(events + missing, 30_000);
    let status = recording.status();
    // Looked at when a segment began: that one may have grown since, and ends with a batch, which is a mebibyte and an event at most.
    assert!(status.bytes <= (16 + 2 + 1024 + 1) << 10, "{status:?}");
    let oldest = reader.oldest().unwrap().get();
    assert!(oldest > 0);
    let got = read(&mut reader, 0..30_000);
    assert_eq!(got.lost_ranges(), [(0, oldest)]);
    assert!(are_right(&got));
    recording.stop().unwrap();
}

#[test]
fn old_segments_go_by_age() {
    each_compression().into_iter().for_each(go_by_age);
}

fn go_by_age(options: Options) {
    let directory = tempfile::tempdir().unwrap();
    let ring = HeapRing::<LONGEST>::new(64);
    let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let options = options.segment_bytes(1).keep_for(Duration::from_secs(3600));
    let recording = Journal::open(&directory, options.clone()).unwrap().record(consumer).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    publish(&publisher, 0..10);
    until_written(&recording, 10);
    // A clock that is set while the journal is open makes nothing older.
    date_all(&directory, SystemTime::now() - Duration::from_secs(7200));
    publish(&publisher, 10..20);
    until_written(&recording, 20);
    assert!(are_right(&read(&mut recording.history(), 0..20)));
    let journal = recording.stop().unwrap();
    assert_eq!(journal.epochs()[0].oldest.get(), 0);
    drop(journal);

    // Found, they are two hours old.
    date_all(&directory, SystemTime::now() - Duration::from_secs(7200));
    assert_eq!(oldest_epoch_after_another(&directory, &options), 2);
    // And by a clock that is not set they are new, also those of a clock that was ahead.
    for wrong in [SystemTime::UNIX_EPOCH + Duration::from_secs(60), SystemTime::now() + Duration::from_secs(7200)] {
        date_all(&directory, wrong);
        assert_eq!(oldest_epoch_after_another(&directory, &options), 2);
    }
    // No segment is older than the one before it.
    let mut segments: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    segments.retain(|path| path.extension().is_some_and(|extension| extension == "journal"));
    date(&segments[1], SystemTime::now() - Duration::from_secs(7200));
    assert_eq!(oldest_epoch_after_another(&directory, &options), 2);

    // Written by this one, it goes once it is older.
    let ring = HeapRing::<LONGEST>::new(64);
    let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let options = options.keep_for(Duration::from_millis(5));
    let recording = Journal::open(&directory, options).unwrap().record(consumer).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    publish(&publisher, 0..10);
    until_written(&recording, 10);
    thread::sleep(Duration::from_millis(20));
    publish(&publisher, 10..20);
    until_written(&recording, 20);
    // Those behind it may be as old by now.
    until("an old segment stays", || recording.history().oldest().is_some_and(|oldest| oldest.get() >= 10));
}

/// Gives a file this time stamp.
fn date(path: &Path, time: SystemTime) {
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

fn date_all(directory: &TempDir, time: SystemTime) {
    fs::read_dir(directory).unwrap().for_each(|entry| date(&entry.unwrap().path(), time));
}

/// Records an epoch of one event, and returns which epoch is then the oldest.
fn oldest_epoch_after_another(directory: &TempDir, options: &Options) -> u32 {
    let ring = HeapRing::<LONGEST>::new(64);
    let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let journal = Journal::open(directory, options.clone()).unwrap();
    let recording = journal.record(consumer).unwrap();
    publish(&Publisher::join(ring).unwrap(), 0..1);
    recording.stop().unwrap().epochs()[0].number
}

#[test]
fn holes_at_the_end_are_recorded_when_it_stops_and_when_the_ring_closes() {
    for closes in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let ring = HeapRing::<LONGEST>::new(64);
        let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
        let recording = Journal::open(&directory, Options::default()).unwrap().record(consumer).unwrap();
        let publisher = Publisher::join(ring).unwrap();
        publish(&publisher, 0..3);
        drop(publisher.try_claim().unwrap());
        let publisher = (!closes).then_some(publisher);
        until("it does not end", || !closes || !recording.is_running());
        let journal = recording.stop().unwrap();
        assert_eq!(journal.epochs()[0].end.get(), 4, "closes: {closes}");
        let got = read(&mut journal.reader(1), 0..4);
        assert_eq!((got.events.len(), got.holes, got.missing.len()), (3, 1, 0));
        drop(publisher);
    }
}

#[test]
fn an_epoch_behind_the_last_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(&directory, Options::default()).unwrap();
    journal.position("mail").unwrap().confirm(u32::MAX, Sequence::new(1)).unwrap();
    let consumer = Consumer::join(HeapRing::<LONGEST>::new(64), Start::Oldest).unwrap();
    let refused = journal.record(consumer).unwrap_err();
    assert!(matches!(refused, RecordError::LastEpoch(_)), "{refused}");
    assert!(refused.to_string().contains("another directory"), "{refused}");
}

#[test]
fn an_epoch_of_which_only_positions_are_left_is_not_begun_again() {
    for resumed in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        // A life that was killed before its first write, and whose reader had events live, and confirmed them.
        let journal = Journal::open(&directory, Options::default()).unwrap();
        let mut mail = journal.position("mail").unwrap();
        mail.confirm(1, Sequence::new(50)).unwrap();
        drop((mail, journal));
        let journal = Journal::open(&directory, Options::default()).unwrap();
        let consumer = Consumer::join(HeapRing::<LONGEST>::new(64), Start::Oldest).unwrap();
        let recording = if resumed { journal.resume(consumer) } else { journal.record(consumer) }.unwrap();
        let confirmed = recording.position("mail").unwrap().confirmed().unwrap();
        assert_eq!((confirmed.epoch, recording.epoch()), (1, 2), "events of this life would count as dealt with");
    }
}

#[test]
fn what_an_earlier_life_left_unsynced_is_durable_only_once_it_is_synced() {
    let directory = tempfile::tempdir().unwrap();
    let ring = HeapRing::<LONGEST>::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let never = Options::default().sync(SyncPolicy::Never);
    let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let recording = Journal::open(&directory, never.clone()).unwrap().record(consumer).unwrap();
    publish(&publisher, 0..10);
    recording.stop().unwrap();
    let resume = |options| {
        let consumer = Consumer::join(ring.clone(), Start::At(Sequence::new(10))).unwrap();
        Journal::open(&directory, options).unwrap().resume(consumer).unwrap()
    };
    let recording = resume(never);
    assert_eq!(recording.status().durable.get(), 0, "nobody synced it");
    recording.stop().unwrap();
    // This one syncs it first, and writes it again before: who recorded it may have had a sync that failed, after which the next one says nothing.
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let segment = segments(directory.path()).remove(0);
    File::options().write(true).open(&segment).unwrap().set_modified(old).unwrap();
    let bytes = fs::read(&segment).unwrap();
    let recording = resume(Options::default().sync(SyncPolicy::Every(Duration::from_secs(3600))));
    assert_eq!(recording.status().durable.get(), 10);
    assert_ne!(fs::metadata(&segment).unwrap().modified().unwrap(), old);
    assert_eq!(fs::read(&segment).unwrap(), bytes);
    recording.stop().unwrap();
}

#[test]
fn holes_and_long_events_are_kept_as_they_are() {
    each_compression().into_iter().for_each(are_kept_as_they_are);
}

fn are_kept_as_they_are(options: Options) {
    let directory = tempfile::tempdir().unwrap();
    let ring = SharedRing::<Bytes<64, 16>, Many>::new(16);
    let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let recording = Journal::open(&directory, options).unwrap().record(consumer).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut published = Vec::new();
    for n in 0..100_u8 {
        let event = vec![n; 1 + usize::from(n) * 7 % 64];
        published.push((publisher.publish(&event, 1).unwrap().get(), event));
    }
    let end = published.last().map(|(sequence, event)| sequence + event.len().div_ceil(16) as u64).unwrap();
    let journal = recording.stop().unwrap();
    let (mut from, mut buffer) = (0, [0; 64]);
    let mut reader = journal.reader(1);
    let mut expected = published.iter();
    while from < end {
        match reader.read(Sequence::new(from), Sequence::new(end), &mut buffer).unwrap() {
            Kept::Event { len, .. } => {
                assert_eq!(Some(&(from, buffer[..len].to_vec())), expected.next());
                from += len.div_ceil(16) as u64;
            }
            Kept::Holes(count) => from += count,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(expected.next(), None);
}

#[test]
fn a_position_is_one_readers_and_never_goes_back() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(&directory, Options::default()).unwrap();
    let mut position = journal.position("mail").unwrap();
    assert!(matches!(journal.position("mail"), Err(PositionError::InUse(_))));
    assert!(matches!(journal.position("../mail"), Err(PositionError::Name(_))));
    position.confirm(2, Sequence::new(5)).unwrap();
    let back = position.confirm(1, Sequence::new(9)).unwrap_err();
    assert!(matches!(back, PositionError::Back { .. }), "{back}");
    assert!(matches!(position.confirm(2, Sequence::new(4)), Err(PositionError::Back { .. })));
    // The directory is in use as long as the position.
    drop(journal);
    assert!(matches!(Journal::open(&directory, Options::default()), Err(OpenError::InUse(_))));
    drop(position);
    let journal = Journal::open(&directory, Options::default()).unwrap();
    let confirmed = journal.position("mail").unwrap().confirmed().unwrap();
    assert_eq!((confirmed.epoch, confirmed.next.get()), (2, 5));
    fs::write(directory.path().join("mail.position"), b"torn").unwrap();
    assert!(matches!(journal.position("mail"), Err(PositionError::Damaged(_))));
}

#[test]
fn a_reader_resumes_where_it_confirmed() {
    let directory = tempfile::tempdir().unwrap();
    let ring = HeapRing::<LONGEST>::new(16);
    let consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let recording = Journal::open(&directory, Options::default()).unwrap().record(consumer).unwrap();
    publish(&Publisher::join(ring).unwrap(), 0..100);
    recording.position("mail").unwrap().confirm(1, Sequence::new(30)).unwrap();
    drop(recording.stop().unwrap());
    // The program starts again, with a new ring: the rest of the last epoch comes first.
    let journal = Journal::open(&directory, Options::default()).unwrap();
    let mail = journal.position("mail").unwrap().confirmed().unwrap();
    let rest = mail.next.get()..100;
    assert!(are_whole(&read(&mut journal.reader(mail.epoch), rest.clone()), rest));
}

#[test]
fn another_version_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("0000000001-00000000000000000000.journal");
    let mut head = *b"rrjournl\x04\0\0\0\0\0\0\0";
    let crc = crc32c::crc32c(&head[..12]);
    head[12..].copy_from_slice(&crc.to_le_bytes());
    fs::write(&path, head).unwrap();
    let refused = Journal::open(&directory, Options::default()).unwrap_err();
    assert!(matches!(refused, OpenError::Version { found: 4, expected: 3, .. }), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), head);
}

#[test]
fn a_watch_tells_of_recordings_one_after_the_other_and_how_they_ended() {
    let directory = tempfile::tempdir().unwrap();
    let ring = HeapRing::<LONGEST>::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let journal = Journal::open(directory.path().join("kept"), Options::default().keep_bytes(1 << 20)).unwrap();
    let watch = journal.watch();
    assert_eq!((watch.status().epoch, watch.status().is_recording, watch.status().has_failed), (0, false, false));
    assert_eq!((watch.keep_bytes(), watch.keep_for()), (Some(1 << 20), None));

    publish(&publisher, 0..10);
    let recording = journal.record(Consumer::join(ring.clone(), Start::Newest).unwrap()).unwrap();
    publish(&publisher, 10..50);
    until_written(&recording, 50);
    let status = watch.status();
    assert_eq!((status.epoch, status.began.get(), status.oldest.get(), status.written.get()), (1, 10, 10, 50));
    assert!(status.is_recording && status.bytes > 0 && status.segments == 1);
    let journal = recording.stop().unwrap();
    assert!(!watch.status().is_recording && !watch.status().has_failed);
    assert_eq!((watch.status().written.get(), watch.status().durable.get()), (50, 50));

    // A new epoch needs a new segment, and there is no place for it.
    fs::remove_dir_all(directory.path().join("kept")).unwrap();
    fs::create_dir(directory.path().join("kept")).unwrap();
    let recording = journal.record(Consumer::join(ring.clone(), Start::Newest).unwrap()).unwrap();
    assert_eq!((watch.status().epoch, watch.status().began.get(), watch.status().is_recording), (2, 50, true));
    fs::remove_dir_all(directory.path().join("kept")).unwrap();
    publish(&publisher, 50..60);
    until("no write failed", || watch.status().is_full);
    recording.stop().unwrap_err();
    assert!(!watch.status().is_recording && watch.status().has_failed);
}
