//! The crate `disruptor` with its own threads, whose event handlers come after one another; results go into the event.

use crate::stages::{Count, Post, Staged};
use crate::steps;
use disruptor::{Producer, SingleConsumerBarrier, SingleProducer, build_single_producer};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};
use std::thread;

/// Three steps, one after the other.
pub(super) struct Pipeline(SingleProducer<Operands, SingleConsumerBarrier>);
/// Two questions, and a third stage that comes after both.
pub(super) struct Diamond(SingleProducer<Number, SingleConsumerBarrier>);

#[derive(Default)]
struct Operands {
    one: i64,
    two: i64,
    sum: AtomicI64,
    result: AtomicI64,
}

#[derive(Default)]
struct Number {
    number: i64,
    fizz: AtomicBool,
    buzz: AtomicBool,
}

/// Gives the core away between looks; the crate has no strategy that does.
#[derive(Clone, Copy)]
struct Yielding;

impl disruptor::wait_strategies::WaitStrategy for Yielding {
    #[inline]
    fn wait_for(&self, _sequence: disruptor::Sequence) {
        thread::yield_now();
    }
}

impl Staged for Pipeline {
    fn open(capacity: usize, [first, second, third]: [Post; 3]) -> Self {
        let one = |count: &mut Count, event: &Operands, _, _| {
            event.sum.store(steps::one(event.one, event.two), Relaxed);
            count.note(false);
        };
        let two = |count: &mut Count, event: &Operands, _, _| {
            event.result.store(steps::two(event.sum.load(Relaxed)), Relaxed);
            count.note(false);
        };
        let three = |count: &mut Count, event: &Operands, _, _| count.note(steps::three(event.result.load(Relaxed)));
        let builder = build_single_producer(capacity, Operands::default, Yielding)
            .handle_events_and_state_with(one, || first.begin())
            .and_then()
            .handle_events_and_state_with(two, || second.begin())
            .and_then()
            .handle_events_and_state_with(three, || third.begin());
        Pipeline(builder.build())
    }

    #[inline]
    fn publish(&mut self, number: i64) -> bool {
        let [one, two] = steps::operands(number);
        let published = self.0.try_publish(|event| (event.one, event.two) = (one, two));
        published.is_ok()
    }

    /// The producer, dropped, waits for the handlers.
    fn finish(self) {}
}

impl Staged for Diamond {
    fn open(capacity: usize, [first, second, third]: [Post; 3]) -> Self {
        let fizz = |count: &mut Count, event: &Number, _, _| {
            event.fizz.store(steps::fizz(event.number), Relaxed);
            count.note(false);
        };
        let buzz = |count: &mut Count, event: &Number, _, _| {
            event.buzz.store(steps::buzz(event.number), Relaxed);
            count.note(false);
        };
        let both = |count: &mut Count, event: &Number, _, _| {
            count.note(event.fizz.load(Relaxed) && event.buzz.load(Relaxed));
        };
        let builder = build_single_producer(capacity, Number::default, Yielding)
            .handle_events_and_state_with(fizz, || first.begin())
            .handle_events_and_state_with(buzz, || second.begin())
            .and_then()
            .handle_events_and_state_with(both, || third.begin());
        Diamond(builder.build())
    }

    #[inline]
    fn publish(&mut self, number: i64) -> bool {
        self.0.try_publish(|event| event.number = number).is_ok()
    }

    /// As the pipeline's.
    fn finish(self) {}
}
