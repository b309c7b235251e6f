//! LMAX's pipeline: three stages, each of which continues with the result of the one before it.
//!
//! ```text
//! publisher --> add: first + second --> plus_3 --> count: those with the bit of 4
//! ```
//!
//! A stage notes its result beside the event, in the event's own slot. Relaxed accesses suffice, because a stage receives an event
//! only after the one before it has finished it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rusted_ring::{HeapNotedTypedRing, Notes, Sole, SolePublisher, topology::Topology};

const EVENTS: i64 = 2_000_000;
const CAPACITY: usize = 8192;

/// What the stages note beside each event's operands. All zero at first.
#[repr(C)]
struct Results {
    sum: AtomicI64,
    plus_3: AtomicI64,
}

// SAFETY: all its fields are atomic integers.
unsafe impl Notes for Results {}

fn main() -> Result<(), Box<dyn Error>> {
    // Two operands per event.
    let ring = HeapNotedTypedRing::<[i64; 2], Results, Sole>::sole(CAPACITY);
    let counted = Arc::new(AtomicU64::new(0));
    let count = counted.clone();

    let graph = Topology::over(ring.clone())
        .stage("add")
        .each(|operands, _| operands.notes().sum.store(operands[0] + operands[1], Relaxed))
        .stage("plus_3")
        .after(["add"])
        .each(|event, _| event.notes().plus_3.store(event.notes().sum.load(Relaxed) + 3, Relaxed))
        .stage("count")
        .after(["plus_3"])
        .each(move |event, _| _ = count.fetch_add(u64::from(event.notes().plus_3.load(Relaxed) & 4 == 4), Relaxed))
        .start()?;

    let begun = Instant::now();
    let mut publisher = SolePublisher::join(ring)?;
    for number in 0..EVENTS {
        publisher.send(&[number, 777 - number]);
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
