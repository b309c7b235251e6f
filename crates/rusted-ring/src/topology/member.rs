//! The stages of a running graph, and what is kept of each.

use std::{string::String, sync::Arc, time::Instant, vec::Vec};

use super::{
    GraphError, RemoveError, Report, StageEnd, StageFailure, StageReport, control::Control, run::Way, tally::Tally,
};
use crate::{
    RingRef, Sequence,
    consumer::{Checkpoint, Consumer},
};

pub(super) struct State<R: RingRef> {
    /// In the order in which they were described, as their numbers are.
    pub(super) members: Vec<Member<R>>,
    /// Reports of stages that were removed, by their numbers.
    removed: Vec<(usize, StageReport)>,
    /// The next stage's number.
    pub(super) next: usize,
    /// The first failure.
    pub(super) failure: Option<StageFailure>,
    /// No stage may begin any more.
    pub(super) halted: bool,
    /// Stages end once they have handled what was claimed.
    draining: bool,
    /// Nobody waits any longer for handlers that have not returned.
    pub(super) abandoned: bool,
    /// Threads that have not ended.
    pub(super) running: usize,
}

/// A stage of a running graph.
pub(super) struct Member<R: RingRef> {
    /// No other stage of the graph ever has it, whatever its name.
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) after: Vec<String>,
    pub(super) control: Arc<Control>,
    /// Of each Consumer.
    pub(super) checkpoints: Vec<Checkpoint<R>>,
    /// Where it began, and when.
    pub(super) from: Sequence,
    pub(super) begun: Instant,
    /// None for a stage that is polled by its user.
    pub(super) workers: Vec<Worker>,
    /// The Consumer of a stage that is polled by its user, until it is taken.
    pub(super) polled: Option<Consumer<R>>,
    /// What the first of its workers failed of that did.
    failure: Option<String>,
    is_removed: bool,
}

/// A thread of a stage.
#[derive(Default)]
pub(super) struct Worker {
    pub(super) tally: Arc<Tally>,
    /// How it ended, once it has.
    end: Option<StageEnd>,
}

impl<R: RingRef> State<R> {
    pub(super) fn new() -> Self {
        State {
            members: Vec::new(),
            removed: Vec::new(),
            next: 0,
            failure: None,
            halted: false,
            draining: false,
            abandoned: false,
            running: 0,
        }
    }

    pub(super) fn member(&mut self, name: &str) -> Option<&mut Member<R>> {
        self.members.iter_mut().find(|member| member.name == name)
    }

    fn numbered(&mut self, number: usize) -> Option<&mut Member<R>> {
        self.members.iter_mut().find(|member| member.number == number)
    }

    /// Keeps the Consumer of a stage that is polled, until its user takes it.
    pub(super) fn keep_polled(&mut self, number: usize, consumer: Consumer<R>) {
        let member = self.numbered(number).expect("a stage stays while its Consumer is there");
        member.polled = Some(consumer);
    }

    /// The name of a stage that has not ended.
    pub(super) fn name_of(&self, number: usize) -> String {
        let member = self.members.iter().find(|member| member.number == number);
        member.map_or_else(String::new, |member| member.name.clone())
    }

