//! What huge pages are worth: `cargo bench -p rusted-ring --bench memory`.
//!
//! Rings of 64 MiB, in ordinary and in huge pages: events of 16 KiB from one core to another, and events of 64 bytes that one thread reads
//! in another order than it published them. The two kinds take turns; a figure is the median of nine rounds, with the least and the most.
//! Every event is checked.

use std::{
    thread,
    time::{Duration, Instant},
};

use rusted_ring::{
    ClosePolicy, Consumer, HeapLosslessRing, HeapLosslessTypedRing, Sole, SolePublisher, Start,
    placement::{Machine, RingMemory, pin_thread},
};

const BYTES: usize = 64 << 20;
const ROUNDS: usize = 9;
const EVENT: usize = 16_384;

/// Nanoseconds an event through a ring in `memory`, between two cores, or on one thread, if there is no other.
fn core_to_core(memory: &RingMemory, events: usize) -> (f64, u64) {
    let capacity = BYTES / EVENT;
    let (ring, report) = HeapLosslessRing::<EVENT, Sole>::with_memory(capacity, ClosePolicy::WithLastPublisher, memory);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).expect("there is a place");
    let cores = Machine::look().cores;
    let took = thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let _ = cores.last().map(|core| pin_thread(*core));
            let mut sum = 0u64;
            while let Ok(event) = consumer.recv() {
                sum += event.chunks_exact(64).map(|line| u64::from(line[0])).sum::<u64>();
            }
            sum
        });
        let publishing = scope.spawn(|| {
            let _ = cores.first().map(|core| pin_thread(*core));
            let mut publisher = SolePublisher::join(ring).expect("it is the only one");
            let begun = Instant::now();
            for number in 0..events {
                let _ = publisher.publish_with(EVENT, 1, |event| event.fill(number as u8));
            }
            (begun, publisher)
        });
        let (begun, publisher) = publishing.join().expect("it does not panic");
        drop(publisher);
        let sum = reading.join().expect("it does not panic");
        let took = begun.elapsed();
        let expected = (0..events).map(|number| (number as u8) as u64 * (EVENT / 64) as u64).sum::<u64>();
        assert_eq!(sum, expected, "every event arrived");
        took
    });
    (nanoseconds(took, events), report.in_huge_pages)
}

/// Nanoseconds an event of 64 bytes that one thread publishes and then reads in an order that no processor foresees: there a miss of the
/// table of pages costs most.
fn here_and_there(memory: &RingMemory, events: usize) -> (f64, u64) {
    let capacity = BYTES / 64;
    let (ring, report) =
        HeapLosslessTypedRing::<[u64; 8], Sole>::with_memory(capacity, ClosePolicy::WithLastPublisher, memory);
    let mut consumer = Consumer::join(ring.clone(), Start::Newest).expect("there is a place");
    let mut publisher = SolePublisher::join(ring).expect("it is the only one");
    let (mut sum, mut place) = (0, 0);
    let begun = Instant::now();
    for _ in 0..events / capacity {
        (0..capacity as u64).for_each(|number| _ = publisher.send(&[number; 8]));
        let batch = consumer.batch().expect("it is open");
        let [slots, _] = batch.slots();
        assert_eq!(slots.len(), capacity);
        for _ in 0..capacity {
            place = (place + 999_983) % capacity;
            sum += slots[place][0];
        }
    }
    let took = begun.elapsed();
    let rounds = (events / capacity) as u64;
    assert_eq!(sum, rounds * (capacity as u64 * (capacity as u64 - 1) / 2), "every event was read once");
    (nanoseconds(took, events), report.in_huge_pages)
}

fn nanoseconds(took: Duration, events: usize) -> f64 {
    took.as_nanos() as f64 / events as f64
}

fn main() {
    type Measure = fn(&RingMemory, usize) -> (f64, u64);
    let cases: [(&str, Measure, usize); 2] =
        [("16 KiB, core to core", core_to_core, 100_000), ("64 B, here and there", here_and_there, 8 << 20)];
    for (name, measure, count) in cases {
        let memories = [("ordinary pages", RingMemory::new()), ("huge pages", RingMemory::new().huge_pages())];
        let mut figures = [const { Vec::new() }; 2];
        let mut huge = [0; 2];
        for _ in 0..ROUNDS {
            for (which, (_, memory)) in memories.iter().enumerate() {
                let (figure, bytes) = measure(memory, count);
                figures[which].push(figure);
                huge[which] = bytes;
            }
        }
        for (which, (memory, _)) in memories.iter().enumerate() {
            let figures = &mut figures[which];
            figures.sort_by(f64::total_cmp);
            let (least, median, most) = (figures[0], figures[figures.len() / 2], figures[figures.len() - 1]);
            println!(
                "{name:<22} {memory:<14} {median:>8.1} ns an event ({least:.1} to {most:.1}), {} MiB in huge pages",
                huge[which] >> 20
            );
        }
    }
}
