//! The description of a graph before it starts.

use core::fmt;
use std::{boxed::Box, string::String, vec::Vec};

use super::{
    BuildError, Graph, StageBuilder,
    feeds::Outflow,
    processor::{Settings, Work},
};
use crate::{RingRef, Start};

/// A graph of stages over one ring, before it [starts](Self::start). See the [module](super).
#[must_use = "a topology does nothing until it is started"]
pub struct Topology<R: RingRef> {
    pub(super) ring: R,
    pub(super) start: Start,
    pub(super) stages: Vec<Spec<R>>,
}

/// The description of a stage.
pub(super) struct Spec<R: RingRef> {
    pub(super) name: String,
    pub(super) after: Vec<String>,
    pub(super) settings: Settings,
    pub(super) cores: Vec<usize>,
    pub(super) can_restart: bool,
    /// Where it publishes, if it does.
    pub(super) outflow: Option<Outflow>,
    /// One for each worker; none for a stage that its user polls.
    pub(super) work: Option<Vec<Box<dyn Work<R>>>>,
}

impl<R: RingRef> Topology<R> {
    /// Creates a graph without stages over `ring`. Its stages will begin with the next event that is published after the start.
    pub fn over(ring: R) -> Self {
        Topology { ring, start: Start::Newest, stages: Vec::new() }
    }

    /// Lets the stages begin at `start`, as a [`Consumer`](crate::consumer::Consumer) does that joins there.
    ///
    /// They join one after the other. If publishers are active meanwhile, a stage may begin some events later than one that joined
    /// before it.
    pub fn starting_at(self, start: Start) -> Self {
        Topology { start, ..self }
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
