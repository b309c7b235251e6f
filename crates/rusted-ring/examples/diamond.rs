//! LMAX's diamond, which plays FizzBuzz: two stages look at every number, each for itself, and a third comes after both and
//! counts those of which both said yes.
//!
//! ```text
//!             +--> fizz: is it a multiple of 3? --+
//! writer -----|                                   +--> fizzbuzz: both?
//!             +--> buzz: is it a multiple of 5? --+
//! ```
//!
//! Events are read only. What a stage finds out about one goes into a column beside the ring, indexed by sequence: relaxed
//! accesses do, for a stage receives an event only once those before it have finished it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rusted_ring::{HeapTypedRing, Sequence, Sole, topology::Topology, writer::SoleWriter};

const EVENTS: u64 = 2_000_000;
const CAPACITY: usize = 8192;

/// One answer for each slot of the ring.
#[derive(Clone)]
struct Column(Arc<[AtomicBool]>);

impl Column {
    fn new() -> Self {
        Column((0..CAPACITY).map(|_| AtomicBool::new(false)).collect())
    }

    fn set(&self, sequence: Sequence, answer: bool) {
        self.0[sequence.get() as usize % CAPACITY].store(answer, Relaxed);
    }

    fn get(&self, sequence: Sequence) -> bool {
        self.0[sequence.get() as usize % CAPACITY].load(Relaxed)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let ring = HeapTypedRing::<u64, Sole>::sole(CAPACITY);
    let (fizz, buzz) = (Column::new(), Column::new());
    let (is_fizz, is_buzz) = (fizz.clone(), buzz.clone());
    let found = Arc::new(AtomicU64::new(0));
    let count = found.clone();

    let graph = Topology::over(ring.clone())
        .stage("fizz")
        .each(move |number, sequence, _| fizz.set(sequence, number.is_multiple_of(3)))
        .stage("buzz")
        .each(move |number, sequence, _| buzz.set(sequence, number.is_multiple_of(5)))
        .stage("fizzbuzz")
        .after(["fizz", "buzz"])
        .each(move |_, sequence, _| {
            if is_fizz.get(sequence) && is_buzz.get(sequence) {
                count.fetch_add(1, Relaxed);
            }
        })
        .start()?;

    let begun = Instant::now();
    let mut writer = SoleWriter::join(ring)?;
    for number in 0..EVENTS {
        writer.send(&number)?;
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
