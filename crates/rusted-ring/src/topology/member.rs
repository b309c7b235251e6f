//! The stages of a running graph, and what each has done.

use std::{mem, string::String, sync::Arc, time::Instant, vec::Vec};

use super::{GraphError, Report, StageEnd, StageFailure, StageReport, control::Control};
use crate::{
    RingRef, Sequence,
    consumer::{Checkpoint, Consumer},
};

pub(super) struct State<R: RingRef> {
    pub(super) members: Vec<Member<R>>,
    /// Reports of stages that were removed.
    pub(super) removed: Vec<StageReport>,
    /// The first failure.
    pub(super) failure: Option<StageFailure>,
    /// No stage may begin any more.
    pub(super) halted: bool,
    /// Nobody waits any longer for handlers that have not returned.
    pub(super) abandoned: bool,
    /// Threads that have not ended.
    pub(super) running: usize,
}

/// A stage of a running graph.
pub(super) struct Member<R: RingRef> {
    pub(super) name: String,
    pub(super) after: Vec<String>,
    pub(super) control: Arc<Control>,
    /// Of each worker.
    pub(super) checkpoints: Vec<Checkpoint<R>>,
    /// Where it began, and when.
    pub(super) from: Sequence,
    pub(super) begun: Instant,
    /// Of each worker, once it has ended; none for a stage that is polled by its user.
    pub(super) tallies: Option<Vec<Option<Tally>>>,
    /// The Consumer of a stage that is polled by its user, until it is taken.
    pub(super) polled: Option<Consumer<R>>,
    pub(super) is_removed: bool,
}

/// What one worker did.
#[derive(Clone, Copy)]
pub(super) struct Tally {
    pub(super) end: StageEnd,
    pub(super) processed: u64,
    pub(super) failed: u64,
    pub(super) restarts: u64,
}

impl<R: RingRef> State<R> {
    pub(super) fn new() -> Self {
        State { members: Vec::new(), removed: Vec::new(), failure: None, halted: false, abandoned: false, running: 0 }
    }

    pub(super) fn member(&mut self, name: &str) -> Option<&mut Member<R>> {
        self.members.iter_mut().find(|member| member.name == name)
    }

    /// Takes a stage out; those that came after it come after those that it came after.
    pub(super) fn take_out(&mut self, index: usize) -> Member<R> {
        let member = self.members.remove(index);
        for other in &mut self.members {
            if let Some(place) = other.after.iter().position(|after| *after == member.name) {
                other.after.remove(place);
                let inherited = member.after.iter().filter(|name| !other.after.contains(name)).cloned();
                let inherited: Vec<String> = inherited.collect();
                other.after.extend(inherited);
            }
        }
        member
    }

    /// Takes out the stages whose users have dropped their Consumers.
    pub(super) fn take_out_left(&mut self) {
        while let Some(index) = self.members.iter().position(Member::has_left) {
            self.take_out(index);
        }
    }

    pub(super) fn halt(&mut self) {
        self.halted = true;
        self.members.iter().for_each(|member| member.control.halt());
    }

    /// What the stages did by a deadline that has passed; nobody waits for them any longer.
    pub(super) fn late(&mut self) -> GraphError {
        self.abandoned = true;
        GraphError::Late { report: self.report() }
    }

    /// What the stages did that have threads.
    pub(super) fn report(&mut self) -> Report {
        let mut stages = mem::take(&mut self.removed);
        stages.extend(self.members.iter().filter(|member| member.tallies.is_some()).map(|member| member.report()));
        Report { stages }
    }
}

impl<R: RingRef> Member<R> {
    /// A stage whose Consumers have just joined.
    pub(super) fn of(name: String, after: Vec<String>, control: Arc<Control>, consumers: &mut [Consumer<R>]) -> Self {
        Member {
            name,
            after,
            control,
            checkpoints: consumers.iter_mut().map(Consumer::checkpoint).collect(),
            from: consumers.iter().map(Consumer::next_sequence).max().unwrap_or_default(),
            begun: Instant::now(),
            tallies: None,
            polled: None,
            is_removed: false,
        }
    }

    /// Whether all its threads have ended.
    pub(super) fn has_ended(&self) -> bool {
        self.tallies.as_ref().is_some_and(|tallies| tallies.iter().all(Option::is_some))
    }

    /// Whether its user has dropped its Consumer.
    fn has_left(&self) -> bool {
        self.tallies.is_none() && self.checkpoints.iter().all(Checkpoint::has_left)
    }

    /// The sequence below which all its workers have finished everything.
    pub(super) fn finished(&self) -> u64 {
        let finished = self.checkpoints.iter().map(|checkpoint| checkpoint.finished().get()).min().unwrap_or_default();
        finished.max(self.from.get())
    }

    pub(super) fn report(&self) -> StageReport {
        let tallies = self.tallies.as_deref().unwrap_or_default();
        let sum = |of: fn(&Tally) -> u64| tallies.iter().flatten().map(of).sum();
        let ends = || tallies.iter().flatten().map(|tally| tally.end);
        let end = match () {
            () if tallies.iter().any(Option::is_none) => StageEnd::Stuck,
            () if ends().any(|end| end == StageEnd::Failed) => StageEnd::Failed,
            () => ends().next().unwrap_or(StageEnd::Halted),
        };
        StageReport {
            name: self.name.clone(),
            end,
            processed: sum(|tally| tally.processed),
            failed: sum(|tally| tally.failed),
            restarts: sum(|tally| tally.restarts),
            workers: tallies.iter().map(|tally| tally.map_or(0, |tally| tally.processed)).collect(),
        }
    }
}
