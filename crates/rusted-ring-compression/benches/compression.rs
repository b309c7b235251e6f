//! What compression is worth, and what it takes: `cargo bench -p rusted-ring-compression --all-features --bench compression`.
//!
//! Events of four kinds, of the sizes of an M, an L and an XL event, and of a journal's block: for each how many times smaller they are as they are kept, and the time to pack and to unpack one, beside that of a copy. Each
//! figure is the median of the rounds, over 256 KiB of different events, or one block. What is unpacked is compared with what was packed. Text and images are this repository's own.

use std::{fs, hint::black_box, path::Path, time::Instant};

use rusted_ring_compression::{Compression, Dictionary, Packer, Unpacker};

const ROUNDS: usize = 15;
const SIZES: [usize; 4] = [1 << 10, 4 << 10, 16 << 10, 256 << 10];
/// Bytes of all the events of a round.
const BYTES: usize = 256 << 10;
/// Bytes of others, from which a dictionary is made, where they are made up.
const OTHERS: usize = 2 << 20;
/// Bytes of a dictionary.
const DICTIONARY: usize = 16 << 10;

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

/// A pen that goes on as it did before, more or less, a hundred times a second.
struct Pen {
    noise: Noise,
    at: [f32; 2],
    step: [f32; 2],
    pressure: f32,
    millis: u32,
}

impl Pen {
    /// Its place, pressure and time.
    fn next(&mut self) -> ([f32; 2], f32, u32) {
        for axis in 0..2 {
            self.step[axis] = self.step[axis] * 0.9 + (self.noise.next() % 9) as f32 * 0.25 - 1.0;
            // In quarters of a pixel, as browsers give it.
            self.at[axis] = ((self.at[axis] + self.step[axis]).clamp(0.0, 4000.0) * 4.0).round() / 4.0;
        }
        self.pressure = (self.pressure + (self.noise.next() % 5) as f32 / 256.0 - 2.0 / 256.0).clamp(0.0, 1.0);
        self.millis += 9 + (self.noise.next() % 3) as u32;
        (self.at, self.pressure, self.millis)
    }
}

/// Events of a kind, so many bytes or more, the same in each run.
fn made(kind: &str, bytes: usize) -> Vec<u8> {
    let noise = Noise(88_172_645_463_325_252);
    let mut pen = Pen { noise, at: [400.0, 300.0], step: [0.0; 2], pressure: 0.5, millis: 0 };
    let mut made = Vec::with_capacity(bytes + 200);
    while made.len() < bytes {
        match kind {
            "strokes" => {
                let (at, pressure, millis) = pen.next();
                for number in [at[0].to_le_bytes(), at[1].to_le_bytes(), pressure.to_le_bytes(), millis.to_le_bytes()] {
                    made.extend_from_slice(&number);
                }
            }
            "json" => {
                let ([x, y], pressure, millis) = pen.next();
                let user = pen.noise.next() % 50;
                let point = format!(
                    r#"{{"type":"point","user":"u-{user:04x}","x":{x},"y":{y},"pressure":{pressure:.3},"time":{millis}}},"#
                );
                made.extend_from_slice(point.as_bytes());
            }
            other => unreachable!("{other} is no kind"),
        }
    }
    made
}

/// What this repository's files in `folders` hold that end so, one after the other.
fn kept(folders: &[&str], extension: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths: Vec<_> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).expect("a folder of the repository"))
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort();
    paths.iter().flat_map(|path| fs::read(path).expect("a file of the repository")).collect()
}

/// By what events are packed, with a name.
fn compressions(others: &[u8], size: usize) -> Vec<(&'static str, Compression)> {
    let by = |level, dictionary| Compression::Zstd { level, dictionary };
    let mut all = vec![("LZ4", Compression::Lz4), ("zstd 1", by(1, None))];
    // From events that are not measured, if they have anything in common; a block has no need of it.
    let samples: Vec<&[u8]> = others.chunks(size).collect();
    if let (Ok(dictionary), true) = (Dictionary::train(&samples, DICTIONARY), size < BYTES) {
        all.push(("zstd 1 with a dictionary", by(1, Some(dictionary))));
    }
    all
}

/// Nanoseconds for one of so many, as the median of the rounds.
fn timed(count: usize, mut round: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            round();
            begun.elapsed().as_nanos() as f64 / count as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

fn main() {
    println!("| events | bytes each | by | times smaller | ns to pack | ns to unpack | ns to copy |");
    println!("|---|---|---|---|---|---|---|");
    for kind in ["strokes", "json", "text", "images"] {
        let bytes = match kind {
            // Prose, which repeats itself no more than prose does.
            "text" => kept(&["docs", "docs/adr", "."], "md"),
            // Pictures of the whiteboard, which are compressed as PNG.
            "images" => kept(&["apps/whiteboard/docs"], "png"),
            made_up => made(made_up, BYTES + OTHERS),
        };
        let (measured, others) = bytes.split_at(BYTES);
        SIZES.iter().for_each(|size| measure(kind, measured, others, *size));
    }
}

fn measure(kind: &str, measured: &[u8], others: &[u8], size: usize) {
    let events: Vec<&[u8]> = measured.chunks_exact(size).collect();
    let mut copy = vec![0; size];
    let copied = timed(events.len(), || events.iter().for_each(|event| black_box(&mut copy).copy_from_slice(event)));
    for (name, compression) in compressions(others, size) {
        let (mut packer, mut unpacker) = (Packer::new(&compression).events_from(0), Unpacker::new(size));
        if let Compression::Zstd { dictionary: Some(dictionary), .. } = &compression {
            unpacker = unpacker.with_dictionary(dictionary);
        }
        let packed: Vec<(Vec<u8>, u32)> = events
            .iter()
            .map(|event| {
                let (bytes, event_type) = packer.pack_event(event, 1).expect("a type that is free");
                let again = unpacker.unpack_event(bytes, event_type).expect("it was packed");
                assert!(again == (event, 1), "{kind} by {name}");
                (bytes.to_vec(), event_type)
            })
            .collect();
        let kept: usize = packed.iter().map(|(bytes, _)| bytes.len()).sum();
        let pack = timed(events.len(), || {
            events.iter().for_each(|event| _ = black_box(packer.pack_event(black_box(event), 1)));
        });
        let unpack = timed(events.len(), || {
            for (bytes, event_type) in &packed {
                _ = black_box(unpacker.unpack_event(black_box(bytes), *event_type));
            }
        });
        let ratio = (events.len() * size) as f64 / kept as f64;
        println!("| {kind} | {size} | {name} | {ratio:.2} | {pack:.0} | {unpack:.0} | {copied:.0} |");
    }
}
