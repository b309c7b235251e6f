//! What is done with a ring.

mod alone;
mod round_trip;
mod stream;

use crate::ends::{Claimer, Publisher, Subscriber, alone as one_writer, claiming_alone, claiming_ends, ends};
use crate::ring::{BATCH, Claims, Sole};
use crate::sample::{Fault, Limit};
use crate::wait::Pauses;

/// The workloads, in the order of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    /// One writer to one reader, one event at a time.
    Single,
    /// The same in batches.
    Batch,
    /// An event to the other core and back, over two rings.
    RoundTrip,
    /// Writing with nobody reading.
    Alone,
    /// Two writers to one reader, one event at a time.
    TwoWriters,
}

/// How a workload is run once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    pub(crate) workload: Workload,
    pub(crate) limit: Limit,
    /// How readers wait for events.
    pub(crate) pauses: Pauses,
}

impl Workload {
    /// Those of rings with one writer.
    pub(crate) const OF_ONE: [Workload; 4] = [Workload::Single, Workload::Batch, Workload::RoundTrip, Workload::Alone];
    /// Those of rings that many may write.
    pub(crate) const OF_MANY: [Workload; 3] = [Workload::Single, Workload::Alone, Workload::TwoWriters];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Workload::Single => "single",
            Workload::Batch => "batch",
            Workload::RoundTrip => "round-trip",
            Workload::Alone => "alone",
            Workload::TwoWriters => "two-writers",
        }
    }

    /// How its readers wait where nothing else is said.
    pub(crate) fn pauses(self) -> Pauses {
        match self {
            Workload::Single | Workload::Batch | Workload::Alone | Workload::TwoWriters => Pauses::FOR_RATE,
            Workload::RoundTrip => Pauses::FOR_LATENCY,
        }
    }
}

/// Takes a sample of a ring with one writer: events a second, or nanoseconds. The workload is one of `OF_ONE`.
pub(crate) fn measure<R: Sole>(task: &Task) -> Result<f64, Fault> {
    let of_one = || {
        let (writer, reader) = ends::<R>();
        (vec![writer], reader)
    };
    match task.workload {
        Workload::Single => {
            let half =
                |writer: &mut Publisher<R>, watch: &_| (0..R::CAPACITY / 2).try_for_each(|_| writer.publish(watch));
            stream::measure(of_one(), &task.limit, task.pauses, half, Subscriber::receive)
        }
        Workload::Batch => {
            let batches = R::CAPACITY / 2 / BATCH;
            let half =
                move |writer: &mut Publisher<R>, watch: &_| (0..batches).try_for_each(|_| writer.publish_batch(watch));
            stream::measure(of_one(), &task.limit, task.pauses, half, Subscriber::receive_batch)
        }
        Workload::RoundTrip => round_trip::measure::<R>(task),
        Workload::Alone => {
            let mut writer = one_writer::<R>();
            alone::measure(&task.limit, R::CAPACITY, move |watch| writer.publish(watch))
        }
        Workload::TwoWriters => unreachable!("it has one writer"),
    }
}

/// Takes a sample of a ring that many may write. The workload is one of `OF_MANY`.
pub(crate) fn measure_claims<R: Claims>(task: &Task) -> Result<f64, Fault> {
    let stream = |writers| {
        let half = |writer: &mut Claimer<R>, watch: &_| (0..R::CAPACITY / 2).try_for_each(|_| writer.publish(watch));
        stream::measure(claiming_ends::<R>(writers), &task.limit, task.pauses, half, Subscriber::receive)
    };
    match task.workload {
        Workload::Single => stream(1),
        Workload::TwoWriters => stream(2),
        Workload::Alone => {
            let mut writer = claiming_alone::<R>();
            alone::measure(&task.limit, R::CAPACITY, move |watch| writer.publish(watch))
        }
        Workload::Batch | Workload::RoundTrip => unreachable!("no table has it of claims"),
    }
}
