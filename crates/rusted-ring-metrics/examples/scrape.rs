//! What Prometheus sees of a ring with a reader that keeps up and one that does not.
//! `cargo run -p rusted-ring-metrics --example scrape`

use std::error::Error;

use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start, Subscriber};
use rusted_ring_metrics::{RingCollector, encode};

fn main() -> Result<(), Box<dyn Error>> {
    let ring = HeapTypedRing::<u64>::new(64);
    let publisher = Publisher::join(ring.clone())?;
    let mut archive = Consumer::join(ring.clone(), Start::Newest)?.named("archive");
    let screen = Subscriber::join(ring.clone(), Start::Newest).named("screen");

    let rings = RingCollector::new();
    rings.register("orders", ring)?;

    for order in 0..1000 {
        publisher.send(&order);
        drop(archive.recv()?);
    }
    // It was overtaken long ago, and goes on where it can.
    let received = screen.count();

    let text = encode(&rings);
    print!("{text}");
    let counts = |reader: &str, events: usize| {
        let line = format!(r#"rusted_ring_reader_received_events_total{{ring="orders",{reader}}} {events}"#);
        assert!(text.lines().any(|other| other == line), "{line}");
    };
    counts(r#"reader="archive",kind="consumer""#, 1000);
    assert!(received < 1000);
    Ok(())
}
