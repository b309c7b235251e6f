//! A graph whose result depends on where its batches end: recorded once, and run again from the recordings with the same result.
//!
//! Run it with `cargo run --release -p rring --example same_again`.

use std::{
    any::type_name,
    error::Error,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rusted_ring::{
    Bytes, Consumer, HeapRing, HeapTypedRing, Publisher, RingRef, Sequence, Slot, Sole, SolePublisher, Start, bytemuck,
    consumer::BatchEvent,
    topology::{Graph, Handler, HandlerError, StageBatch, Topology, Turn},
};
use rusted_ring_recording::{Balance, Clock, Entry, Options, Origin, Recorder, Recording};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Orders = HeapRing<8, Sole>;

const ORDERS: i64 = 20_000;
const CAPACITY: usize = 256;

fn main() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let (orders, batches) = (directory.path().join("orders.mcap"), directory.path().join("batches.mcap"));

    let recorded = {
        let (ring, told) = (Orders::sole(CAPACITY), HeapTypedRing::<StageBatch>::new(1024));
        let recorders = [
            record(&ring, &orders, "bytes", |order| order)?,
            record(&told, &batches, type_name::<StageBatch>(), bytemuck::bytes_of)?,
        ];
        let publisher = Publisher::join(told)?;
        let run = Run::start(Topology::over(ring.clone()).on_batch(move |batch| _ = publisher.send(&batch)))?;
        trade(ring)?;
        let result = run.join()?;
        for recorder in recorders {
            recorder.join().expect("the recorder does not panic")?;
        }
        result
    };
    println!("recorded:            {recorded} trades");

    let ring = Orders::sole(CAPACITY);
    let run = Run::start(Topology::over(ring.clone()).in_batches(read::<StageBatch>(&batches)?))?;
    feed(&orders, ring)?;
    let again = run.join()?;
    println!("in the same batches: {again} trades");

    let ring = Orders::sole(CAPACITY);
    let run = Run::start(Topology::over(ring.clone()))?;
    feed(&orders, ring)?;
    println!("in any batches:      {} trades", run.join()?);

    assert_eq!(recorded, again);
    Ok(())
}

/// Nets what was bought and sold, and makes one trade of the rest at the end of each batch.
struct Net {
    sum: i64,
    trades: Arc<AtomicU64>,
}

impl Handler<Bytes<8>> for Net {
    fn event(&mut self, order: &BatchEvent<'_, Bytes<8>>, _: &mut Turn<'_>) -> std::result::Result<(), HandlerError> {
        self.sum += i64::from_le_bytes(order[..].try_into()?);
        Ok(())
    }

    fn batch_end(&mut self) -> std::result::Result<(), HandlerError> {
        self.trades.fetch_add(u64::from(std::mem::take(&mut self.sum) != 0), Relaxed);
        Ok(())
    }
}

/// A graph at work, and what comes out of it.
struct Run {
    graph: Graph<Orders>,
    trades: Arc<AtomicU64>,
}

impl Run {
    fn start(topology: Topology<Orders>) -> Result<Self> {
        let trades = Arc::default();
        let graph = topology.stage("net").handler(Net { sum: 0, trades: Arc::clone(&trades) }).start()?;
        Ok(Run { graph, trades })
    }

    /// The number of trades, once the ring has closed and all orders are handled.
    fn join(self) -> Result<u64> {
        self.graph.join()?;
        Ok(self.trades.load(Relaxed))
    }
}

/// Buys and sells, now quickly and now slowly.
fn trade(ring: Orders) -> Result<()> {
    let mut publisher = SolePublisher::join(ring)?;
    for order in 0..ORDERS {
        publisher.publish(&(order % 5 - 2).to_le_bytes(), 1)?;
        if order % 97 == 0 {
            thread::sleep(Duration::from_micros(50));
        }
    }
    Ok(())
}

/// Publishes what was recorded, with the sequences that it had.
fn feed(path: &Path, ring: Orders) -> Result<()> {
    let (mut recording, mut publisher) = (Recording::open(path)?, SolePublisher::join(ring)?);
    while let Some(entry) = recording.read()? {
        if let Entry::Event(event) = entry {
            publisher.skip_to(Sequence::new(event.sequence));
            publisher.publish(event.data, event.event_type)?;
        }
    }
    Ok(())
}

/// All values of a recording.
fn read<T: bytemuck::AnyBitPattern>(path: &Path) -> Result<Vec<T>> {
    let (mut recording, mut values) = (Recording::open(path)?, Vec::new());
    while let Some(entry) = recording.read()? {
        if let Entry::Event(event) = entry {
            values.push(bytemuck::pod_read_unaligned(event.data));
        }
    }
    Ok(values)
}

/// Records all that comes through `ring`, until it closes. It loses nothing: publishers wait for it.
fn record<R, S>(ring: &R, path: &Path, event: &str, bytes: fn(&S::View) -> &[u8]) -> Result<JoinHandle<Result<()>>>
where
    R: RingRef<Slot = S> + Clone + Send + Sync + 'static,
    S: Slot,
{
    let mut consumer = Consumer::join(ring.clone(), Start::Oldest)?;
    let origin = Origin {
        ring: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        id: 1,
        epoch: 1,
        capacity: ring.capacity() as u64,
        many: false,
        typed: event != "bytes",
        event: event.to_owned(),
        event_bytes: S::LEN as u64,
        align: 8,
        lossless: true,
        first: consumer.next_sequence().get(),
    };
    let (clock, mut recorder) = (Clock::new(), Recorder::create(path, &origin, Options::default())?);
    Ok(thread::spawn(move || {
        while let Ok(event) = consumer.recv() {
            recorder.event(clock.now(), event.sequence().get(), event.event_type(), bytes(&event))?;
        }
        let (received, holes) = (consumer.received(), consumer.holes());
        let next = consumer.next_sequence().get();
        recorder.finish(clock.now(), &Balance { first: origin.first, next, received, holes, ..Balance::default() })?;
        Ok(())
    }))
}
