//! Everything that is measured: a file each, and the table of them.

mod array_queue;
mod async_broadcast;
mod bare;
mod bus;
mod crossbeam_channel;
mod crossfire;
mod disruptor;
mod flume;
mod kanal;
mod photon_ring;
mod put;
mod ringbuf;
mod ringfire;
mod rtrb;
mod rusted_ring_in_place;
mod rusted_ring_many;
mod rusted_ring_original;
mod rusted_ring_sole;
mod rusted_ring_typed;
mod sync_channel;
mod thingbuf;
mod tokio_broadcast;

use crate::workload::{Outcome, Task, Way, Workload, measure, measure_staged};

/// Whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Rival,
    /// Not a contender: what the machine gives.
    Limit,
}

/// Where an event goes, and whether the writer waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To one reader; the writer waits.
    Queue,
    /// To every reader; the writer waits.
    Broadcast,
    /// To every reader that comes in time.
    Lossy,
}

/// One contender: what it is, what it can do, and how it is measured.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// The package that it is from, in the lock file; empty for what is not from one.
    pub(crate) package: &'static str,
    pub(crate) side: Side,
    pub(crate) kind: Kind,
    /// Why it cannot do what.
    refused: Refusals,
    /// Whether a reader of it can come after another.
    has_stages: bool,
    pub(crate) measure: Measure,
}

/// What a contender may be unable to do.
#[derive(Clone, Copy, PartialEq)]
enum Refused {
    Batches,
    Writers,
    /// All workloads but these.
    AllBut(&'static [&'static str]),
    /// All payloads but this one.
    PayloadsBut(usize),
}

use Kind::{Broadcast, Lossy, Queue};
use Refused::{AllBut, Batches, PayloadsBut, Writers};
use Side::{Limit, Ours, Rival};

type Refusals = &'static [(Refused, &'static str)];
type Measure = fn(&Task, usize) -> Outcome;

const OURS: &str = "rusted-ring";

const NO_STAGES: &str = "no reader of it comes after another";
/// The payload under which the hop is listed, whose events are single words.
const A_WORD: usize = 64;
const WORDS: &str = "its events are single words";
const A_QUEUE: &str = "each event goes to one reader";
const NO_BATCHES: (Refused, &str) = (Batches, "it publishes one at a time");
const ONE_WRITER: (Refused, &str) = (Writers, "it has one writer");
const BY_CHUNKS: (Refused, &str) = (Batches, "see rtrb-chunks");
const AS_LOSSY: Refusals = &[(AllBut(&["alone"]), "as rusted-ring-lossy")];
const A_LINE: Refusals =
    &[(AllBut(&["round-trip", "hop"]), "it is one cache line"), (PayloadsBut(64), "it is one cache line")];
const A_BLOCK: Refusals = &[(AllBut(&["one-to-one"]), "it hands over half a ring at a time")];

const fn ours(name: &'static str, kind: Kind, refused: Refusals, measure: Measure) -> Row {
    Row { name, package: OURS, side: Ours, kind, refused, has_stages: false, measure }
}

const fn rival(name: &'static str, package: &'static str, kind: Kind, refused: Refusals, measure: Measure) -> Row {
    Row { name, package, side: Rival, kind, refused, has_stages: false, measure }
}

const fn limit(name: &'static str, refused: Refusals, measure: Measure) -> Row {
    Row { name, package: "", side: Limit, kind: Queue, refused, has_stages: false, measure }
}

