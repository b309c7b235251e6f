//! disruptor-mp: one producer on a segment of shared memory, which waits for its consumers.

use crate::contender::{Contender, Publish, Receive};
use crate::payload::{Words, fill, words};
use crate::poll::Poll;
use anyhow::anyhow;
use disruptor_mp::{
    CoordinationMode, SharedConsumer, SharedProducer, attach_shared_consumer, build_shared_single_producer,
};
use std::time::Duration;

pub(super) struct DisruptorMp;

/// Its events have a default.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Event<const W: usize>([u64; W]);

impl<const W: usize> Default for Event<W> {
    fn default() -> Self {
        Event([0; W])
    }
}

/// The consumer's name, which the producer looks for.
const CONSUMER: &str = "cp_0";
const PREFIX: &str = "cp";

impl Contender for DisruptorMp {
    fn writer<const W: usize>(name: &str, slots: usize) -> anyhow::Result<impl Publish<W>> {
        let producer = build_shared_single_producer::<Event<W>>(name, slots)
            .discover_consumer_with_prefix(1, PREFIX)
            .with_coordination(CoordinationMode::Immediate)
            .build_producer(Event::default)
            .map_err(|error| anyhow!("{error}"))?;
        Ok(Writes(producer))
    }

    fn reader<const W: usize>(name: &str, slots: usize) -> anyhow::Result<impl Receive<W>> {
        let consumer = attach_shared_consumer::<Event<W>>(name, slots)
            .with_consumer_id(CONSUMER)
            .build_consumer()
            .map_err(|error| anyhow!("{error}"))?;
        Ok(Reads(consumer))
    }
}

struct Writes<const W: usize>(SharedProducer<Event<W>>);

impl<const W: usize> Publish<W> for Writes<W> {
    /// Until it has found its consumer it overwrites what that one has not read.
    fn begin(&mut self) {
        assert!(self.0.wait_for_consumer_id(CONSUMER, Duration::from_secs(5)), "the consumer is not found");
    }

    #[inline]
    fn publish(&mut self, first: u64, poll: Poll) {
        poll.until(|| self.0.try_publish(|event| fill(&mut event.0, first)).is_ok());
    }
}

struct Reads<const W: usize>(SharedConsumer<Event<W>>);

impl<const W: usize> Receive<W> for Reads<W> {
    #[inline]
    fn receive(&mut self, see: impl FnOnce(&Words<W>)) -> bool {
        let Some(event) = self.0.try_consume_next_leased() else { return false };
        see(words(&event.0));
        true
    }
}
