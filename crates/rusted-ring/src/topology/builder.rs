//! The description of a graph before it starts.

use core::fmt;
use std::{boxed::Box, string::String, vec::Vec};

use super::{
    BuildError, Graph, StageBatch, StageBuilder,
    batches::Batches,
    feeds::Outflow,
    processor::{Settings, Work},
};
use crate::{RingRef, Start, placement::Placement};

/// A graph of stages over one ring, before it [starts](Self::start). See the [module](super).
#[must_use = "a topology does nothing until it is started"]
pub struct Topology<R: RingRef> {
    pub(super) ring: R,
    pub(super) start: Start,
    pub(super) placement: Option<Placement>,
    pub(super) batches: Batches,
    pub(super) stages: Vec<Spec<R>>,
}

/// The description of a stage.
pub(super) struct Spec<R: RingRef> {
    pub(super) name: String,
    pub(super) after: Vec<String>,
    pub(super) settings: Settings,
    /// The cores that its user named: none, or one for each thread.
    pub(super) cores: Vec<usize>,
    /// The cores that were chosen, one for each thread that one was left for; empty, if none were chosen.
    pub(super) chosen: Vec<Option<usize>>,
    pub(super) can_restart: bool,
    /// Where it publishes, if it does.
    pub(super) outflow: Option<Outflow>,
    /// One for each worker; none for a stage that its user polls.
    pub(super) work: Option<Vec<Box<dyn Work<R>>>>,
}

impl<R: RingRef> Spec<R> {
    /// Its threads: its user's, if it is polled.
    pub(super) fn threads(&self) -> usize {
        self.work.as_ref().map_or(1, Vec::len)
    }

    /// The core that the graph pins a worker's thread to.
    pub(super) fn core_of(&self, worker: usize) -> Option<usize> {
        self.cores.get(worker).copied().or_else(|| *self.chosen.get(worker)?)
    }
}

impl<R: RingRef> Topology<R> {
    /// Creates a graph without stages over `ring`. Its stages will begin with the next event that is published after the start.
    pub fn over(ring: R) -> Self {
        Topology { ring, start: Start::Newest, placement: None, batches: Batches::default(), stages: Vec::new() }
    }

    /// Lets the stages begin at `start`, as a [`Consumer`](crate::consumer::Consumer) does that joins there.
    ///
    /// They join one after the other. If publishers are active meanwhile, a stage may begin some events later than one that joined
    /// before it.
    pub fn starting_at(self, start: Start) -> Self {
        Topology { start, ..self }
    }

    /// Pins each stage's threads to cores that `placement` chooses: close to the stages that it comes after, or to the publisher. Linux
    /// only; elsewhere no core is chosen.
    ///
    /// A core has one thread. Cores that a stage is [pinned to](StageBuilder::pinned_to) are its own. One core is left to a publisher, and
    /// one to each stage that is polled; their threads are their users' to pin. Where there are fewer cores than threads, the threads of
    /// the stages that come last run on any. [`Graph::placed`] says which is where.
    ///
    /// ```
    /// use rusted_ring::{HeapTypedRing, placement::Placement, topology::Topology};
    ///
    /// let placement = Placement::from_figures([0, 1], |_, _| 60.0); // or Placement::measure()?
    /// let graph = Topology::over(HeapTypedRing::<u64>::new(64))
    ///     .placed(&placement)
    ///     .stage("journal").each(|_, _| ())
    ///     .stage("apply").after(["journal"]).each(|_, _| ())
    ///     .start()?;
    /// println!("{}", graph.placed().unwrap()); // two cores are too few for three threads
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn placed(self, placement: &Placement) -> Self {
        Topology { placement: Some(placement.clone()), ..self }
    }

