//! rusted-ring's stages: a topology over a ring of values, and notes beside each value for what its stages find out.

use crate::stages::{Post, Staged};
use crate::steps;
use rusted_ring::SolePublisher;
use rusted_ring::bytemuck::{AnyBitPattern, NoUninit};
use rusted_ring::consumer::BatchEvent;
use rusted_ring::topology::{Graph, Topology, each};
use rusted_ring::{HeapNotedTypedRing, Notes, Sole, Typed, wait::WaitStrategy};
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering::Relaxed};
use std::time::Duration;

/// Three steps, one after the other; two of them have results.
pub(super) struct Pipeline(Ends<[i64; 2], [AtomicI64; 2]>);
/// Two questions, and a third stage that comes after both.
pub(super) struct Diamond(Ends<i64, [AtomicU8; 2]>);

type Ring<T, N> = HeapNotedTypedRing<T, N, Sole>;

struct Ends<T: Value, N: Notes> {
    writer: SolePublisher<Ring<T, N>>,
    graph: Graph<Ring<T, N>>,
}

/// What a typed ring takes.
trait Value: AnyBitPattern + NoUninit + Send + Sync {}

impl<T: AnyBitPattern + NoUninit + Send + Sync> Value for T {}

/// How long the stages may take for a ring full of events, once all are published.
const PATIENCE: Duration = Duration::from_secs(60);

/// Adds a stage whose thread begins at `post`, and which counts what `step` says that it counts.
fn stage<T: Value, N: Notes>(
    topology: Topology<Ring<T, N>>,
    name: &str,
    after: &[&str],
    post: Post,
    step: impl FnMut(&T, &N) -> bool + Send + 'static,
) -> Topology<Ring<T, N>> {
    let mut given = Some((post, step));
    let stage = topology.stage(name).after(after.iter().copied()).waiting(WaitStrategy::Yield);
    // Made by its own thread, which must be on its core before the clock runs.
    stage.made_by(move || {
        let (post, mut step) = given.take().expect("no stage is made anew");
        let mut count = post.begin();
        each(move |event: &BatchEvent<'_, Typed<T, N>>, _| count.note(step(event, event.notes())))
    })
}

impl Staged for Pipeline {
    fn open(capacity: usize, [first, second, third]: [Post; 3]) -> Self {
        let ring = Ring::sole(capacity);
        let graph = Topology::over(ring.clone());
        let graph = stage(graph, "one", &[], first, |[one, two]: &[i64; 2], [sum, _]: &[AtomicI64; 2]| {
            sum.store(steps::one(*one, *two), Relaxed);
            false
        });
        let graph = stage(graph, "two", &["one"], second, |_, [sum, result]| {
            result.store(steps::two(sum.load(Relaxed)), Relaxed);
            false
        });
        let graph = stage(graph, "three", &["two"], third, |_, [_, result]| steps::three(result.load(Relaxed)));
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
        let ring = Ring::sole(capacity);
        let graph = Topology::over(ring.clone());
        let graph = stage(graph, "fizz", &[], first, |number: &i64, [fizz, _]: &[AtomicU8; 2]| {
            fizz.store(steps::fizz(*number).into(), Relaxed);
            false
        });
        let graph = stage(graph, "buzz", &[], second, |number, [_, buzz]| {
            buzz.store(steps::buzz(*number).into(), Relaxed);
            false
        });
        let graph = stage(graph, "fizzbuzz", &["fizz", "buzz"], third, |_, [fizz, buzz]| {
            fizz.load(Relaxed) != 0 && buzz.load(Relaxed) != 0
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

impl<T: Value, N: Notes> Ends<T, N> {
    fn of(topology: Topology<Ring<T, N>>, ring: Ring<T, N>) -> Self {
        let graph = topology.start().expect("the graph is sound");
        Ends { writer: SolePublisher::join(ring).expect("the ring has no writer yet"), graph }
    }

    fn finish(self) {
        self.graph.drain(PATIENCE).expect("no stage fails");
    }
}
