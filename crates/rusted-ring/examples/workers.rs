//! Four workers share a stage's events, each of which takes a millisecond; a stage after them receives all, in order.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use rusted_ring::topology::{Topology, each};
use rusted_ring::{HeapTypedRing, Sole, SolePublisher};

const EVENTS: u64 = 1000;
const WORKERS: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let ring = HeapTypedRing::<u64, Sole>::sole(64);
    let next = Arc::new(AtomicU64::new(0));
    let expected = next.clone();
    let graph = Topology::over(ring.clone())
        .stage("resize")
        .workers(WORKERS, |_worker| each(|_, _| thread::sleep(Duration::from_millis(1))))
        .stage("send")
        .after(["resize"])
        .each(move |number, _| assert_eq!(**number, expected.fetch_add(1, Relaxed), "in order"))
        .start()?;

    let begun = Instant::now();
    let mut publisher = SolePublisher::join(ring)?;
    for number in 0..EVENTS {
        publisher.send(&number);
    }
    println!("{graph}\n");
    let report = graph.drain(Duration::from_secs(30))?;
    println!("{report}\n");

    let resize = report.stage("resize").ok_or("there is such a stage")?;
    println!("{:?} events each, in {:?}", resize.workers, begun.elapsed());
    assert_eq!((resize.processed, next.load(Relaxed)), (EVENTS, EVENTS));
    assert!(resize.workers.iter().all(|&share| share > 0), "all of them worked");
    Ok(())
}
