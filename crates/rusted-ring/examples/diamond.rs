//! LMAX's diamond, which plays FizzBuzz: two stages look at every number independently, and a third comes after both and
//! counts the numbers to which both said yes.
//!
//! ```text
//!             +--> fizz: is it a multiple of 3? --+
//! publisher -----|                                   +--> fizzbuzz: both?
//!             +--> buzz: is it a multiple of 5? --+
//! ```
//!
//! Each stage notes its answer beside the event, in the event's own slot. Relaxed accesses suffice, because a stage receives an
//! event only after the stages before it have finished it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rusted_ring::{HeapNotedTypedRing, Sole, SolePublisher, topology::Topology};

const EVENTS: u64 = 2_000_000;
const CAPACITY: usize = 8192;

/// Two answers: one note from each of the first two stages, for the third.
type Answers = [AtomicU8; 2];

fn main() -> Result<(), Box<dyn Error>> {
    let ring = HeapNotedTypedRing::<u64, Answers, Sole>::sole(CAPACITY);
    let found = Arc::new(AtomicU64::new(0));
    let count = found.clone();

    let graph = Topology::over(ring.clone())
        .stage("fizz")
        .each(|number, _| number.notes()[0].store(number.is_multiple_of(3).into(), Relaxed))
        .stage("buzz")
        .each(|number, _| number.notes()[1].store(number.is_multiple_of(5).into(), Relaxed))
        .stage("fizzbuzz")
        .after(["fizz", "buzz"])
        .each(move |number, _| {
            if number.notes().iter().all(|answer| answer.load(Relaxed) == 1) {
                count.fetch_add(1, Relaxed);
            }
        })
        .start()?;

    let begun = Instant::now();
    let mut publisher = SolePublisher::join(ring)?;
    for number in 0..EVENTS {
        publisher.send(&number);
    }
    println!("{graph}\n\n{}\n", graph.status().dot());
    let report = graph.drain(Duration::from_secs(30))?;
    println!("{report}\n");

    let expected = (0..EVENTS).filter(|number| number.is_multiple_of(15)).count() as u64;
    let found = found.load(Relaxed);
    println!("{found} of {EVENTS} numbers are both, as they should be, in {:?}", begun.elapsed());
    assert_eq!(found, expected);
    Ok(())
}
