//! Three ways to carry events of 1 to 256 KiB, measured on the machine that runs it: long events, slots of the largest size, fragments.
//!
//! One thread publishes, receives and sums each event's words, so the three do the same work, and nothing runs beside them.

use std::time::{Duration, Instant};

use rusted_ring::{Bytes, Consumer, HeapRing, Publisher, RingRef, SharedRing, Start};

const SLOT: usize = 16 * 1024;
const LONGEST: usize = 256 * 1024;
const EVENTS: u64 = 8_000;
const ROUNDS: usize = 5;

/// The name, the bytes of the payloads, and what measures it once.
type Way<'a> = (&'static str, usize, &'a dyn Fn() -> (Duration, u64));

/// The sum of the events' words.
fn sum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().map(|word| u64::from_le_bytes(*word)).fold(rest.len() as u64, u64::wrapping_add)
}

/// Passes `carry` events of changing lengths; returns the time that took, and the bytes.
fn run(data: &[u8], mut carry: impl FnMut(&[u8]) -> u64) -> (Duration, u64) {
    let (mut bytes, mut random) = (0, 1u64);
    let begun = Instant::now();
    for _ in 0..EVENTS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let len = 1024 + (random >> 33) as usize % (LONGEST - 1024);
        assert_eq!(carry(&data[..len]), sum(&data[..len]), "an event arrives whole");
        bytes += len as u64;
    }
    (begun.elapsed(), bytes)
}

/// The ring as it is: one call publishes an event and one lends it.
fn whole<const N: usize, const SLOT: usize, R>(ring: R, data: &[u8]) -> (Duration, u64)
where
    R: RingRef<Slot = Bytes<N, SLOT>, Mode = rusted_ring::Many>,
{
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    run(data, |event| {
        publisher.publish(event, 1).unwrap();
        sum(&consumer.recv().unwrap())
    })
}

/// What a program would do by itself: the reader reassembles events from pieces. The type says whether a piece is the last.
fn fragments(ring: HeapRing<SLOT>, data: &[u8]) -> (Duration, u64) {
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    let mut buffer = Vec::with_capacity(LONGEST);
    run(data, |event| {
        let mut pieces = event.chunks(SLOT).peekable();
        while let Some(piece) = pieces.next() {
            publisher.publish(piece, u32::from(pieces.peek().is_none())).unwrap();
        }
        buffer.clear();
        loop {
            let piece = consumer.recv().unwrap();
            buffer.extend_from_slice(&piece);
            if piece.event_type() == 1 {
                return sum(&buffer);
            }
        }
    })
}

fn main() {
    let data: Vec<u8> = (0..LONGEST).map(|at| (at * 7) as u8).collect();
    let ways: [Way<'_>; 4] = [
        ("long events, 64 slots of 16 KiB", 64 * SLOT, &|| whole(SharedRing::<Bytes<LONGEST, SLOT>>::new(64), &data)),
        ("slots of 256 KiB, 4 of them", 4 * LONGEST, &|| whole(HeapRing::<LONGEST>::new(4), &data)),
        ("slots of 256 KiB, 64 of them", 64 * LONGEST, &|| whole(HeapRing::<LONGEST>::new(64), &data)),
        ("fragments, 64 slots of 16 KiB", 64 * SLOT, &|| fragments(HeapRing::new(64), &data)),
    ];
    for (name, memory, way) in ways {
        let mut rates: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let (took, bytes) = way();
                bytes as f64 / took.as_secs_f64() / 1e9
            })
            .collect();
        rates.sort_by(f64::total_cmp);
        let (least, median, most) = (rates[0], rates[ROUNDS / 2], rates[ROUNDS - 1]);
        println!("{name:33} {:6} KiB  {median:.2} GB/s ({least:.2} to {most:.2})", memory / 1024);
    }
}
