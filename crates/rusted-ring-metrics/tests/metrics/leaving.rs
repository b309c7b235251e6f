//! Counters never go back, while readers join, read, take names and leave.

use std::collections::BTreeMap;

use crate::parse::Samples;
use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start, Subscriber, ledger::Ledger};
use rusted_ring_metrics::{RingCollector, encode};

type Ring = HeapTypedRing<u64>;

enum Reader {
    Consumer(Consumer<Ring>),
    Subscriber(Subscriber<Ring>),
}

impl Reader {
    fn join(ring: &Ring, gating: bool, name: &str) -> Self {
        match gating {
            true => Reader::Consumer(Consumer::join(ring.clone(), Start::Newest).unwrap().named(name)),
            false => Reader::Subscriber(Subscriber::join(ring.clone(), Start::Newest).named(name)),
        }
    }

    fn named(self, name: &str) -> Self {
        match self {
            Reader::Consumer(reader) => Reader::Consumer(reader.named(name)),
            Reader::Subscriber(reader) => Reader::Subscriber(reader.named(name)),
        }
    }

    fn read(&mut self) {
        match self {
            Reader::Consumer(reader) => _ = reader.try_recv().map(drop),
            Reader::Subscriber(reader) => _ = reader.try_recv(),
        }
    }
}

/// xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
}

const NAMES: [&str; 5] = ["", "archive", "screen", "replica", "audit"];

fn sum(samples: &Samples, name: &str) -> u64 {
    samples.named(name).map(|(_, value)| value as u64).sum()
}

/// Everything that readers have passed by or have before them.
fn accounted(samples: &Samples) -> u64 {
    ["received_events", "lost_sequences", "holes"]
        .iter()
        .map(|part| sum(samples, &format!("rusted_ring_reader_{part}_total")))
        .sum()
}

#[test]
fn counters_never_go_back() {
    for seed in 1..=40 {
        let mut random = Random(seed);
        let ring = Ring::new(32);
        let publisher = Publisher::join(ring.clone()).unwrap();
        let rings = RingCollector::with_max_readers(1 + random.below(12));
        rings.register("r", ring.clone()).unwrap();
        let mut readers = Vec::new();
        let mut before = Samples::of(&encode(&rings));
        for _ in 0..600 {
            let at = random.below(readers.len().max(1));
            let name = NAMES[random.below(NAMES.len())];
            match random.below(12) {
                0 if readers.len() < 20 => readers.push(Reader::join(&ring, random.below(2) == 0, name)),
                1 if !readers.is_empty() => drop(readers.swap_remove(at)),
                2 if !readers.is_empty() => {
                    let renamed = readers.swap_remove(at).named(name);
                    readers.push(renamed);
                }
                3..6 => (0..random.below(40)).for_each(|event| _ = publisher.try_send(&(event as u64))),
                6..8 => {
                    let now = Samples::of(&encode(&rings));
                    now.must_continue(&before);
                    before = now;
                }
                _ => {
                    if let Some(reader) = readers.get_mut(at) {
                        (0..random.below(30)).for_each(|_| reader.read());
                    }
                }
            }
        }
        Samples::of(&encode(&rings)).must_continue(&before);
    }
}

/// With a scrape before every leave, nothing is missed: what the series have is what the test saw in the ledgers.
#[test]
fn what_was_seen_before_a_reader_left_stays_in_the_totals() {
    for seed in 1..=40 {
        let mut random = Random(seed);
        let ring = Ring::new(32);
        let publisher = Publisher::join(ring.clone()).unwrap();
        let rings = RingCollector::new();
        rings.register("r", ring.clone()).unwrap();
        let mut readers = Vec::new();
        // By the sequence at which it joined, kind and entry: what the ledger last said of a reader.
        let mut passed = BTreeMap::new();
        for _ in 0..300 {
            match random.below(6) {
                // A sequence each, so that no two readers of the test are taken for one.
                0 if readers.len() < 20 && publisher.try_send(&0).is_ok() => {
                    let name = NAMES[random.below(NAMES.len())];
                    readers.push(Reader::join(&ring, random.below(2) == 0, name));
                }
                1 if !readers.is_empty() => {
                    encode(&rings);
                    drop(readers.swap_remove(random.below(readers.len())));
                }
                2 | 3 => (0..random.below(40)).for_each(|event| _ = publisher.try_send(&(event as u64))),
                _ if !readers.is_empty() => {
                    let at = random.below(readers.len());
                    (0..random.below(30)).for_each(|_| readers[at].read());
                }
                _ => {}
            }
            for status in Ledger::of(&ring).readers() {
                let reader = (status.joined.get(), status.gating, status.entry);
                passed.insert(reader, status.received + status.lost + status.holes);
            }
        }
        assert_eq!(accounted(&Samples::of(&encode(&rings))), passed.values().sum::<u64>(), "seed {seed}");
    }
}

#[test]
fn a_reader_that_takes_another_name_goes_on_in_another_series() {
    let ring = Ring::new(32);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let rings = RingCollector::new();
    rings.register("r", ring.clone()).unwrap();
    let mut reader = Consumer::join(ring, Start::Newest).unwrap();
    let receive = |reader: &mut Consumer<Ring>, events: usize| {
        (0..events).for_each(|_| {
            publisher.send(&0);
            drop(reader.recv().unwrap());
        });
        Samples::of(&encode(&rings))
    };
    let received = |samples: &Samples, name: &str| {
        samples
            .find("rusted_ring_reader_received_events_total", &[("ring", "r"), ("reader", name), ("kind", "consumer")])
    };
    let before = receive(&mut reader, 3);
    assert_eq!((received(&before, "unnamed"), received(&before, "archive")), (Some(3.0), None));
    reader = reader.named("archive");
    let after = receive(&mut reader, 2);
    assert_eq!((received(&after, "unnamed"), received(&after, "archive")), (Some(3.0), Some(2.0)));
}
