//! A graph that runs: its threads, and how they end.

use core::{fmt, time::Duration};
use std::{string::String, sync::Arc, time::Instant, vec::Vec};

use super::{
    BuildError, GraphError, RemoveError, Report, StageBuilder, StageReport, Status, Topology,
    builder::Spec,
    resolve,
    shared::{PATIENCE, Shared, check},
    status::{StageStatus, rate},
};
use crate::{RingRef, Sequence, Start, consumer::Consumer, ledger::Ledger};

/// A graph of stages that runs. Dropped, it halts, and waits up to five seconds for its handlers to return.
///
/// It prints itself as text; [`Status::dot`] draws it.
pub struct Graph<R: RingRef> {
    shared: Arc<Shared<R>>,
}

impl<R: RingRef + Send + Sync + 'static> Graph<R> {
    pub(super) fn start(topology: Topology<R>) -> Result<Self, BuildError> {
        let Topology { ring, start, stages } = topology;
        let named: Vec<(&str, &[String])> = stages.iter().map(|stage| (&*stage.name, &*stage.after)).collect();
        let order = resolve::order(&named, |_| false)?;
        stages.iter().try_for_each(check)?;
        let graph = Graph { shared: Arc::new(Shared::over(ring)) };
        // Stages join behind those that they come after, and are listed as they were described.
        let mut stages: Vec<Option<Spec<R>>> = stages.into_iter().map(Some).collect();
        let described: Vec<String> = stages.iter().flatten().map(|stage| stage.name.clone()).collect();
        let mut crews = Vec::new();
        {
            let mut state = graph.shared.lock();
            for stage in order.into_iter().filter_map(|index| stages[index].take()) {
                crews.push(graph.shared.join(&mut state, stage, start)?);
            }
            state.members.sort_by_key(|member| described.iter().position(|name| *name == member.name));
        }
        crews.into_iter().flatten().try_for_each(|crew| graph.shared.launch(crew))?;
        Ok(graph)
    }

    /// Describes a stage that is added to the graph while it runs, and begins with the next event to be published.
    ///
    /// Other stages lose nothing by it, and receive nothing twice.
    pub fn stage(&self, name: &str) -> StageBuilder<R, &Self> {
        StageBuilder::of(self, name)
    }

    pub(super) fn add_stage(&self, stage: Spec<R>) -> Result<(), BuildError> {
        check(&stage)?;
        let crew = {
            let mut state = self.shared.lock();
            if state.halted {
                return Err(BuildError::Halted { stage: stage.name });
            }
            let known = |name: &str| state.members.iter().any(|member| member.name == name);
            resolve::order(&[(&*stage.name, &*stage.after)], known)?;
            self.shared.join(&mut state, stage, Start::Newest)?
        };
        crew.map_or(Ok(()), |crew| self.shared.launch(crew))
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
    /// busy, for up to five seconds.
    pub fn remove(&self, name: &str) -> Result<StageReport, RemoveError> {
        let stage = || String::from(name);
        let mut state = self.shared.lock();
        let member = state.member(name).ok_or_else(|| RemoveError::Unknown { stage: stage() })?;
        if member.tallies.is_none() {
            return Err(RemoveError::Polled { stage: stage() });
        }
        member.is_removed = true;
        member.control.halt();
        self.shared.wake();
        let deadline = Instant::now().checked_add(PATIENCE);
        state = self.shared.wait(state, deadline, |state| state.member(name).is_none_or(|member| member.has_ended()));
        let index = state.members.iter().position(|member| member.name == name && member.has_ended());
        let Some(index) = index else { return Err(RemoveError::Stuck { stage: stage() }) };
        let member = state.take_out(index);
        let report = member.report();
        state.removed.push(report.clone());
        Ok(report)
    }

    /// Waits until every thread of the graph has ended by itself: because the ring was closed, or because a stage failed.
    ///
    /// Blocks for as long as that takes.
    pub fn join(self) -> Result<Report, GraphError> {
        let state = self.shared.wait(self.shared.lock(), None, |state| state.running == 0);
        self.shared.conclude(state)
    }

    /// Has every stage handle all that was claimed by now, and end; after `timeout` it halts the graph instead, and says which
    /// handlers have not returned.
    ///
    /// Stages that are polled by their users are waited for only by those that come after them. Blocks no longer than `timeout`,
    /// and a tenth of a second for halting.
    pub fn drain(self, timeout: Duration) -> Result<Report, GraphError> {
        let deadline = Instant::now().checked_add(timeout);
        let end = Ledger::of(&self.shared.ring).claimed().get();
        let mut state = self.shared.lock();
        state.members.iter().for_each(|member| member.control.stop_at(end));
        self.shared.wake();
        state = self.shared.wait(state, deadline, |state| state.running == 0);
        if state.running > 0 {
            let deadline = Instant::now().checked_add(Duration::from_millis(100));
            state.halt();
            self.shared.wake();
            state = self.shared.wait(state, deadline, |state| state.running == 0);
            return Err(state.late());
        }
        self.shared.conclude(state)
    }

    /// Has every stage end after the event that it is at.
    ///
    /// Blocks until the handlers have returned, for up to five seconds.
    pub fn halt(self) -> Result<Report, GraphError> {
        let mut state = self.shared.halt_and_wait();
        match state.running {
            0 => self.shared.conclude(state),
            _ => Err(state.late()),
        }
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
        let mut state = self.shared.lock();
        state.take_out_left();
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
        if !self.shared.lock().abandoned {
            drop(self.shared.halt_and_wait());
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
