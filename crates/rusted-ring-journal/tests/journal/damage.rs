//! Each byte of a small journal is flipped, and each tail cut off: what is whole is read, and the rest is named.

use std::{
    fs,
    io::ErrorKind,
    ops::Range,
    path::{Path, PathBuf},
    time::SystemTime,
};

use rusted_ring::{Consumer, HeapRing, Publisher, Start};
#[cfg(feature = "zstd")]
use rusted_ring_journal::Compression;
use rusted_ring_journal::{Found, Journal, OpenError, Options};

#[cfg(feature = "zstd")]
use crate::dictionary;
use crate::{LONGEST, Read, are_right, each_compression, event, publish, read, until_written};

const SEGMENTS: u64 = 3;
const EACH: u64 = 4;
const ALL: Range<u64> = 0..SEGMENTS * EACH;
const HEAD: usize = 16;
/// The bytes of a time's record, and what it has instead of a length. Each segment begins with one.
const TIME: usize = 32;
const IS_TIME: [u8; 4] = (u32::MAX - 2).to_le_bytes();
/// What a block has instead of a length.
const IS_BLOCK: [u8; 4] = (u32::MAX - 3).to_le_bytes();
/// Bytes that are read at a time.
const CHUNK: usize = 256 << 10;

/// A journal of three segments.
fn made(options: &Options) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let ring = HeapRing::<LONGEST>::new(64);
    // A segment ends once it has any bytes and a batch was written: the first write is of one event, or of all.
    let mut consumer = Consumer::join(ring.clone(), Start::Oldest).unwrap();
    let publisher = Publisher::join(ring.clone()).unwrap();
    for segment in 0..SEGMENTS {
        publish(&publisher, segment * EACH..(segment + 1) * EACH);
        let options = options.clone().segment_bytes(if segment == 0 { 1 } else { 1 << 20 });
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

/// Where the events of a segment lie that compresses nothing, each with its sequence.
fn events(segment: u64) -> Vec<(Range<u64>, Range<usize>)> {
    let mut at = HEAD + TIME;
    let place = |sequence: u64| {
        let begin = at;
        at += 24 + event(sequence).len();
        (sequence..sequence + 1, begin..at)
    };
    (segment * EACH..(segment + 1) * EACH).map(place).collect()
}

/// Where the records of a segment lie that stand for sequences, each with these, as their heads say.
fn records(bytes: &[u8]) -> Vec<(Range<u64>, Range<usize>)> {
    let (mut at, mut records) = (HEAD, Vec::new());
    let word = |at: usize| <[u8; 4]>::try_from(&bytes[at..at + 4]).unwrap();
    while at < bytes.len() {
        let body = match word(at + 4) {
            IS_TIME => 8,
            IS_BLOCK => u32::from_le_bytes(word(at + 8)) as usize,
            len => u32::from_le_bytes(len) as usize,
        };
        let (first, span) = (u64::from_le_bytes(bytes[at + 16..at + 24].try_into().unwrap()), word(at + 12));
        let begin = at;
        at += 24 + body;
        if span != [0; 4] {
            records.push((first..first + u64::from(u32::from_le_bytes(span)), begin..at));
        }
    }
    records
}

/// The sequences of the records whose places `are_lost`.
fn sequences(records: &[(Range<u64>, Range<usize>)], are_lost: impl Fn(&Range<usize>) -> bool) -> Vec<u64> {
    records.iter().filter(|(_, place)| are_lost(place)).flat_map(|(sequences, _)| sequences.clone()).collect()
}

/// Opens a copy of the journal in which one segment has other bytes.
fn opened(original: &Path, options: &Options, segment: usize, bytes: &[u8]) -> (Found, Read) {
    let copy = tempfile::tempdir().unwrap();
    for (at, path) in segments(original).iter().enumerate() {
        let to = copy.path().join(path.file_name().unwrap());
        if at == segment { fs::write(to, bytes).unwrap() } else { _ = fs::copy(path, to).unwrap() }
    }
    let journal = Journal::open(&copy, options.clone()).unwrap();
    let found = journal.found().clone();
    let got = read(&mut journal.reader(1), ALL);
    // What was found once is found no second time, but for what stays in the files.
    drop(journal);
    let again = Journal::open(&copy, options.clone()).unwrap();
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
    for (n, options) in each_compression().iter().enumerate() {
        let original = made(options);
        let paths = segments(original.path());
        assert_eq!(paths.len() as u64, SEGMENTS);
        for (segment, path) in paths.iter().enumerate() {
            let bytes = fs::read(path).unwrap();
            let records = records(&bytes);
            // All in one block, or each event by itself.
            let all = segment as u64 * EACH..(segment as u64 + 1) * EACH;
            let expected = if n > 0 { vec![(all, HEAD..bytes.len())] } else { events(segment as u64) };
            assert_eq!(records, expected);
            for byte in 0..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[byte] ^= 1 << (byte % 8);
                let lost = sequences(&records, |place| place.contains(&byte));
                let what = format!("{options:?}, segment {segment}, byte {byte}");
                is_lost(&what, opened(original.path(), options, segment, &flipped), &lost);
            }
        }
    }
}

