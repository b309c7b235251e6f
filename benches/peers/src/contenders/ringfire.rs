//! ringfire: rings in shared memory, here between threads.

use super::put::put;
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::{BATCH, Tally, fill, fill_batch};
use crate::poll::Poll;
use ringfire::mpmc::MpmcProducer;
use ringfire::spmc::{FlowControl, RecvStatus, RingConsumer, RingProducer, RingProducerBuilder};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Lossy, one writer.
pub(super) struct Lossy;
/// Lossless, one writer.
pub(super) struct Lossless;
/// Lossy, many writers.
pub(super) struct Mpmc;

/// A path of its own for each ring, where memory is a file.
fn path() -> PathBuf {
    static RINGS: AtomicU32 = AtomicU32::new(0);
    let memory = PathBuf::from("/dev/shm");
    let directory = if memory.is_dir() { memory } else { std::env::temp_dir() };
    directory.join(format!("rusted-ring-peers-{}-{}", std::process::id(), RINGS.fetch_add(1, Relaxed)))
}

impl Contender for Lossy {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        ends::<W>(CAP, shape, FlowControl::LossyLatestWins)
    }
}

impl Contender for Lossless {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        ends::<W>(CAP, shape, FlowControl::LosslessBackpressure)
    }
}

impl Contender for Mpmc {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let path = path();
        let mut first = Some(MpmcProducer::create(&path, CAP as u64).expect("shared memory can be made"));
        let writers = (0..shape.writers)
            .map(|_| {
                let another = || MpmcProducer::attach(&path).expect("shared memory can be opened");
                let producer = first.take().unwrap_or_else(another);
                put::<W, _>(move |event: &[u64; W]| {
                    producer.push(event);
                    true
                })
            })
            .collect();
        (writers, readers::<W>(path, shape))
    }
}

fn ends<const W: usize>(slots: usize, shape: Shape, flow: FlowControl) -> (Vec<Writes<W>>, Vec<Reads<W>>) {
    let path = path();
    let builder = RingProducerBuilder::new(slots as u64).flow_control(flow);
    let producer = builder.build(&path).expect("shared memory can be made");
    (vec![Writes { producer, events: vec![[0; W]; BATCH] }], readers(path, shape))
}

/// The last to open the file: without a name, it is gone with this process however that ends.
fn readers<const W: usize>(path: PathBuf, shape: Shape) -> Vec<Reads<W>> {
    let attach = || RingConsumer::builder().start_from_head().attach(&path).expect("shared memory can be opened");
    let readers = (0..shape.readers).map(|_| Reads { consumer: attach(), events: vec![[0; W]; BATCH] }).collect();
    std::fs::remove_file(&path).expect("the file is there");
    readers
}

struct Writes<const W: usize> {
    producer: RingProducer<[u64; W]>,
    events: Vec<[u64; W]>,
}

impl<const W: usize> Publish for Writes<W> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        let event = &mut self.events[0];
        fill(event, sequence);
        poll.until(|| self.producer.try_push(event).is_ok());
    }

    #[inline]
    fn publish_batch(&mut self, first: u64, _poll: Poll) {
        fill_batch(&mut self.events, first);
        self.producer.push_batch(&self.events);
    }
}

struct Reads<const W: usize> {
    consumer: RingConsumer<[u64; W]>,
    events: Vec<[u64; W]>,
}

impl<const W: usize> Receive for Reads<W> {
    #[inline]
    fn receive(&mut self, tally: &mut Tally) -> bool {
        match self.consumer.recv_status() {
            RecvStatus::Ok(event) | RecvStatus::Lapped { item: event, .. } => tally.note(&event),
            RecvStatus::Empty => return false,
        }
        true
    }

    #[inline]
    fn receive_batch(&mut self, tally: &mut Tally) -> bool {
        let count = self.consumer.recv_batch(&mut self.events);
        self.events[..count].iter().for_each(|event| tally.note(event));
        count > 0
    }
}
