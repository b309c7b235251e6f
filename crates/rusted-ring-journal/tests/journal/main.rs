//! A journal that is written, killed, damaged and filled, and what is read from it afterwards.
//!
//! The other process of a test is this same program, asked for the test `child` and told what to be by its environment. It ends by itself in
//! time, whatever becomes of the test that started it.

mod child;
mod crash;
mod damage;
mod policy;
mod pools;
mod repair;

use std::{
    collections::BTreeMap,
    ops::Range,
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{HeapRing, Publisher, Sequence, subscriber::Kept};
use rusted_ring_journal::{Compression, Options, Reader, Recording};

/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(30);

/// The bytes of the longest event here.
const LONGEST: usize = 200;

/// The event of a sequence: no two neighbours are of one length. It can be compressed.
fn event(sequence: u64) -> Vec<u8> {
    let len = sequence * 7 % LONGEST as u64;
    (0..=len).map(|at| (sequence * 31 + at / 16) as u8).collect()
}

/// The options of a journal that compresses nothing, and of one by each compression.
fn each_compression() -> Vec<Options> {
    let by = |compression| Options::default().compression(compression);
    vec![
        Options::default(),
        by(Compression::Lz4),
        #[cfg(feature = "zstd")]
        by(Compression::Zstd { level: 1, dictionary: None }),
        #[cfg(feature = "zstd")]
        by(Compression::Zstd { level: 1, dictionary: Some(dictionary(b"a stroke of the pen")) }),
    ]
}

#[cfg(feature = "zstd")]
fn dictionary(bytes: &[u8]) -> rusted_ring_journal::Dictionary {
    rusted_ring_journal::Dictionary::new(bytes).unwrap()
}

fn publish(publisher: &Publisher<HeapRing<LONGEST>>, sequences: Range<u64>) {
    for n in sequences {
        let published = publisher.publish(&event(n), n as u32).unwrap();
        assert_eq!(published.get(), n);
    }
}

/// Waits until all below `end` is in files.
fn until_written(recording: &Recording, end: u64) {
    until("the journal does not write", || recording.status().written.get() >= end);
}

/// Looks again and again until `is_so`.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LONG, "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// What a reader has between two sequences.
#[derive(Debug, Default, PartialEq)]
struct Read {
    events: BTreeMap<u64, Vec<u8>>,
    holes: u64,
    missing: Vec<Range<u64>>,
}

impl Read {
    fn lost_ranges(&self) -> Vec<(u64, u64)> {
        self.missing.iter().map(|range| (range.start, range.end)).collect()
    }
}

/// Reads all of `sequences`, which must come in order and be accounted for.
fn read(reader: &mut Reader, sequences: Range<u64>) -> Read {
    let mut read = Read::default();
    let (mut from, to) = (sequences.start, sequences.end);
    let mut buffer = [0; 1024];
    while from < to {
        match reader.read(Sequence::new(from), Sequence::new(to), &mut buffer).unwrap() {
            Kept::Event { len, .. } => {
                read.events.insert(from, buffer[..len].to_vec());
                from += 1;
            }
            Kept::Holes(count) => {
                assert!(count > 0);
                read.holes += count.min(to - from);
                from += count;
            }
            Kept::Missing(count) => {
                assert!(count > 0);
                read.missing.push(from..to.min(from + count));
                from += count;
            }
            Kept::NotYet => panic!("{from} is not written yet"),
        }
    }
    read
}

/// Whether all of `sequences` are there, each with its own event.
fn are_whole(read: &Read, sequences: Range<u64>) -> bool {
    read.missing.is_empty() && read.events.keys().copied().eq(sequences) && are_right(read)
}

/// Whether each event is its sequence's.
fn are_right(read: &Read) -> bool {
    read.events.iter().all(|(sequence, bytes)| *bytes == event(*sequence))
}
