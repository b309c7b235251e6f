//! What compression is worth to a recording: `cargo bench -p rusted-ring-recording --bench compression [-- DIRECTORY]`.
//!
//! Events of four kinds are recorded and read again, from the page cache: for each, how many times smaller the file is than the events, and the time that an event took, as
//! the median of five rounds. Each event is compared with what was recorded.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Instant,
};

use rusted_ring_recording::{Balance, Compression, Entry, Options, Origin, Recorder, Recording};

const ROUNDS: usize = 5;
/// Bytes of events in a round.
const BYTES: usize = 32 << 20;
/// Between two events, in nanoseconds: 10,000 a second.
const APART: u64 = 100_000;
const COMPRESSIONS: [Compression; 3] = [Compression::Zstd, Compression::Lz4, Compression::None];

/// A generator of numbers that nobody compresses.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// A pen that is moved by a few pixels at a time: its place, pressure, and when it was there.
struct Pen {
    noise: Noise,
    at: [f32; 2],
}

impl Pen {
    fn step(&mut self) -> [f32; 3] {
        let step = self.noise.next();
        self.at[0] += (step % 7) as f32 - 3.0;
        self.at[1] += (step >> 8) as f32 % 5.0 - 2.0;
        [self.at[0], self.at[1], (step >> 16) as f32 % 1000.0 / 1000.0]
    }
}

/// Events of a kind, the same in each run.
fn events(kind: &str) -> Vec<Vec<u8>> {
    let mut pen = Pen { noise: Noise(88_172_645_463_325_252), at: [400.0, 300.0] };
    let text =
        [include_str!("../README.md"), include_str!("../src/lib.rs"), include_str!("../src/recorder.rs")].concat();
    let lines: Vec<&str> = text.lines().filter(|line| line.len() > 20).collect();
    let mut made = |n: usize| match kind {
        "strokes" => {
            let mut stroke = [0; 64];
            stroke[..8].copy_from_slice(&(n as u64 * APART).to_le_bytes());
            stroke[8..16].copy_from_slice(&(n as u64 / 40).to_le_bytes());
            for (place, number) in stroke[16..].chunks_exact_mut(4).zip((0..4).flat_map(|_| pen.step())) {
                place.copy_from_slice(&number.to_le_bytes());
            }
            stroke.to_vec()
        }
        "json" => {
            let [x, y, pressure] = pen.step();
            let time = n as u64 * APART;
            format!(
                r#"{{"type":"stroke","user":"u-{:08x}","time":{time},"x":{x},"y":{y},"pressure":{pressure:.3},"color":"black","tool":"pen","board":"main"}}"#,
                n / 400 % 9
            )
            .into_bytes()
        }
        // A paragraph of prose and code.
        "text" => {
            (0..8).map(|_| lines[pen.noise.next() as usize % lines.len()]).collect::<Vec<_>>().join("\n").into_bytes()
        }
        // As those that were compressed as images are.
        "images" => (0..16_384 / 8).flat_map(|_| pen.noise.next().to_le_bytes()).collect(),
        other => unreachable!("{other} is no kind"),
    };
    let (mut events, mut bytes) = (Vec::new(), 0);
    while bytes < BYTES {
        let event = made(events.len());
        bytes += event.len();
        events.push(event);
    }
    events
}

/// Nanoseconds an event for the recording, and for the reading, and the bytes of the file.
fn round(path: &Path, events: &[Vec<u8>], compression: Compression) -> ([f64; 2], u64) {
    let origin = Origin {
        ring: "bench".to_owned(),
        id: 1,
        epoch: 1,
        capacity: 1024,
        many: false,
        typed: false,
        event: "bytes".to_owned(),
        event_bytes: 16_384,
        align: 1,
        lossless: true,
        first: 0,
    };
    let begun = Instant::now();
    let mut recorder = Recorder::create(path, &origin, Options { compression, replace: true }).expect("a new file");
    for (sequence, event) in (0..).zip(events) {
        recorder.event(sequence * APART, sequence, 1, event).expect("there is room");
    }
    let count = events.len() as u64;
    let ledger = Balance { first: 0, next: count, received: count, ..Balance::default() };
    recorder.finish(count * APART, &ledger).expect("there is room");
    let recorded = begun.elapsed();
    let bytes = fs::metadata(path).expect("it is there").len();
    let begun = Instant::now();
    let mut recording = Recording::open(path).expect("it is whole");
    let mut expected = events.iter();
    while let Some(entry) = recording.read().expect("it is whole") {
        let Entry::Event(event) = entry else { panic!("{entry:?}") };
        assert!(Some(event.data) == expected.next().map(Vec::as_slice), "event {}", event.sequence);
    }
    assert!(expected.next().is_none(), "events are missing");
    let read = begun.elapsed();
    ([recorded, read].map(|took| took.as_nanos() as f64 / count as f64), bytes)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn main() {
    // What cargo adds by itself begins with a dash.
    let place = env::args().skip(1).find(|word| !word.starts_with('-')).map_or_else(env::temp_dir, PathBuf::from);
    let path = place.join(format!("recording-compression-{}.mcap", std::process::id()));
    println!("| events | bytes each | compressed by | times smaller | ns recorded | MB/s | ns read | MB/s |");
    println!("|---|---|---|---|---|---|---|---|");
    for kind in ["strokes", "json", "text", "images"] {
        let events = events(kind);
        let bytes: usize = events.iter().map(Vec::len).sum();
        let each = bytes / events.len();
        for compression in COMPRESSIONS {
            let rounds: Vec<_> = (0..ROUNDS).map(|_| round(&path, &events, compression)).collect();
            let [recorded, read] = [0, 1].map(|at| median(rounds.iter().map(|round| round.0[at]).collect()));
            let rate = |ns: f64| each as f64 / ns * 1e3;
            println!(
                "| {kind} | {each} | {compression:?} | {:.2} | {recorded:.0} | {:.0} | {read:.0} | {:.0} |",
                bytes as f64 / rounds[0].1 as f64,
                rate(recorded),
                rate(read)
            );
        }
    }
    fs::remove_file(path).expect("it is this program's");
}
