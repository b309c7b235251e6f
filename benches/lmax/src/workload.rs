//! The workloads: LMAX's by their names, with their rings, threads and ways to wait.

use crate::wait::Wait;

/// What a consumer does with each event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Add,
    Subtract,
    And,
}

/// The shape of a workload: which threads send to which.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Producers share the numbers from 0 on, and each consumer handles every one.
    Stream {
        producers: usize,
        /// How many events are published at a time.
        batch: usize,
        /// One of each consumer.
        operations: &'static [Operation],
    },
    /// Each number goes through one ring and comes back through another before the next.
    PingPong,
    /// One producer sends the numbers from 0 on through three consumers, some of which come after others.
    Stages(Graph),
}

/// Which consumers come after which.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Graph {
    /// Each after the one before.
    Pipeline,
    /// The last after the other two.
    Diamond,
}

#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// Slots.
    pub(crate) ring: usize,
    pub(crate) wait: Wait,
    pub(crate) shape: Shape,
    /// Of the events of a unicast it has this part: 5 is a fifth.
    pub(crate) part: u64,
}

use Operation::{Add, And, Subtract};

/// Slots of the smaller of LMAX's rings.
pub(crate) const SMALL: usize = 8 * 1024;
/// Batches have this many events.
pub(crate) const BATCH: usize = 10;

/// In the order of the table.
pub(crate) const ALL: &[Workload] = &[
    Workload {
        name: "unicast",
        title: "1 producer, 1 consumer that adds; ring of 64 Ki; yielding",
        ring: 64 * 1024,
        wait: Wait::Yielding,
        shape: Shape::Stream { producers: 1, batch: 1, operations: &[Add] },
        part: 1,
    },
    Workload {
        name: "unicast-batch",
        title: "the same, published in batches of 10",
        ring: 64 * 1024,
        wait: Wait::Yielding,
        shape: Shape::Stream { producers: 1, batch: BATCH, operations: &[Add] },
        part: 1,
    },
    Workload {
        name: "multicast",
        title: "1 producer, 3 consumers that add, subtract and and; ring of 8 Ki; yielding",
        ring: SMALL,
        wait: Wait::Yielding,
        shape: Shape::Stream { producers: 1, batch: 1, operations: &[Add, Subtract, And] },
        part: 1,
    },
    Workload {
        name: "pipeline",
        title: "1 producer, 3 consumers one after the other, a step each; ring of 8 Ki; yielding",
        ring: SMALL,
        wait: Wait::Yielding,
        shape: Shape::Stages(Graph::Pipeline),
        part: 1,
    },
    Workload {
        name: "diamond",
        title: "1 producer, 2 consumers, and 1 after both: FizzBuzz; ring of 8 Ki; yielding",
        ring: SMALL,
        wait: Wait::Yielding,
        shape: Shape::Stages(Graph::Diamond),
        part: 1,
    },
    Workload {
        name: "sequencer",
        title: "3 producers, 1 consumer that adds; ring of 64 Ki; the consumer spins",
        ring: 64 * 1024,
        wait: Wait::Spinning,
        shape: Shape::Stream { producers: 3, batch: 1, operations: &[Add] },
        part: 5,
    },
    Workload {
        name: "ping-pong",
        title: "there and back, over two rings of 1 Ki; sleeping",
        ring: 1024,
        wait: Wait::Sleeping,
        shape: Shape::PingPong,
        part: 2000,
    },
    Workload {
        name: "ping-pong-yield",
        title: "the same; yielding",
        ring: 1024,
        wait: Wait::Yielding,
        shape: Shape::PingPong,
        part: 100,
    },
];

pub(crate) fn named(name: &str) -> Option<&'static Workload> {
    ALL.iter().find(|workload| workload.name == name)
}

impl Workload {
    pub(crate) fn events(&self, of_a_unicast: u64) -> u64 {
        (of_a_unicast / self.part).max(1)
    }

    pub(crate) fn threads(&self) -> usize {
        match self.shape {
            Shape::Stream { producers, operations, .. } => producers + operations.len(),
            Shape::PingPong => 2,
            Shape::Stages(_) => 4,
        }
    }

    pub(crate) fn consumers(&self) -> usize {
        match self.shape {
            Shape::Stream { operations, .. } => operations.len(),
            Shape::PingPong => 2,
            Shape::Stages(_) => 3,
        }
    }
}
