//! Each byte of a small journal is flipped, and each tail cut off: what is whole is read, and the rest is named.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
    time::SystemTime,
};

use rusted_ring::{Consumer, HeapRing, Publisher, Start};
use rusted_ring_journal::{Found, Journal, Options};

use crate::{LONGEST, Read, are_right, event, publish, read, until_written};

const SEGMENTS: u64 = 3;
const EACH: u64 = 4;
const ALL: Range<u64> = 0..SEGMENTS * EACH;
const HEAD: usize = 16;
/// The bytes of a time's record, and what it has instead of a length. Each segment begins with one.
const TIME: usize = 32;
const IS_TIME: [u8; 4] = (u32::MAX - 2).to_le_bytes();
/// Bytes that are read at a time.
const CHUNK: usize = 256 << 10;

/// A journal of three segments.
fn made() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let ring = HeapRing::<LONGEST>::new(64);
    // A segment ends once it has any bytes and a batch was written: the first write is of one event, or of all.
    let mut consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    for segment in 0..SEGMENTS {
        publish(&publisher, segment * EACH..(segment + 1) * EACH);
        let options = Options::default().segment_bytes(if segment == 0 { 1 } else { 1 << 20 });
        // Each opening begins a segment; the events are there before, so that they are one batch.
        let recording = Journal::open(&directory, options).unwrap().resume(consumer).unwrap();
        until_written(&recording, (segment + 1) * EACH);
        consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
        recording.stop().unwrap();
    }
    directory
}

pub(crate) fn segments(directory: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "journal"));
    paths.sort();
    paths
}

/// Where the records of a segment's events lie, each with its sequence.
fn records(segment: u64) -> Vec<(u64, Range<usize>)> {
    let mut at = HEAD + TIME;
    let place = |sequence: u64| {
        let begin = at;
        at += 24 + event(sequence).len();
        (sequence, begin..at)
    };
    (segment * EACH..(segment + 1) * EACH).map(place).collect()
}

/// Opens a copy of the journal in which one segment has other bytes.
fn opened(original: &Path, segment: usize, bytes: &[u8]) -> (Found, Read) {
    let copy = tempfile::tempdir().unwrap();
    for (at, path) in segments(original).iter().enumerate() {
        let to = copy.path().join(path.file_name().unwrap());
        if at == segment { fs::write(to, bytes).unwrap() } else { _ = fs::copy(path, to).unwrap() }
    }
    let journal = Journal::open(&copy, Options::default()).unwrap();
    let found = journal.found().clone();
    let got = read(&mut journal.reader(1), ALL);
    // What was found once is found no second time, but for what stays in the files.
    drop(journal);
    let again = Journal::open(&copy, Options::default()).unwrap();
    assert_eq!((&again.found().cut, &again.found().damaged), (&None, &found.damaged));
    assert_eq!(read(&mut again.reader(1), ALL), got);
    (found, got)
}

/// Checks that all is read but `lost`, and that this is what was said.
fn is_lost(what: &str, (found, got): (Found, Read), lost: &[u64]) {
    let whole: Vec<u64> = ALL.filter(|sequence| !lost.contains(sequence)).collect();
    assert_eq!(got.events.keys().copied().collect::<Vec<_>>(), whole, "{what}: {found:?}");
    assert!(are_right(&got), "{what}");
    let missing: Vec<u64> = got.missing.iter().cloned().flatten().collect();
    assert_eq!(missing, lost, "{what}");
    let named: Vec<Range<u64>> = found
        .damaged
        .iter()
        .map(|damage| damage.from.get()..damage.to.get())
        .chain(found.cut.iter().map(|cut| cut.end.get()..ALL.end))
        .collect();
    assert_eq!(named.into_iter().flatten().collect::<Vec<_>>(), lost, "{what}: {found:?}");
    assert!(found.cut.is_some() || !found.damaged.is_empty(), "{what}");
}

#[test]
fn each_byte_flipped() {
    let original = made();
    let paths = segments(original.path());
    assert_eq!(paths.len() as u64, SEGMENTS);
    for (segment, path) in paths.iter().enumerate() {
        let bytes = fs::read(path).unwrap();
        let records = records(segment as u64);
        assert_eq!(records.last().unwrap().1.end, bytes.len());
        for byte in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[byte] ^= 1 << (byte % 8);
            let lost: Vec<u64> =
                records.iter().filter(|(_, place)| place.contains(&byte)).map(|(sequence, _)| *sequence).collect();
            assert_eq!(lost.len(), usize::from(byte >= HEAD + TIME));
            is_lost(&format!("segment {segment}, byte {byte}"), opened(original.path(), segment, &flipped), &lost);
        }
    }
}