#[test]
fn cut_off_at_each_byte() {
    for options in &each_compression() {
        let original = made(options);
        for (segment, path) in segments(original.path()).iter().enumerate() {
            let bytes = fs::read(path).unwrap();
            let records = records(&bytes);
            for len in 0..bytes.len() {
                let lost = sequences(&records, |place| place.end > len);
                let is_last = segment as u64 == SEGMENTS - 1;
                let opened = opened(original.path(), options, segment, &bytes[..len]);
                // Cut where a record ends, the youngest segment is whole: nobody can know that there was more.
                if is_last && records.iter().any(|(_, place)| place.end == len) {
                    assert_eq!(opened.0, Found::default());
                    assert!(are_right(&opened.1));
                    assert_eq!(opened.1.events.len(), (ALL.end as usize) - lost.len());
                    continue;
                }
                is_lost(&format!("{options:?}, segment {segment}, {len} bytes"), opened, &lost);
            }
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
fn a_block_that_was_never_written_whole_takes_its_own_sequences_alone() {
    const BATCHES: u64 = 40;
    const EVENTS: u64 = 50;
    for options in &each_compression()[1..] {
        let directory = tempfile::tempdir().unwrap();
        let ring = HeapRing::<LONGEST>::new(64);
        let recording = Journal::open(&directory, options.clone()).unwrap();
        let recording = recording.record(Consumer::join(ring.clone(), Start::Oldest).unwrap()).unwrap();
        let publisher = Publisher::join(ring).unwrap();
        for batch in 0..BATCHES {
            publish(&publisher, batch * EVENTS..(batch + 1) * EVENTS);
            until_written(&recording, (batch + 1) * EVENTS);
        }
        recording.stop().unwrap();
        let path = segments(directory.path()).remove(0);
        let mut bytes = fs::read(&path).unwrap();
        let records = records(&bytes);
        // A page that was not written, the byte before a block, one in it, and one behind it.
        let of = |sequence: u64| records.iter().find(|(all, _)| all.contains(&sequence)).unwrap().1.clone();
        let (tenth, last) = (of(10 * EVENTS), of(BATCHES * EVENTS - 1));
        let holes = [tenth.start + 30..tenth.end + 30, of(1000).start - 1..of(1000).start, last.end - 1..last.end];
        for byte in holes.iter().flat_map(Clone::clone) {
            bytes[byte] = !bytes[byte];
        }
        fs::write(&path, &bytes).unwrap();
        let lost =
            sequences(&records, |place| holes.iter().any(|hole| place.start < hole.end && hole.start < place.end));
        assert!(lost.len() >= 3 && lost.len() < (BATCHES * EVENTS / 2) as usize, "{options:?}: {}", lost.len());
        let journal = Journal::open(&directory, options.clone()).unwrap();
        let got = read(&mut journal.reader(1), 0..BATCHES * EVENTS);
        assert!(are_right(&got));
        assert_eq!(got.missing.iter().cloned().flatten().collect::<Vec<_>>(), lost);
        assert_eq!(got.events.len() + lost.len(), (BATCHES * EVENTS) as usize);
        let found = journal.found();
        let named = found.damaged.iter().map(|damage| damage.from.get()..damage.to.get());
        let cut = found.cut.iter().map(|cut| cut.end.get()..BATCHES * EVENTS);
        assert_eq!(named.chain(cut).flatten().collect::<Vec<_>>(), lost);
    }
}

#[test]
fn a_batch_that_does_not_shrink_is_written_as_it_is_without_compression() {
    const EVENTS: u64 = 50;
    for options in &each_compression() {
        let directory = tempfile::tempdir().unwrap();
        let ring = HeapRing::<LONGEST>::new(64);
        let publisher = Publisher::join(ring.clone()).unwrap();
        let consumer = Consumer::join(ring, Start::Oldest).unwrap();
        let recording = Journal::open(&directory, options.clone()).unwrap().record(consumer).unwrap();
        let mut noise = 88_172_645_463_325_252_u64;
        let mut next = || {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            noise as u8
        };
        let mut events = Vec::new();
        for n in 0..EVENTS {
            let event: Vec<u8> = (0..LONGEST).map(|_| next()).collect();
            publisher.publish(&event, 1).unwrap();
            events.push(event);
            // Each is a batch: many together have heads that shrink.
            until_written(&recording, n + 1);
        }
        drop(recording.stop().unwrap());
        let bytes = fs::read(&segments(directory.path())[0]).unwrap();
        // A time beside one is enough to shrink.
        let as_they_are = records(&bytes).iter().filter(|(_, place)| place.len() == 24 + LONGEST).count();
        assert!(as_they_are > EVENTS as usize / 2, "{options:?}: {as_they_are}");
        let journal = Journal::open(&directory, options.clone()).unwrap();
        let got = read(&mut journal.reader(1), 0..EVENTS);
        assert!(got.events.into_values().eq(events));
    }
}

/// Whether a journal is refused because of what a block was compressed by, and is as it was.
fn is_refused(directory: &Path, options: &Options, because: &str) {
    let files = || segments(directory).iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>();
    let before = files();
    let refused = Journal::open(directory, options.clone()).unwrap_err();
    let OpenError::Io { cause, .. } = &refused else { panic!("{refused}") };
    assert_eq!(cause.kind(), ErrorKind::Unsupported);
    assert!(refused.to_string().contains(because), "{refused}");
    assert_eq!(files(), before);
}

#[test]
fn a_block_by_a_codec_that_is_not_here_is_refused_and_not_taken_for_damage() {
    let directory = made(&each_compression()[1]);
    // The youngest, whose tail would be cut.
    let path = segments(directory.path()).pop().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[HEAD + 24 + 4] = 77;
    let first = &bytes[HEAD + 16..HEAD + 24];
    let salt = crc32c::crc32c_append(crc32c::crc32c(&1_u32.to_le_bytes()), first);
    let crc = crc32c::crc32c_append(salt, &bytes[HEAD + 4..]);
    bytes[HEAD..HEAD + 4].copy_from_slice(&crc.to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    is_refused(directory.path(), &Options::default(), "method 77");
}

#[cfg(feature = "zstd")]
#[test]
fn a_dictionary_that_lacks_is_asked_for_and_several_may_be_given() {
    let options = each_compression().remove(3);
    let directory = made(&options);
    is_refused(directory.path(), &Options::default(), "dictionary");
    let other = Compression::Zstd { level: 1, dictionary: Some(dictionary(b"another dictionary")) };
    is_refused(directory.path(), &Options::default().compression(other.clone()), "dictionary");
    let both = Options::default().compression(other).dictionary(dictionary(b"a stroke of the pen"));
    let journal = Journal::open(&directory, both).unwrap();
    let got = read(&mut journal.reader(1), ALL);
    assert!(are_right(&got) && got.events.len() as u64 == ALL.end);
}

#[test]
fn a_journal_of_a_version_before_is_read_and_gone_on_with() {
    gone_on_with(1);
    gone_on_with(2);
}

fn gone_on_with(version: u8) {
    let directory = made(&Options::default());
    for path in segments(directory.path()) {
        let bytes = fs::read(&path).unwrap();
        let mut head = *b"rrjournl\0\0\0\0\0\0\0\0";
        head[8] = version;
        let crc = crc32c::crc32c(&head[..12]);
        head[12..].copy_from_slice(&crc.to_le_bytes());
        // The first one had no times.
        let records = &bytes[if version == 1 { HEAD + TIME } else { HEAD }..];
        fs::write(&path, [&head[..], records].concat()).unwrap();
    }
    let journal = Journal::open(&directory, Options::default()).unwrap();
    assert_eq!(*journal.found(), Found::default());
    let since = journal.reader(1).since(SystemTime::now()).unwrap().get();
    assert_eq!(since, if version == 1 { 0 } else { ALL.end - EACH });
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
