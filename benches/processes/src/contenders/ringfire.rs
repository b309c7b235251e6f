//! ringfire: a ring of one producer in a file in shared memory.

use crate::contender::{Contender, Publish, Receive};
use crate::payload::{Words, fill, words};
use crate::poll::Poll;
use ringfire::spmc::{FlowControl, RecvStatus, RingConsumer, RingProducer, RingProducerBuilder};
use std::path::PathBuf;

/// Its producer waits for the slowest consumer.
pub(super) struct Lossless;
/// Its producer overwrites.
pub(super) struct Lossy;

fn path(name: &str) -> PathBuf {
    PathBuf::from("/dev/shm").join(name)
}

fn create<const W: usize>(name: &str, slots: usize, flow: FlowControl) -> anyhow::Result<Writes<W>> {
    let producer = RingProducerBuilder::new(slots as u64).flow_control(flow).build(path(name))?;
    Ok(Writes { producer, event: Box::new([0; W]) })
}

fn attach<const W: usize>(name: &str) -> anyhow::Result<Reads<W>> {
    Ok(Reads(RingConsumer::builder().start_from_head().attach(path(name))?))
}

impl Contender for Lossless {
    fn writer<const W: usize>(name: &str, slots: usize) -> anyhow::Result<impl Publish<W>> {
        create(name, slots, FlowControl::LosslessBackpressure)
    }

    fn reader<const W: usize>(name: &str, _slots: usize) -> anyhow::Result<impl Receive<W>> {
        attach(name)
    }
}

impl Contender for Lossy {
    fn writer<const W: usize>(name: &str, slots: usize) -> anyhow::Result<impl Publish<W>> {
        create(name, slots, FlowControl::LossyLatestWins)
    }

    fn reader<const W: usize>(name: &str, _slots: usize) -> anyhow::Result<impl Receive<W>> {
        attach(name)
    }
}

struct Writes<const W: usize> {
    producer: RingProducer<[u64; W]>,
    event: Box<[u64; W]>,
}

impl<const W: usize> Publish<W> for Writes<W> {
    #[inline]
    fn publish(&mut self, first: u64, poll: Poll) {
        fill(&mut self.event, first);
        poll.until(|| self.producer.try_push(&self.event).is_ok());
    }
}

struct Reads<const W: usize>(RingConsumer<[u64; W]>);

impl<const W: usize> Receive<W> for Reads<W> {
    #[inline]
    fn receive(&mut self, see: impl FnOnce(&Words<W>)) -> bool {
        match self.0.recv_status() {
            RecvStatus::Ok(event) | RecvStatus::Lapped { item: event, .. } => see(words(&event)),
            RecvStatus::Empty => return false,
        }
        true
    }
}