#[test]
fn cut_off_at_each_byte() {
    let original = made();
    for (segment, path) in segments(original.path()).iter().enumerate() {
        let bytes = fs::read(path).unwrap();
        let records = records(segment as u64);
        for len in 0..bytes.len() {
            let lost: Vec<u64> =
                records.iter().filter(|(_, place)| place.end > len).map(|(sequence, _)| *sequence).collect();
            let is_last = segment as u64 == SEGMENTS - 1;
            let opened = opened(original.path(), segment, &bytes[..len]);
            // Cut where a record ends, the youngest segment is whole: nobody can know that there was more.
            if is_last && records.iter().any(|(_, place)| place.end == len) {
                assert_eq!(opened.0, Found::default());
                assert!(are_right(&opened.1));
                assert_eq!(opened.1.events.len(), (ALL.end as usize) - lost.len());
                continue;
            }
            is_lost(&format!("segment {segment}, {len} bytes"), opened, &lost);
        }
    }
}

#[test]
fn pages_that_were_never_written() {
    const EVENTS: u64 = 10_000;
    let directory = tempfile::tempdir().unwrap();
    let ring = HeapRing::<LONGEST>::new(64);
    let recording = Journal::open(&directory, Options::default()).unwrap();
    let recording = recording.record(Consumer::join(ring.clone(), Start::Oldest).unwrap()).unwrap();
    publish(&Publisher::join(ring).unwrap(), 0..EVENTS);
    recording.stop().unwrap();
    let path = segments(directory.path()).remove(0);
    let mut bytes = fs::read(&path).unwrap();
    assert!(bytes.len() > 1 << 20);
    let mut at = HEAD;
    let place = |n: u64| {
        // Another one a second later, if it took so long.
        while bytes[at + 4..at + 8] == IS_TIME {
            at += TIME;
        }
        let begin = at;
        at += 24 + event(n).len();
        begin..at
    };
    let places: Vec<Range<usize>> = (0..EVENTS).map(place).collect();
    assert_eq!(at, bytes.len());
    // From a record on, up to the one that what is read at a time behind the damage ends in.
    let of = |byte: usize| places.iter().find(|place| place.contains(&byte)).unwrap();
    let (first, last) = (of(800_000).start, of(of(800_000).start + CHUNK).start);
    // Pages here and there, more than is read at a time, and bytes like heads of records that go on to the end.
    let holes = [4096..8192, 65_536..69_632, 100_000..500_000, 600_000..600_001, 700_000..740_000, first..last];
    // What was there may be 0.
    let other = !bytes[600_000];
    holes.iter().for_each(|hole| bytes[hole.clone()].fill(0));
    bytes[600_000] = other;
    for place in bytes[700_000..740_000].as_chunks_mut::<24>().0 {
        place[4..8].copy_from_slice(&200_000_u32.to_le_bytes());
        place[16..24].copy_from_slice(&(EVENTS - 1).to_le_bytes());
    }
    fs::write(&path, &bytes).unwrap();

    let is_hit = |place: &Range<usize>| holes.iter().any(|hole| place.start < hole.end && hole.start < place.end);
    let lost: Vec<u64> = (0..EVENTS).filter(|n| is_hit(&places[*n as usize])).collect();
    let journal = Journal::open(&directory, Options::default()).unwrap();
    let got = read(&mut journal.reader(1), 0..EVENTS);
    assert!(are_right(&got));
    assert_eq!(got.missing.iter().cloned().flatten().collect::<Vec<_>>(), lost);
    assert_eq!(got.events.len() + lost.len(), EVENTS as usize);
    let damaged = journal.found().damaged.iter().flat_map(|damage| damage.from.get()..damage.to.get());
    assert_eq!(damaged.collect::<Vec<_>>(), lost);
}

#[test]
fn a_journal_of_the_version_before_is_read_and_gone_on_with() {
    let directory = made();
    for path in segments(directory.path()) {
        let bytes = fs::read(&path).unwrap();
        let mut head = *b"rrjournl\x01\0\0\0\0\0\0\0";
        let crc = crc32c::crc32c(&head[..12]);
        head[12..].copy_from_slice(&crc.to_le_bytes());
        // It had no times.
        fs::write(&path, [&head[..], &bytes[HEAD + TIME..]].concat()).unwrap();
    }
    let journal = Journal::open(&directory, Options::default()).unwrap();
    assert_eq!(*journal.found(), Found::default());
    assert_eq!(journal.reader(1).since(SystemTime::now()).unwrap().get(), 0);
    let ring = HeapRing::<LONGEST>::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    publish(&publisher, ALL);
    let recording = journal.resume(Consumer::join(ring, Start::Newest).unwrap()).unwrap();
    publish(&publisher, ALL.end..ALL.end + 1);
    until_written(&recording, ALL.end + 1);
    let got = read(&mut recording.history(), 0..ALL.end + 1);
    assert!(are_right(&got) && got.missing.is_empty() && got.events.len() as u64 == ALL.end + 1);
    assert_eq!(recording.history().since(SystemTime::now()).unwrap().get(), ALL.end);
    recording.stop().unwrap();
}
