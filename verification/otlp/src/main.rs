//! Pushes the metrics of its rings to the receiver whose address is its argument, five times a second, and serves them to be scraped, too.
//!
//! It says the address of its page. When its readers rest it says, behind `ledger=` and between tabs, what each ring has claimed, and
//! what each reader has received and lost, and its lag. It stays until its input ends.

use std::{env, error::Error, io, time::Duration};

use opentelemetry_otlp::{MetricExporter, Protocol, WithExportConfig};
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use rusted_ring::{
    Consumer, HeapTypedRing, Publisher, Sequence, Start, Subscriber, ledger::Ledger, topology::Topology,
};
use rusted_ring_metrics::{JournalSource, Journaled, LOOPBACK, RingCollector, Server, encode, observe};

type Ring = HeapTypedRing<u64>;

/// How often the metrics are pushed.
const INTERVAL: Duration = Duration::from_millis(200);
/// A reader's name of which nothing may be lost on the way.
const HOSTILE: &str = "a\\ \"b\"\n{c=\"d\"} #";

/// A journal at rest, with every figure that one can have.
struct Kept;

impl JournalSource for Kept {
    fn journal(&mut self) -> Option<Journaled> {
        let [oldest, durable, written] = [2, 20, 30].map(Sequence::new);
        Some(Journaled {
            oldest,
            durable,
            written,
            claimed: written,
            segments: 2,
            bytes: 4096,
            max_bytes: Some(8192),
            max_age: Some(Duration::from_millis(1500)),
            is_recording: true,
            ..Journaled::default()
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let receiver =
        env::args().nth(1).ok_or("expected the address of a receiver for OTLP, as http://127.0.0.1:4318/v1/metrics")?;
    let exporter =
        MetricExporter::builder().with_http().with_protocol(Protocol::HttpBinary).with_endpoint(receiver).build()?;
    let reader = PeriodicReader::builder(exporter).with_interval(INTERVAL).build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();

    let (orders, idle) = (Ring::new(64), Ring::new(8));
    let graph = Topology::over(orders.clone()).stage("journal").polled().start()?;
    let mut journal = graph.polled("journal").ok_or("the stage is there")?;
    let rings = RingCollector::new();
    rings.register("orders", orders.clone())?;
    rings.register(HOSTILE, idle.clone())?;
    rings.register_topology("orders", &graph)?;
    rings.register_journal("kept", Kept)?;
    observe(&rings, &provider);
    let served = rings.clone();
    let server = Server::start(LOOPBACK, move || encode(&served))?;
    println!("address={}", server.address());

    let publisher = Publisher::join(orders.clone())?;
    let mut archive = Consumer::join(orders.clone(), Start::Newest)?.named("archive");
    let mut screen = Subscriber::join(orders.clone(), Start::Newest).named("screen");
    let _idle = Consumer::join(idle.clone(), Start::Newest)?.named(HOSTILE);
    let mut leaver = Some(Subscriber::join(orders.clone(), Start::Newest).named("leaver"));
    for event in 0..10_000 {
        publisher.send(&event);
        drop((archive.recv()?, journal.recv()?));
        if event % 100 == 0 {
            _ = screen.try_recv();
            std::thread::sleep(Duration::from_millis(5));
        }
        if event == 5000 {
            leaver = None;
        }
    }
    drop(leaver);
    publisher.send_batch(&[0; 7]);
    for (name, ring) in [("orders", &orders), (HOSTILE, &idle)] {
        println!("ledger={name:?}\t{}", Ledger::of(ring).claimed().get());
        for reader in Ledger::of(ring).readers() {
            println!(
                "ledger={name:?}\t{:?}\t{}\t{}\t{}",
                reader.name.as_str(),
                reader.received,
                reader.lost,
                reader.ahead
            );
        }
    }
    println!("ledger=rests");
    io::stdin().read_line(&mut String::new())?;
    provider.shutdown()?;
    Ok(())
}
