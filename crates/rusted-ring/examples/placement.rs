//! Threads on cores that are close to each other, and a large ring in huge pages near to them. Says what was granted, and what was not and why.
//!
//! ```text
//! publisher --> decode --> store        each on a core of its own, if there are as many
//! ```

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use rusted_ring::placement::{Machine, Placement, RingMemory, pin_thread};
use rusted_ring::{ClosePolicy, HeapLosslessRing, Sole, SolePublisher, topology::Topology};

const FRAME: usize = 16_384;
const SLOTS: usize = 1024;
const FRAMES: u64 = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let machine = Machine::look();
    println!("{} cores may be used, of {} NUMA nodes", machine.cores.len(), machine.nodes.len());

    // On another system than Linux nothing can be measured, and nothing is placed.
    let placement = Placement::measure().unwrap_or_else(|error| {
        println!("not measured: {error}");
        Placement::from_figures([], |_, _| 0.0)
    });
    println!("{placement}\n");

    // Near the publisher, which writes all of it.
    let mut memory = RingMemory::new().huge_pages().locked();
    if let [Some(publisher), ..] = placement.chain(2)[..] {
        memory = memory.near_core(publisher);
    }
    let (ring, report) = HeapLosslessRing::<FRAME, Sole>::with_memory(SLOTS, ClosePolicy::WithLastPublisher, &memory);
    println!("{report}\n");

    let sum = Arc::new(AtomicU64::new(0));
    let stored = sum.clone();
    let graph = Topology::over(ring.clone())
        .placed(&placement)
        .stage("decode")
        .each(|frame, _| assert_eq!(frame.len(), FRAME))
        .stage("store")
        .after(["decode"])
        .each(move |frame, _| _ = stored.fetch_add(u64::from(frame[FRAME - 1]), Relaxed))
        .start()?;
    let placed = graph.placed().expect("it was asked for");
    println!("{placed}\n");
    if let Some(core) = placed.publisher() {
        pin_thread(core)?;
    }

    let mut publisher = SolePublisher::join(ring)?;
    for number in 0..FRAMES {
        publisher.publish_with(FRAME, 1, |frame| frame.fill(number as u8))?;
    }
    println!("{}", graph.drain(Duration::from_secs(30))?);
    assert_eq!(sum.load(Relaxed), (0..FRAMES).map(|number| u64::from(number as u8)).sum());
    Ok(())
}
