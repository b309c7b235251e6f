//! Two rings in a row, 256 bytes in and 1 KiB out: three stages, and every event passes all of them.
//!
//! A stage reads as a `Consumer`, so a slow one holds up the one before it, and nothing is dropped on the way. When the
//! first stage's writer goes, its ring closes; the next stage reads to the end and lets its own writer go.

use std::thread;

use rusted_ring::{ClosePolicy, Consumer, RingBuffer, Writer, writer::PublishError};

const EVENTS: u64 = 50_000;
const RAW: u32 = 1;
const ENRICHED: u32 = 2;

static INPUT: RingBuffer<256, 500> = RingBuffer::closing(ClosePolicy::WithLastWriter);
static OUTPUT: RingBuffer<1024, 200> = RingBuffer::closing(ClosePolicy::WithLastWriter);

/// Stage 1: takes in readings of 200 bytes.
fn ingest(output: Writer<256, 500>) -> Result<(), PublishError> {
    let mut reading = [0; 200];
    for n in 0..EVENTS {
        reading[..8].copy_from_slice(&n.to_le_bytes());
        output.publish(&reading, RAW)?;
    }
    Ok(())
}

/// Stage 2: makes 1,000 bytes of each.
fn enrich(mut input: Consumer<256, 500>, output: Writer<1024, 200>) -> Result<u64, PublishError> {
    let mut enriched = [0; 1000];
    while let Ok(reading) = input.recv() {
        assert_eq!((reading.event_type(), reading.len()), (RAW, 200));
        for part in enriched.chunks_exact_mut(reading.len()) {
            part.copy_from_slice(&reading);
        }
        output.publish(&enriched, ENRICHED)?;
    }
    Ok(input.received())
}

/// Stage 3: checks each and adds up their numbers.
fn emit(mut input: Consumer<1024, 200>) -> (u64, u64) {
    let mut sum = 0;
    while let Ok(event) = input.recv() {
        assert_eq!((event.event_type(), event.len()), (ENRICHED, 1000));
        assert!(event.chunks_exact(200).all(|part| part[..8] == event[..8]));
        sum += u64::from_le_bytes(*event.first_chunk().expect("an event has 1,000 bytes"));
    }
    (input.received(), sum)
}

fn main() {
    // Who reads joins before anything is written: a Consumer gets every event from where it joined.
    let (raw, enriched) = (Consumer::new(&INPUT).unwrap(), Consumer::new(&OUTPUT).unwrap());
    let (ring_1, ring_2) = (Writer::new(&INPUT), Writer::new(&OUTPUT));
    let stage_1 = thread::spawn(move || ingest(ring_1));
    let stage_2 = thread::spawn(move || enrich(raw, ring_2));
    let stage_3 = thread::spawn(move || emit(enriched));

    stage_1.join().unwrap().unwrap();
    let passed = stage_2.join().unwrap().unwrap();
    let (arrived, sum) = stage_3.join().unwrap();
    println!("{EVENTS} taken in, {passed} enriched, {arrived} emitted");
    println!("the numbers add up to {sum}");
    assert_eq!((passed, arrived, sum), (EVENTS, EVENTS, EVENTS * (EVENTS - 1) / 2));
}
