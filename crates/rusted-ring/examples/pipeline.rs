//! LMAX's pipeline: three stages, each of which goes on with what the one before it found out.
//!
//! ```text
//! writer --> add: first + second --> plus_3 --> count: those with the bit of 4
//! ```
//!
//! Events are read only. A stage's results go into a column beside the ring, one word for each slot: relaxed accesses do, for
//! a stage receives an event only once the one before it has finished it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rusted_ring::{HeapTypedRing, Sequence, Sole, topology::Topology, writer::SoleWriter};

const EVENTS: i64 = 2_000_000;
const CAPACITY: usize = 8192;

/// The results of one stage, one for each slot of the ring.
#[derive(Clone)]
struct Column(Arc<[AtomicI64]>);

impl Column {
    fn new() -> Self {
        Column((0..CAPACITY).map(|_| AtomicI64::new(0)).collect())
    }

    fn set(&self, sequence: Sequence, result: i64) {
        self.0[sequence.get() as usize % CAPACITY].store(result, Relaxed);
    }

    fn get(&self, sequence: Sequence) -> i64 {
        self.0[sequence.get() as usize % CAPACITY].load(Relaxed)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // Two operands an event.
    let ring = HeapTypedRing::<[i64; 2], Sole>::sole(CAPACITY);
    let (sums, plus_3) = (Column::new(), Column::new());
    let (sums_before, plus_3_before) = (sums.clone(), plus_3.clone());
    let counted = Arc::new(AtomicU64::new(0));
    let count = counted.clone();

    let graph = Topology::over(ring.clone())
        .stage("add")
        .each(move |operands, sequence, _| sums.set(sequence, operands[0] + operands[1]))
        .stage("plus_3")
        .after(["add"])
        .each(move |_, sequence, _| plus_3.set(sequence, sums_before.get(sequence) + 3))
        .stage("count")
        .after(["plus_3"])
        .each(move |_, sequence, _| _ = count.fetch_add(u64::from(plus_3_before.get(sequence) & 4 == 4), Relaxed))
        .start()?;

    let begun = Instant::now();
    let mut writer = SoleWriter::join(ring)?;
    for number in 0..EVENTS {
        writer.send(&[number, 777 - number])?;
    }
    println!("{graph}\n");
    let report = graph.drain(Duration::from_secs(30))?;
    println!("{report}\n");

    let counted = counted.load(Relaxed);
    println!("checksum {counted}, as it should be, in {:?}", begun.elapsed());
    // Every sum is 777, and 780 has the bit.
    assert_eq!(counted, EVENTS as u64);
    assert!(report.stages.iter().all(|stage| stage.processed == EVENTS as u64));
    Ok(())
}
