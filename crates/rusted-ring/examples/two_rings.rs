//! Two rings in a row, 256 bytes in and 1 KiB out: a stage of the first publishes into the second, and each event there names
//! the event that it was made from.
//!
//! A stage never drops an event, so a slow one holds up the one before it. When the first ring closes, its stages read to the
//! end; the stage then drops its publisher, and so the second ring closes, too.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rusted_ring::topology::{Topology, traced};
use rusted_ring::{Closing, Many, Publisher, RingBuffer};

const EVENTS: u64 = 50_000;
const RAW: u32 = 1;
const ENRICHED: u32 = 2;

static INPUT: RingBuffer<256, 500, Many, Closing> = RingBuffer::closing();
static OUTPUT: RingBuffer<1024, 200, Many, Closing> = RingBuffer::closing();

fn main() -> Result<(), Box<dyn Error>> {
    let sum = Arc::new(AtomicU64::new(0));
    let total = sum.clone();
    // The second graph joins its ring before anything is published there.
    let emitting = Topology::over(&OUTPUT)
        .stage("emit")
        .each(move |event, _| {
            let (source, made) = traced(event).ok_or("an event without its source")?;
            assert_eq!((event.event_type(), made.len()), (ENRICHED, 1000));
            let number = u64::from_le_bytes(made[..8].try_into()?);
            assert_eq!(number, source.get(), "the reading that it was made of");
            total.fetch_add(number, Relaxed);
            Ok(())
        })
        .start()?;
    let enriching = Topology::over(&INPUT)
        .stage("enrich")
        .transform(Publisher::join(&OUTPUT)?, |reading, out| {
            assert_eq!((reading.event_type(), reading.len()), (RAW, 200));
            (0..5).for_each(|_| out.extend_from_slice(reading));
            Ok(Some(ENRICHED))
        })
        .start()?;

    let publisher = Publisher::join(&INPUT)?;
    let mut reading = [0; 200];
    for number in 0..EVENTS {
        reading[..8].copy_from_slice(&number.to_le_bytes());
        publisher.publish(&reading, RAW)?;
    }
    drop(publisher);
    println!("{}\n{}", enriching.join()?, emitting.join()?);
    let sum = sum.load(Relaxed);
    println!("the numbers add up to {sum}");
    assert_eq!(sum, EVENTS * (EVENTS - 1) / 2);
    Ok(())
}