    /// Tells `watcher` of each batch that a stage is given, before its handler sees it. Stages that are added later, too; not those that are polled.
    ///
    /// It is called on the stages' threads, so it should neither block nor publish into the graph's own ring. A ring of values takes batches from all of them, for
    /// a recorder in another process, say. If it panics, the stage has failed, and the graph halts.
    ///
    #[cfg_attr(feature = "derive", doc = "```")]
    #[cfg_attr(not(feature = "derive"), doc = "```ignore")]
    /// use rusted_ring::{HeapTypedRing, Publisher, Sole, SolePublisher, Start, Subscriber, topology::{StageBatch, Topology}};
    ///
    /// let (ring, batches) = (HeapTypedRing::<u64, Sole>::sole(64), HeapTypedRing::<StageBatch>::new(1024));
    /// let (seen, told) = (Subscriber::join(batches.clone(), Start::Newest), Publisher::join(batches)?);
    /// let graph = Topology::over(ring.clone())
    ///     .on_batch(move |batch| _ = told.send(&batch))
    ///     .stage("sum").batch_limit(2).each(|_, _| ())
    ///     .start()?;
    /// SolePublisher::join(ring)?.send_batch(&[10, 20, 30]);
    /// graph.join()?; // `told` is dropped with the graph, which closes its ring
    /// let sequences: Vec<_> = seen.flat_map(|batch| batch.from().get()..batch.to().get()).collect();
    /// assert_eq!(sequences, [0, 1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_batch(mut self, watcher: impl Fn(StageBatch) + Send + Sync + 'static) -> Self {
        self.batches.watch(watcher);
        self
    }

    /// Lets the stages handle events in these batches, which [`on_batch`](Self::on_batch) told of in an earlier run.
    ///
    /// A stage waits until a batch is there whole, and each worker takes those that were its own; any of them takes those of workers that there are no more. If the ring has the same events with the same sequences, every handler
    /// is called as it was then. Nothing else is repeated: what handlers take from clocks, other rings and each other, and when they are told of a time-out.
    /// Where no batch is known, a stage takes what there is, and goes up to where the next one begins. A batch is
    /// cut short by a sequence without an event, and by the end of the ring or of the graph.
    ///
    /// While it waits, a stage looks ten thousand times a second. [`BuildError::Batch`] refuses a stage with a batch that is longer than the ring.
    /// On a ring that is smaller than the recorded one, or in another graph, stages may wait for each other, and the publishers for them: until the graph is halted.
    ///
    /// ```
    /// use rusted_ring::{HeapTypedRing, Sequence, Sole, SolePublisher, topology::{StageBatch, Topology}};
    ///
    /// let ring = HeapTypedRing::<u64, Sole>::sole(64);
    /// let batches = [(0, 2), (2, 5)].map(|(from, to)| StageBatch::new("sum", 0, Sequence::new(from), Sequence::new(to)));
    /// let graph = Topology::over(ring.clone())
    ///     .in_batches(batches)
    ///     .stage("sum").each(|number, turn| assert_eq!(turn.is_last(), [2, 5].contains(&**number)))
    ///     .start()?;
    /// let mut publisher = SolePublisher::join(ring)?;
    /// (1..=5).for_each(|number| _ = publisher.send(&number));
    /// drop(publisher);
    /// graph.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn in_batches(mut self, batches: impl IntoIterator<Item = StageBatch>) -> Self {
        self.batches.plan(batches);
        self
    }

    /// Describes one more stage. The last call on the builder says what the stage does, and returns this topology.
    pub fn stage(self, name: &str) -> StageBuilder<R, Self> {
        StageBuilder::of(self, name)
    }

    pub(super) fn add(mut self, stage: Spec<R>) -> Self {
        self.stages.push(stage);
        self
    }
}

impl<R: RingRef + Send + Sync + 'static> Topology<R> {
    /// Starts the graph: all its stages, or none if anything is refused.
    ///
    /// Each stage has its own threads, which have the stage's name. Events published after this returns reach every stage.
    ///
    /// # Errors
    ///
    /// [`BuildError`], which names the stage in question. No stage has started then.
    pub fn start(self) -> Result<Graph<R>, BuildError> {
        Graph::start(self)
    }
}

impl<R: RingRef> fmt::Debug for Topology<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.stages.iter().map(|stage| (&stage.name, &stage.after))).finish()
    }
}
