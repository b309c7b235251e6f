//! How fast a journal appends, and how fast it is read: `cargo bench -p rusted-ring-journal --bench append [-- DIRECTORY]`.
//!
//! One publisher, a ring of a mebibyte, and a journal that never syncs, so that the figures are of the page cache. From the first publish until
//! the last event is in a file. Each figure is the median of five rounds, with the least and the most. Every event is read again, and its first and
//! last bytes are checked.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusted_ring::{Consumer, HeapRing, Publisher, Sequence, Start, subscriber::Kept};
use rusted_ring_journal::{Journal, Options, SyncPolicy};

const ROUNDS: usize = 5;
const BYTES: u64 = 512 << 20;

/// Seconds for the appending, and for the reading, of so many events.
fn round<const N: usize>(directory: &Path, events: u64) -> [f64; 2] {
    let ring = HeapRing::<N>::new((1 << 20) / N);
    let consumer = Consumer::join(ring.clone(), Start::Oldest).expect("there is a place");
    let journal =
        Journal::open(directory, Options::default().sync(SyncPolicy::Never)).expect("the directory is this program's");
    let recording = journal.record(consumer).expect("there is a thread");
    let publisher = Publisher::join(ring).expect("the ring is open");
    let begun = Instant::now();
    let mut event = [0; N];
    for n in 0..events {
        event[..8].copy_from_slice(&n.to_le_bytes());
        event[N - 8..].copy_from_slice(&n.to_le_bytes());
        publisher.publish(&event, 1).expect("it fits");
    }
    drop(publisher);
    while recording.is_running() {
        std::thread::sleep(Duration::from_micros(100));
    }
    let appended = begun.elapsed();
    assert_eq!(recording.status().written.get(), events, "every event is in a file");
    let journal = recording.stop().expect("nothing failed");
    let begun = Instant::now();
    let mut reader = journal.reader(1);
    for n in 0..events {
        let kept = reader.read(Sequence::new(n), Sequence::new(events), &mut event).expect("it is readable");
        assert_eq!(kept, Kept::Event { len: N, event_type: 1 });
        assert!(event[..8] == n.to_le_bytes() && event[N - 8..] == n.to_le_bytes(), "event {n}");
    }
    let read = begun.elapsed();
    drop(journal);
    fs::remove_dir_all(directory).expect("the directory is this program's");
    [appended, read].map(|took| took.as_secs_f64())
}

fn measure<const N: usize>(directory: &Path, events: u64) {
    let rounds: Vec<[f64; 2]> = (0..ROUNDS).map(|_| round::<N>(directory, events)).collect();
    for (at, what) in ["appended", "read"].into_iter().enumerate() {
        let mut rates: Vec<f64> = rounds.iter().map(|round| events as f64 / round[at] / 1e6).collect();
        rates.sort_by(f64::total_cmp);
        let [least, median, most] = [rates[0], rates[ROUNDS / 2], rates[ROUNDS - 1]];
        println!(
            "{N:>5} bytes {what:<9} {median:>7.2} M/s ({least:.2} to {most:.2}) {:>6.2} GB/s",
            median * N as f64 / 1e3
        );
    }
}

fn main() {
    // What cargo adds by itself begins with a dash.
    let place = env::args().skip(1).find(|word| !word.starts_with('-')).map_or_else(env::temp_dir, PathBuf::from);
    let directory = place.join(format!("journal-append-{}", std::process::id()));
    println!("to {}, never synced; the median of {ROUNDS} rounds", directory.display());
    measure::<64>(&directory, BYTES / 128);
    measure::<1024>(&directory, BYTES / 1024);
}
