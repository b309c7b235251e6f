//! A program whose rings Prometheus can see: it publishes, two readers read, and the endpoint is asked once, as Prometheus would ask it.
//! `cargo run -p rusted-ring-metrics --features serve --example serve`

use std::{
    error::Error,
    io::{Read, Write},
    net::TcpStream,
};

use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start, Subscriber};
use rusted_ring_metrics::{LOOPBACK, RingCollector, Server, encode};

fn main() -> Result<(), Box<dyn Error>> {
    let ring = HeapTypedRing::<u64>::new(64);
    let publisher = Publisher::join(ring.clone())?;
    let mut archive = Consumer::join(ring.clone(), Start::Newest)?.named("archive");
    let mut screen = Subscriber::join(ring.clone(), Start::Newest).named("screen");

    let rings = RingCollector::new();
    rings.register("orders", ring)?;
    let server = Server::start(LOOPBACK, move || encode(&rings))?;

    for order in 0..1000 {
        publisher.send(&order);
        drop(archive.recv()?);
    }
    // It was overtaken long ago, and goes on where it can.
    while screen.next().is_some() {}

    let mut connection = TcpStream::connect(server.address())?;
    connection.write_all(b"GET /metrics HTTP/1.1\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (_, text) = answer.split_once("\r\n\r\n").ok_or("an answer has a head and a body")?;
    print!("{text}");
    assert!(
        text.contains(
            r#"rusted_ring_reader_received_events_total{ring="orders",reader="archive",kind="consumer"} 1000"#
        )
    );
    Ok(())
}
