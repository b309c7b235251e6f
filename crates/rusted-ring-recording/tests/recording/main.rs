//! Recordings, written and read, whole and not.

mod compare;
mod damage;
mod foreign;
mod forge;
mod forged;
mod whole;

use std::path::{Path, PathBuf};

use rusted_ring_recording::{Balance, Compression, Entry, Options, Origin, ReadError, Recorder, Recording, Why};
use tempfile::TempDir;

const SECOND: u64 = 1_000_000_000;
/// Behind all events.
const END: u64 = 1 << 60;
const COMPRESSIONS: [Compression; 3] = [Compression::None, Compression::Lz4, Compression::Zstd];

/// A directory for a test's recordings.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn origin() -> Origin {
    Origin {
        ring: "strokes".to_owned(),
        id: 7,
        epoch: 1_796_043_420_015_374_383,
        capacity: 1024,
        many: true,
        typed: false,
        event: "bytes".to_owned(),
        event_bytes: 256,
        align: 1,
        lossless: false,
        first: FIRST,
    }
}

/// Above what MCAP's own sequence can be.
const FIRST: u64 = (1 << 32) + 5;

/// An entry that can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kept {
    Event { time: u64, sequence: u64, event_type: u32, data: Vec<u8> },
    Missing { from: u64, to: u64, why: Why },
}

/// All that can be read, and what ended it.
fn read(path: &Path) -> (Vec<Kept>, Result<Balance, ReadError>) {
    let mut kept = Vec::new();
    let mut recording = match Recording::open(path) {
        Ok(recording) => recording,
        Err(error) => return (kept, Err(error)),
    };
    loop {
        match recording.read() {
            Ok(Some(Entry::Event(event))) => kept.push(Kept::Event {
                time: event.time,
                sequence: event.sequence,
                event_type: event.event_type,
                data: event.data.to_vec(),
            }),
            Ok(Some(Entry::Missing(missing))) => {
                kept.push(Kept::Missing { from: missing.from, to: missing.to, why: missing.why });
            }
            Ok(None) => return (kept, Ok(recording.counted())),
            Err(error) => return (kept, Err(error)),
        }
    }
}

/// The event that has the sequence.
fn event(sequence: u64) -> Kept {
    let data = (0..sequence % 200).map(|n| (n * sequence) as u8).collect();
    Kept::Event { time: SECOND + sequence * 1000, sequence, event_type: sequence as u32 % 5, data }
}

/// What a recording of `events` events has, a tenth of which are missing.
fn entries(events: u64) -> Vec<Kept> {
    (0..events)
        .map(|n| FIRST + n * 10)
        .flat_map(|from| {
            let why = if from % 20 < 10 { Why::Lost } else { Why::Hole };
            (from..from + 9).map(event).chain([Kept::Missing { from: from + 9, to: from + 10, why }])
        })
        .take(events as usize)
        .collect()
}

fn begin(path: &Path, entries: &[Kept], compression: Compression) -> Recorder {
    let mut recorder = Recorder::create(path, &origin(), Options { compression, replace: false }).unwrap();
    for entry in entries {
        match entry {
            Kept::Event { time, sequence, event_type, data } => {
                recorder.event(*time, *sequence, *event_type, data).unwrap();
            }
            Kept::Missing { from, to, why: Why::Lost } => recorder.lost(SECOND + from * 1000, *from, *to).unwrap(),
            // The next event, or the end, passes it over.
            Kept::Missing { .. } => {}
        }
    }
    recorder
}

/// Writes a recording of `entries`, whole.
fn write(path: &Path, entries: &[Kept], compression: Compression) -> Balance {
    let recorder = begin(path, entries, compression);
    let mut balance = recorder.counted();
    if let Some(Kept::Missing { to, why: Why::Hole, .. }) = entries.last() {
        balance.holes += to - balance.next;
        balance.next = *to;
    }
    recorder.finish(END, &balance).unwrap();
    balance
}
