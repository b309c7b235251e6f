//! What is measured: the table of workloads, and the way from a contender's type to its figures.

mod alone;
mod hop;
mod one_thread;
mod paced;
mod round_trip;
mod stream;

use crate::contender::{Contender, Shape, Staged};
use crate::payload::{Check, Faults};
use hdrhistogram::Histogram;
use std::time::Duration;

/// How a workload goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Stream { batches: bool },
    RoundTrip,
    Hop,
    Paced,
    Alone,
    OneThread,
}

/// What a workload's figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Events delivered a second, to the reader that got the fewest; more is better.
    Rate,
    /// Nanoseconds; fewer are better.
    Nanos,
}

pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) way: Way,
    pub(crate) shape: Shape,
    pub(crate) unit: Unit,
}

const fn stream(name: &'static str, title: &'static str, writers: usize, readers: usize) -> Workload {
    let way = Way::Stream { batches: false };
    Workload { name, title, way, shape: Shape { writers, readers }, unit: Unit::Rate }
}

const fn nanos(name: &'static str, title: &'static str, way: Way) -> Workload {
    Workload { name, title, way, shape: Shape::PAIR, unit: Unit::Nanos }
}

/// All of them, in the order of the tables.
pub(crate) const ALL: &[Workload] = &[
    stream("one-to-one", "One writer to one reader, one event at a time", 1, 1),
    Workload {
        way: Way::Stream { batches: true },
        ..stream("batches", "One writer to one reader, batches of 32", 1, 1)
    },
    stream("readers-2", "One writer to two readers, each of which gets every event", 1, 2),
    stream("readers-3", "One writer to three readers, each of which gets every event", 1, 3),
    stream("writers-2", "Two writers to one reader", 2, 1),
    nanos("round-trip", "Round trip: there and back over two of them", Way::RoundTrip),
    nanos("hop", "Stage hop: to the stage after, on another core, and to the one after that", Way::Hop),
    nanos("paced", "One way at a million events a second, median", Way::Paced),
    nanos("alone", "Publishing with nobody reading", Way::Alone),
    nanos("one-thread", "Publishing and reading on one thread", Way::OneThread),
];

/// The payloads in bytes, each with the slots of everything that carries it.
pub(crate) const PAYLOADS: [(usize, usize); 5] = [(64, 1024), (256, 1024), (1024, 1024), (4096, 256), (16384, 64)];

/// What one sample of a workload is to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    pub(crate) way: Way,
    pub(crate) shape: Shape,
    /// Whether the contender's writers wait for nobody.
    pub(crate) lossy: bool,
    pub(crate) limit: Limit,
    pub(crate) check: Check,
}

/// When a sample ends: by whichever comes first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) time: Duration,
    pub(crate) events: u64,
}

impl Limit {
    /// Events before those that count: two laps, so that no memory is touched for the first time.
    fn warm_up(&self, slots: usize) -> u64 {
        (2 * slots as u64).min(self.events / 4)
    }
}

/// What one sample gave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// Events that count.
    pub(crate) events: u64,
    pub(crate) seconds: f64,
    /// In the workload's unit.
    pub(crate) value: f64,
    /// p50, p99 and p99.9 in nanoseconds.
    pub(crate) percentiles: Option<[f64; 3]>,
    pub(crate) faults: Faults,
}

impl Outcome {
    fn of_latencies(histogram: &Histogram<u64>, seconds: f64, faults: Faults) -> Self {
        let percentiles = [0.5, 0.99, 0.999].map(|quantile| histogram.value_at_quantile(quantile) as f64);
        let events = histogram.len();
        Outcome { events, seconds, value: percentiles[0], percentiles: Some(percentiles), faults }
    }

    fn of_mean(events: u64, time: Duration, faults: Faults) -> Self {
        let seconds = time.as_secs_f64();
        Outcome { events, seconds, value: seconds * 1e9 / events as f64, percentiles: None, faults }
    }
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 100_000_000_000, 3).expect("these bounds are in order")
}

/// Does `task` with a contender of this type.
pub(crate) fn measure<C: Contender>(task: &Task, payload: usize) -> Outcome {
    match payload {
        64 => sized::<C, 8, 64, 1024>(task),
        256 => sized::<C, 32, 256, 1024>(task),
        1024 => sized::<C, 128, 1024, 1024>(task),
        4096 => sized::<C, 512, 4096, 256>(task),
        16384 => sized::<C, 2048, 16384, 64>(task),
        _ => unreachable!("the command line knows the payloads"),
    }
}

/// Does `task` with a contender of this type, which has stages.
pub(crate) fn measure_staged<C: Contender + Staged>(task: &Task, payload: usize) -> Outcome {
    match (task.way, payload) {
        (Way::Hop, 64) => hop::measure::<C, 1024>(task),
        _ => measure::<C>(task, payload),
    }
}

fn sized<C: Contender, const W: usize, const N: usize, const CAP: usize>(task: &Task) -> Outcome {
    const { assert!(W * 8 == N) };
    match task.way {
        Way::Stream { batches } => stream::measure(C::open::<W, N, CAP>(task.shape), task, CAP, batches),
        Way::RoundTrip => {
            let (there, back) = (C::open::<W, N, CAP>(task.shape), C::open::<W, N, CAP>(task.shape));
            round_trip::measure(there, back, task, CAP)
        }
        Way::Hop => unreachable!("the table refuses stages to those that have none"),
        Way::Paced => paced::measure(C::open::<W, N, CAP>(task.shape), task, CAP),
        Way::Alone => {
            let shape = if task.lossy { Shape { writers: 1, readers: 0 } } else { task.shape };
            alone::measure(C::open::<W, N, CAP>(shape), task, CAP)
        }
        Way::OneThread => one_thread::measure(C::open::<W, N, CAP>(task.shape), task, CAP),
    }
}

/// The ends of a pair.
fn only<P, R>((writers, readers): (Vec<P>, Vec<R>)) -> (P, R) {
    let one = "a pair has one writer and one reader";
    (writers.into_iter().next().expect(one), readers.into_iter().next().expect(one))
}