    /// Takes a stage out; those that came after it come after those that it came after.
    fn take_out(&mut self, index: usize) -> Member<R> {
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

    /// Takes a stage out that was removed, once all its threads have ended: whoever is the last calls this.
    fn take_out_removed(&mut self, number: usize) {
        let is_over = |member: &Member<R>| member.number == number && member.is_removed && member.has_ended();
        if let Some(index) = self.members.iter().position(is_over) {
            let report = self.take_out(index).report();
            self.removed.push((number, report));
        }
    }

    /// Has a stage end, and leave the graph when it has; its number.
    pub(super) fn remove(&mut self, name: &str) -> Result<usize, RemoveError> {
        let member = self.member(name).ok_or_else(|| RemoveError::Unknown { stage: name.into() })?;
        if member.workers.is_empty() {
            return Err(RemoveError::Polled { stage: name.into() });
        }
        member.is_removed = true;
        member.control.halt();
        let number = member.number;
        self.take_out_removed(number);
        Ok(number)
    }

    /// What the stage did that had this number, and was removed.
    pub(super) fn removed(&self, number: usize) -> Option<&StageReport> {
        self.removed.iter().find_map(|(other, report)| (*other == number).then_some(report))
    }

    pub(super) fn halt(&mut self) {
        self.halted = true;
        self.members.iter().for_each(|member| member.control.halt());
    }

    /// Has every stage end at `end`.
    pub(super) fn drain(&mut self, end: u64) {
        self.draining = true;
        self.members.iter().for_each(|member| member.control.stop_at(end));
    }

    /// How a stage's thread has ended that came to its end in this `way`, on a ring that was closed by then or not.
    pub(super) fn end_of(&mut self, number: usize, way: Way, closed: bool) -> StageEnd {
        match way {
            _ if self.numbered(number).is_some_and(|member| member.is_removed) => StageEnd::Removed,
            _ if self.halted => StageEnd::Halted,
            Way::Completed if closed || !self.draining => StageEnd::Completed,
            Way::Completed | Way::Stopped => StageEnd::Drained,
        }
    }

    /// A stage's thread has failed, and the graph halts; the failure, if it is not the first.
    pub(super) fn fail(&mut self, number: usize, failure: StageFailure, said: String) -> Option<StageFailure> {
        self.halt();
        if let Some(member) = self.numbered(number) {
            member.failure.get_or_insert(said);
        }
        match self.failure {
            Some(_) => Some(failure),
            None => {
                self.failure = Some(failure);
                None
            }
        }
    }

    /// A stage's thread has ended.
    pub(super) fn ended(&mut self, number: usize, worker: usize, end: StageEnd) {
        if let Some(member) = self.numbered(number) {
            member.workers[worker].end = Some(end);
        }
        self.running -= 1;
        self.take_out_removed(number);
    }

    /// What the graph came to; `in_time`, if it was not to do more than it did.
    pub(super) fn conclude(&mut self, in_time: bool) -> Result<Report, GraphError> {
        let is_over = self.running == 0;
        // Nobody waits for the others any longer.
        self.abandoned |= !is_over;
        let report = self.report();
        match self.failure.take() {
            Some(failure) => Err(GraphError::Failed { failure, report }),
            None if is_over && in_time => Ok(report),
            None => Err(GraphError::Late { report }),
        }
    }

    /// What the stages did that have threads.
    fn report(&mut self) -> Report {
        let mut stages = core::mem::take(&mut self.removed);
        let at_work = self.members.iter().filter(|member| !member.workers.is_empty());
        stages.extend(at_work.map(|member| (member.number, member.report())));
        stages.sort_by_key(|(number, _)| *number);
        Report { stages: stages.into_iter().map(|(_, report)| report).collect() }
    }
}

impl<R: RingRef> Member<R> {
    /// A stage whose Consumers have just joined; `workers` of them have threads.
    pub(super) fn of(
        number: usize,
        name: &str,
        after: &[String],
        consumers: &mut [Consumer<R>],
        workers: usize,
    ) -> Self {
        Member {
            number,
            name: name.into(),
            after: after.into(),
            control: Arc::new(Control::new()),
            checkpoints: consumers.iter_mut().map(Consumer::checkpoint).collect(),
            from: consumers.iter().map(Consumer::next_sequence).max().unwrap_or_default(),
            begun: Instant::now(),
            workers: (0..workers).map(|_| Worker::default()).collect(),
            polled: None,
            failure: None,
            is_removed: false,
        }
    }

    /// Whether all its threads have ended.
    fn has_ended(&self) -> bool {
        self.workers.iter().all(|worker| worker.end.is_some())
    }

    /// Whether its user has dropped its Consumer.
    fn has_left(&self) -> bool {
        self.workers.is_empty() && self.checkpoints.iter().all(Checkpoint::has_left)
    }

    /// The sequence below which all its workers have finished everything.
    pub(super) fn finished(&self) -> u64 {
        let finished = self.checkpoints.iter().map(|checkpoint| checkpoint.finished().get()).min().unwrap_or_default();
        finished.max(self.from.get())
    }

    fn report(&self) -> StageReport {
        let sum = |of: fn(&Tally) -> u64| self.workers.iter().map(|worker| of(&worker.tally)).sum();
        let workers: Vec<u64> = self.workers.iter().map(|worker| worker.tally.processed()).collect();
        StageReport {
            name: self.name.clone(),
            end: self.end(),
            // Counted once: a worker that is stuck may go on meanwhile.
            processed: workers.iter().sum(),
            failed: sum(Tally::failed),
            restarts: sum(Tally::restarts),
            workers,
            failure: self.failure.clone().or_else(|| self.workers.iter().find_map(|worker| worker.tally.passed_over())),
        }
    }

    /// How it ended: as that of its workers did that came off worst.
    fn end(&self) -> StageEnd {
        let ends = || self.workers.iter().map(|worker| worker.end);
        let worst_first = [StageEnd::Failed, StageEnd::Halted, StageEnd::Removed, StageEnd::Drained];
        match worst_first.into_iter().find(|worse| ends().any(|end| end == Some(*worse))) {
            _ if !self.has_ended() => StageEnd::Stuck,
            Some(end) => end,
            None => StageEnd::Completed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HeapRing;

    #[test]
    fn how_a_stage_has_ended_depends_on_the_ring_and_on_what_the_graph_was_told() {
        let mut state = State::<HeapRing<8>>::new();
        let ends = |state: &mut State<_>| {
            let ways = [(Way::Completed, true), (Way::Completed, false), (Way::Stopped, false)];
            ways.map(|(way, closed)| state.end_of(0, way, closed))
        };
        assert_eq!(ends(&mut state), [StageEnd::Completed, StageEnd::Completed, StageEnd::Drained]);
        // Those before it have ended, and the ring is open: it was drained, too.
        state.drain(7);
        assert_eq!(ends(&mut state), [StageEnd::Completed, StageEnd::Drained, StageEnd::Drained]);
        state.halt();
        assert_eq!(ends(&mut state), [StageEnd::Halted; 3]);
    }
}
