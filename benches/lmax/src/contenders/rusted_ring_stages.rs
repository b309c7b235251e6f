//! rusted-ring's stages: a topology over a typed ring, and columns beside it for what its stages find out.

use crate::stages::{Post, Staged};
use crate::steps;
use crate::workload::SMALL;
use rusted_ring::bytemuck::{AnyBitPattern, NoUninit};
use rusted_ring::consumer::BatchEvent;
use rusted_ring::topology::{Graph, Topology, each};
use rusted_ring::writer::SoleWriter;
use rusted_ring::{HeapTypedRing, Sequence, Sole, Typed, wait::WaitStrategy};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};
use std::time::Duration;

/// Three steps, one after the other.
pub(super) struct Pipeline(Ends<[i64; 2]>);
/// Two questions, and a third stage that comes after both.
pub(super) struct Diamond(Ends<i64>);

type Ring<T> = HeapTypedRing<T, Sole>;

struct Ends<T: Value> {
    writer: SoleWriter<Ring<T>>,
    graph: Graph<Ring<T>>,
}

/// What a typed ring takes.
trait Value: AnyBitPattern + NoUninit + Send + Sync {}

impl<T: AnyBitPattern + NoUninit + Send + Sync> Value for T {}

/// How long the stages may take for a ring full of events, once all are published.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a stage found out about each event of a lap.
struct Column<T>(Arc<[T; SMALL]>);

impl<T> Column<T> {
    /// The column twice: for the stage that writes it, and for the one that reads it.
    fn pair(blank: impl Fn() -> T) -> [Self; 2] {
        let column = Arc::new(std::array::from_fn(|_| blank()));
        [Column(Arc::clone(&column)), Column(column)]
    }

    #[inline]
    fn at(&self, sequence: Sequence) -> &T {
        &self.0[sequence.get() as usize % SMALL]
    }
}

/// Adds a stage whose thread begins at `post`, and which counts what `step` says that it counts.
fn stage<T: Value>(
    topology: Topology<Ring<T>>,
    name: &str,
    after: &[&str],
    post: Post,
    step: impl FnMut(&T, Sequence) -> bool + Send + 'static,
) -> Topology<Ring<T>> {
    let mut given = Some((post, step));
    let stage = topology.stage(name).after(after.iter().copied()).waiting(WaitStrategy::Yield);
    // Made by its own thread, which must be on its core before the clock runs.
    stage.made_by(move || {
        let (post, mut step) = given.take().expect("no stage is made anew");
        let mut count = post.begin();
        each(move |event: &BatchEvent<'_, Typed<T>>, sequence, _| count.note(step(event, sequence)))
    })
}

impl Staged for Pipeline {
    fn open(capacity: usize, [first, second, third]: [Post; 3]) -> Self {
        assert_eq!(capacity, SMALL, "the columns have a place for each slot");
        let [sums, sums_read] = Column::pair(|| AtomicI64::new(0));
        let [results, results_read] = Column::pair(|| AtomicI64::new(0));
        let ring = Ring::sole(capacity);
        let graph = stage(Topology::over(ring.clone()), "one", &[], first, move |[one, two]: &[i64; 2], sequence| {
            sums.at(sequence).store(steps::one(*one, *two), Relaxed);
            false
        });
        let graph = stage(graph, "two", &["one"], second, move |_, sequence| {
            results.at(sequence).store(steps::two(sums_read.at(sequence).load(Relaxed)), Relaxed);
            false
        });
        let graph = stage(graph, "three", &["two"], third, move |_, sequence| {
            steps::three(results_read.at(sequence).load(Relaxed))
        });
        Pipeline(Ends::of(graph, ring))
    }

    #[inline]
    fn publish(&mut self, number: i64) -> bool {
        self.0.writer.try_send(&steps::operands(number)).is_ok()
    }

    fn finish(self) {
        self.0.finish();
    }
}

impl Staged for Diamond {
    fn open(capacity: usize, [first, second, third]: [Post; 3]) -> Self {
        assert_eq!(capacity, SMALL, "the columns have a place for each slot");
        let [fizz, is_fizz] = Column::pair(|| AtomicBool::new(false));
        let [buzz, is_buzz] = Column::pair(|| AtomicBool::new(false));
        let ring = Ring::sole(capacity);
        let graph = stage(Topology::over(ring.clone()), "fizz", &[], first, move |number: &i64, sequence| {
            fizz.at(sequence).store(steps::fizz(*number), Relaxed);
            false
        });
        let graph = stage(graph, "buzz", &[], second, move |number, sequence| {
            buzz.at(sequence).store(steps::buzz(*number), Relaxed);
            false
        });
        let graph = stage(graph, "fizzbuzz", &["fizz", "buzz"], third, move |_, sequence| {
            is_fizz.at(sequence).load(Relaxed) && is_buzz.at(sequence).load(Relaxed)
        });
        Diamond(Ends::of(graph, ring))
    }

    #[inline]
    fn publish(&mut self, number: i64) -> bool {
        self.0.writer.try_send(&number).is_ok()
    }

    fn finish(self) {
        self.0.finish();
    }
}

impl<T: Value> Ends<T> {
    fn of(topology: Topology<Ring<T>>, ring: Ring<T>) -> Self {
        let graph = topology.start().expect("the graph is sound");
        Ends { writer: SoleWriter::join(ring).expect("the ring has no writer yet"), graph }
    }

    fn finish(self) {
        self.graph.drain(PATIENCE).expect("no stage fails");
    }
}
