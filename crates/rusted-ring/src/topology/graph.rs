//! A graph that runs: its threads, and how they end.

use core::{fmt, time::Duration};
use std::{sync::Arc, time::Instant, vec::Vec};

use super::{
    BuildError, GraphError, RemoveError, Report, StageBuilder, StageReport, Status, Topology,
    builder::Spec,
    shared::{PATIENCE, Shared},
    status::{StageStatus, rate},
};
use crate::{RingRef, Sequence, Start, consumer::Consumer, foreign::FirstPanic, ledger::Ledger};

/// A graph of stages that runs. Dropped, it halts, and waits up to five seconds for its handlers to return.
///
/// It prints itself as text; [`Status::dot`] draws it.
pub struct Graph<R: RingRef> {
    shared: Arc<Shared<R>>,
}

impl<R: RingRef + Send + Sync + 'static> Graph<R> {
    pub(super) fn start(topology: Topology<R>) -> Result<Self, BuildError> {
        let Topology { ring, start, stages } = topology;
        let shared = Arc::new(Shared::over(ring));
        for (number, consumer) in shared.add(stages, start)? {
            shared.lock().keep_polled(number, consumer);
        }
        Ok(Graph { shared })
    }

    /// Describes a stage that is added to the graph while it runs, and begins with the next event to be published.
    ///
    /// Other stages lose nothing by it, and receive nothing twice. When it is refused, they go on as if nothing had been.
    pub fn stage(&self, name: &str) -> StageBuilder<R, &Self> {
        StageBuilder::of(self, name)
    }

    /// Adds a stage; its Consumer, if it is polled.
    pub(super) fn add_stage(&self, stage: Spec<R>) -> Result<Option<Consumer<R>>, BuildError> {
        let polled = self.shared.add(Vec::from([stage]), Start::Newest)?;
        Ok(polled.into_iter().next().map(|(_, consumer)| consumer))
    }

    /// The Consumer of a stage that is polled by its user; none if there is no such stage, or it was taken before.
    ///
    /// When the graph ends it receives `Closed`, once it has come to where the stages before it ended.
    pub fn polled(&self, name: &str) -> Option<Consumer<R>> {
        self.shared.lock().member(name)?.polled.take()
    }

    /// Removes a stage while the others run: it ends after the event that it is at, and those that came after it come after those
    /// that it came after.
    ///
    /// What it had not finished is not lost to other stages, and none receives anything twice. Blocks while its handler is
    /// busy, for up to five seconds. Several who remove one stage at once are told the same.
    ///
    /// # Errors
    ///
    /// [`RemoveError`], if there is no such stage, its user polls it, or its handler has not returned in that time.
    pub fn remove(&self, name: &str) -> Result<StageReport, RemoveError> {
        let number = self.shared.lock().remove(name)?;
        let mut panics = FirstPanic::default();
        self.shared.wake(&mut panics);
        let state = self.shared.wait(Instant::now().checked_add(PATIENCE), |state| state.removed(number).is_some());
        let report = state.removed(number).cloned();
        drop(state);
        panics.pass_on_or(report.ok_or_else(|| RemoveError::Stuck { stage: name.into() }))
    }

    /// Waits until every thread of the graph has ended by itself: because the ring was closed, or because a stage failed.
    ///
    /// Blocks for as long as that takes.
    ///
    /// # Errors
    ///
    /// [`GraphError::Failed`], if a stage failed; [`GraphError::Late`], if the graph was halted before all was handled.
    pub fn join(self) -> Result<Report, GraphError> {
        let mut state = self.shared.wait(None, |state| state.running == 0);
        let in_time = !state.halted;
        state.conclude(in_time)
    }

    /// Has every stage handle all that was claimed by now, and end; after `timeout` it halts the graph instead, and says which
    /// handlers have not returned.
    ///
    /// Stages that are polled by their users are waited for only by those that come after them. Blocks no longer than `timeout`,
    /// and a tenth of a second for halting.
    ///
    /// # Errors
    ///
    /// [`GraphError::Failed`], if a stage failed; [`GraphError::Late`], if the deadline came first.
    pub fn drain(self, timeout: Duration) -> Result<Report, GraphError> {
        let deadline = Instant::now().checked_add(timeout);
        let end = Ledger::of(&self.shared.ring).claimed().get();
        let mut panics = FirstPanic::default();
        self.shared.lock().drain(end);
        self.shared.wake(&mut panics);
        let mut state = self.shared.wait(deadline, |state| state.running == 0);
        if state.running > 0 {
            drop(state);
            state = self.shared.halt_and_wait(Duration::from_millis(100), &mut panics);
        }
        // A graph that was halted has not handled everything, whyever that was.
        let in_time = !state.halted;
        let outcome = state.conclude(in_time);
        drop(state);
        panics.pass_on_or(outcome)
    }

    /// Has every stage end after the event that it is at, and end the batch that this is of.
    ///
    /// Blocks until the handlers have returned, for up to five seconds.
    ///
    /// # Errors
    ///
    /// [`GraphError::Failed`], if a stage failed; [`GraphError::Late`], if a handler has not returned in that time.
    pub fn halt(self) -> Result<Report, GraphError> {
        let mut panics = FirstPanic::default();
        let outcome = self.shared.halt_and_wait(PATIENCE, &mut panics).conclude(true);
        panics.pass_on_or(outcome)
    }
}

impl<R: RingRef> Graph<R> {
    /// The ring.
    pub fn ring(&self) -> &R {
        &self.shared.ring
    }

    /// Whether any thread of the graph has not ended. May be false at once.
    pub fn is_running(&self) -> bool {
        self.shared.lock().running > 0
    }

    /// How far every stage has come.
    pub fn status(&self) -> Status {
        let state = self.shared.lock();
        // Positions first: what is claimed by then is at or beyond them.
        let stages: Vec<_> = state.members.iter().map(|member| (member, member.finished(), Instant::now())).collect();
        let claimed = Ledger::of(&self.shared.ring).claimed().get();
        let stages = stages.into_iter().map(|(member, finished, at)| StageStatus {
            name: member.name.clone(),
            after: member.after.clone(),
            workers: member.checkpoints.len(),
            finished: Sequence::new(finished),
            lag: claimed.saturating_sub(finished),
            rate: rate(finished - member.from.get(), at - member.begun),
            at,
        });
        Status { capacity: self.shared.ring.capacity(), claimed: Sequence::new(claimed), stages: stages.collect() }
    }
}

impl<R: RingRef> Drop for Graph<R> {
    fn drop(&mut self) {
        let is_over = {
            let state = self.shared.lock();
            state.abandoned || state.running == 0
        };
        if !is_over {
            let mut panics = FirstPanic::default();
            drop(self.shared.halt_and_wait(PATIENCE, &mut panics));
            panics.pass_on_or(());
        }
    }
}

impl<R: RingRef> fmt::Display for Graph<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.status().fmt(f)
    }
}

impl<R: RingRef> fmt::Debug for Graph<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph").field("status", &self.status()).finish_non_exhaustive()
    }
}