/// All of them, in the order of the tables.
#[rustfmt::skip]
pub(crate) const ALL: &[Row] = &[
    ours("rusted-ring-lossless", Broadcast, &[ONE_WRITER], measure::<rusted_ring_sole::Lossless>),
    ours("rusted-ring-typed", Broadcast, &[ONE_WRITER], measure_staged::<rusted_ring_typed::Typed>).staged(),
    ours("rusted-ring-in-place", Broadcast, &[ONE_WRITER], measure::<rusted_ring_in_place::InPlace>),
    ours("rusted-ring-shared", Broadcast, &[], measure::<rusted_ring_many::Lossless>),
    ours("rusted-ring-lossy", Lossy, &[ONE_WRITER], measure::<rusted_ring_sole::Lossy>),
    ours("rusted-ring-shared-lossy", Lossy, &[], measure::<rusted_ring_many::Lossy>),
    ours("rusted-ring-add-next", Lossy, &[NO_BATCHES], measure::<rusted_ring_many::AddNext>),
    ours("rusted-ring-lossy-spin", Lossy, AS_LOSSY, measure::<rusted_ring_sole::LossySpin>),

    rival("rusted-ring-0.5", "rusted-ring-original", Lossy, &[NO_BATCHES], measure::<rusted_ring_original::Original>),
    rival("photon-ring-lossy", "photon-ring", Lossy, &[ONE_WRITER], measure::<photon_ring::Lossy>),
    rival("photon-ring-mpmc", "photon-ring", Lossy, &[NO_BATCHES], measure::<photon_ring::Mpmc>),
    rival("ringfire-lossy", "ringfire", Lossy, &[ONE_WRITER], measure::<ringfire::Lossy>),
    rival("ringfire-mpmc", "ringfire", Lossy, &[NO_BATCHES], measure::<ringfire::Mpmc>),
    rival("tokio-broadcast", "tokio", Lossy, &[NO_BATCHES], measure::<tokio_broadcast::TokioBroadcast>),

    rival("photon-ring-bounded", "photon-ring", Broadcast, &[ONE_WRITER], measure::<photon_ring::Bounded>),
    rival("photon-ring-events", "photon-ring", Broadcast, &[NO_BATCHES, ONE_WRITER], measure::<photon_ring::Events>),
    rival("disruptor", "disruptor", Broadcast, &[ONE_WRITER], measure_staged::<disruptor::Single>).staged(),
    rival("disruptor-multi", "disruptor", Broadcast, &[], measure::<disruptor::Multi>),
    rival("ringfire-lossless", "ringfire", Broadcast, &[ONE_WRITER], measure::<ringfire::Lossless>),
    rival("async-broadcast", "async-broadcast", Broadcast, &[NO_BATCHES], measure::<async_broadcast::AsyncBroadcast>),
    rival("bus", "bus", Broadcast, &[NO_BATCHES, ONE_WRITER], measure::<bus::Bus>),

    rival("rtrb", "rtrb", Queue, &[BY_CHUNKS, ONE_WRITER], measure::<rtrb::ByValue>),
    rival("rtrb-chunks", "rtrb", Queue, &[ONE_WRITER], measure::<rtrb::Chunks>),
    rival("ringbuf", "ringbuf", Queue, &[ONE_WRITER], measure::<ringbuf::Ringbuf>),
    rival("crossbeam-channel", "crossbeam-channel", Queue, &[NO_BATCHES], measure::<crossbeam_channel::Channel>),
    rival("crossbeam-array-queue", "crossbeam-queue", Queue, &[NO_BATCHES], measure::<array_queue::ArrayQueue>),
    rival("kanal", "kanal", Queue, &[NO_BATCHES], measure::<kanal::Kanal>),
    rival("flume", "flume", Queue, &[NO_BATCHES], measure::<flume::Flume>),
    rival("crossfire-spsc", "crossfire", Queue, &[NO_BATCHES, ONE_WRITER], measure::<crossfire::Spsc>),
    rival("crossfire-mpsc", "crossfire", Queue, &[NO_BATCHES], measure::<crossfire::Mpsc>),
    rival("thingbuf", "thingbuf", Queue, &[NO_BATCHES], measure::<thingbuf::Thingbuf>),
    rival("std-sync-channel", "", Queue, &[NO_BATCHES], measure::<sync_channel::SyncChannel>),

    limit("bare-line", A_LINE, measure_staged::<bare::Line>).staged(),
    limit("bare-slots", &[ONE_WRITER], measure::<bare::Slots>),
    limit("bare-cursor", &[ONE_WRITER], measure::<bare::Cursor>),
    limit("bare-block", A_BLOCK, measure::<bare::Block>),
];

impl Row {
    const fn staged(self) -> Self {
        Row { has_stages: true, ..self }
    }

    /// Why it cannot do `workload` with events of `payload` bytes; none if it can.
    pub(crate) fn refusal(&self, workload: &Workload, payload: usize) -> Option<&'static str> {
        let reason = self.refused.iter().find(|(refused, _)| match refused {
            Batches => workload.way == Way::Stream { batches: true },
            Writers => workload.shape.writers > 1,
            AllBut(names) => !names.contains(&workload.name),
            PayloadsBut(bytes) => payload != *bytes,
        });
        let queue = (self.kind == Queue && workload.shape.readers > 1).then_some(A_QUEUE);
        let hop = match (workload.way, self.has_stages) {
            (Way::Hop, false) => Some(NO_STAGES),
            (Way::Hop, true) if payload != A_WORD => Some(WORDS),
            _ => None,
        };
        reason.map(|(_, reason)| *reason).or(queue).or(hop)
    }

    /// Its version, by the lock file that this program was built from.
    pub(crate) fn version(&self) -> String {
        const LOCK: &str = include_str!("../../Cargo.lock");
        // Two packages are called rusted-ring: the original has a source, and ours lies in this repository.
        let (name, from_registry) = match self.package {
            OURS => (OURS, false),
            "rusted-ring-original" => (OURS, true),
            other => (other, true),
        };
        let name = format!("name = \"{name}\"");
        let mut packages = LOCK.split("[[package]]").filter(|package| package.lines().any(|line| line == name));
        let package = packages.find(|package| package.contains("\nsource = ") == from_registry).unwrap_or_default();
        let version = package.lines().find_map(|line| line.strip_prefix("version = ")).unwrap_or_default();
        version.trim_matches('"').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique() {
        let names: HashSet<_> = ALL.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn what_comes_from_a_package_has_a_version() {
        for row in ALL {
            assert_eq!(row.version().is_empty(), row.package.is_empty(), "{}", row.name);
        }
        let version = |name| ALL.iter().find(|row| row.name == name).map(Row::version).unwrap_or_default();
        assert!(version("rusted-ring-0.5").starts_with("0.5."));
        assert_ne!(version("rusted-ring-0.5"), version("rusted-ring-lossy"));
    }
}
