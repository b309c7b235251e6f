//! What a scrape costs: a hundred rings with ten readers each.
//! `cargo run --release -p rusted-ring-metrics --example scrape_cost`

use std::{error::Error, fs, time::Instant};

use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start, Subscriber};
use rusted_ring_metrics::{RingCollector, encode};

const RINGS: usize = 100;
const READERS: usize = 10;
const SCRAPES: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let rings = RingCollector::new();
    let (mut consumers, mut subscribers) = (Vec::new(), Vec::new());
    for number in 0..RINGS {
        let ring = HeapTypedRing::<u64>::new(256);
        for reader in 0..READERS / 2 {
            let name = format!("reader {reader}");
            consumers.push(Consumer::join(ring.clone(), Start::Newest)?.named(&name));
            subscribers.push(Subscriber::join(ring.clone(), Start::Newest).named(&name));
        }
        Publisher::join(ring.clone())?.send_batch(&[0; 100]);
        rings.register(&format!("ring {number}"), ring)?;
    }

    let mut times = Vec::new();
    for _ in 0..SCRAPES {
        let begun = Instant::now();
        let text = encode(&rings);
        times.push(begun.elapsed());
        assert!(text.ends_with("# EOF\n"));
    }
    times.sort_unstable();

    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let fact = |name: &str| {
        let mut facts = processors.lines().filter_map(|line| line.split_once(':'));
        facts.find(|(of, _)| of.trim() == name).map_or("unknown", |(_, fact)| fact.trim())
    };
    println!("{}, family {}, model {}", fact("model name"), fact("cpu family"), fact("model"));
    let lines = encode(&rings).lines().count();
    println!("{RINGS} rings, {READERS} readers each: {lines} lines");
    println!("{SCRAPES} scrapes: median {:.2?}, slowest {:.2?}", times[SCRAPES / 2], times[SCRAPES - 1]);
    Ok(())
}
