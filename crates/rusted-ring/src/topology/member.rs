//! The stages of a running graph, and what the graph keeps of each.

use std::{string::String, sync::Arc, time::Instant, vec::Vec};

use super::{
    GraphError, RemoveError, Report, StageEnd, StageFailure, StageReport, control::Control, processor::Exit,
    tally::Tally,
};
use crate::{
    RingRef, Sequence,
    consumer::{Checkpoint, Consumer},
};

pub(super) struct State<R: RingRef> {
    /// In the order of their numbers, which is the order in which they were described.
    pub(super) members: Vec<Member<R>>,
    /// The reports of stages that were removed, with their numbers.
    removed: Vec<(usize, StageReport)>,
    /// The number of the next stage.
    pub(super) next: usize,
    /// The first failure.
    pub(super) failure: Option<StageFailure>,
    /// Stages end at once, and no other stage may be added.
    pub(super) halted: bool,
    /// Stages end once they have handled all that was claimed.
    draining: bool,
    /// Nothing waits any longer for handlers that have not returned.
    pub(super) abandoned: bool,
    /// The number of threads that have not ended.
    pub(super) running: usize,
}

/// A stage of a running graph.
pub(super) struct Member<R: RingRef> {
    /// Never given to another stage of the graph, unlike its name.
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) after: Vec<String>,
    pub(super) control: Arc<Control>,
    /// One for each Consumer.
    pub(super) checkpoints: Vec<Checkpoint<R>>,
    /// The sequence at which it began.
    pub(super) from: Sequence,
    pub(super) begun: Instant,
    /// Its threads; none for a stage that its user polls.
    pub(super) workers: Vec<Worker>,
    /// The Consumer of a stage that its user polls, until the user takes it.
    pub(super) polled: Option<Consumer<R>>,
    /// The failure of the first worker that failed, in words.
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

    fn by_number(&mut self, number: usize) -> Option<&mut Member<R>> {
        self.members.iter_mut().find(|member| member.number == number)
    }

    /// Keeps the Consumer of a stage that is polled, for its user to take.
    pub(super) fn keep_polled(&mut self, number: usize, consumer: Consumer<R>) {
        let member = self.by_number(number).expect("a stage stays while its Consumer is there");
        member.polled = Some(consumer);
    }

    /// The name of a stage that has not left.
    pub(super) fn name_of(&self, number: usize) -> String {
        let member = self.members.iter().find(|member| member.number == number);
        member.map_or_else(String::new, |member| member.name.clone())
    }

    /// Removes a stage from the graph. The stages after it come after those that it came after.
    fn remove_at(&mut self, index: usize) -> Member<R> {
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

    /// Removes the stages whose users have dropped their Consumers.
    pub(super) fn remove_left(&mut self) {
        while let Some(index) = self.members.iter().position(Member::has_left) {
            self.remove_at(index);
        }
    }

    /// Completes the removal of a stage once all its threads have ended. The last of them calls this, or [`remove`](Self::remove)
    /// if they have ended before.
    fn complete_removal(&mut self, number: usize) {
        let is_over = |member: &Member<R>| member.number == number && member.is_removed && member.has_ended();
        if let Some(index) = self.members.iter().position(is_over) {
            let report = self.remove_at(index).report();
            self.removed.push((number, report));
        }
    }

    /// Lets a stage end, and then leave the graph. Returns its number.
    pub(super) fn remove(&mut self, name: &str) -> Result<usize, RemoveError> {
        let member = self.member(name).ok_or_else(|| RemoveError::Unknown { stage: name.into() })?;
        if member.workers.is_empty() {
            return Err(RemoveError::Polled { stage: name.into() });
        }
        member.is_removed = true;
        member.control.halt();
        let number = member.number;
        self.complete_removal(number);
        Ok(number)
    }

    /// The report of a stage that has been removed.
    pub(super) fn removed(&self, number: usize) -> Option<&StageReport> {
        self.removed.iter().find_map(|(other, report)| (*other == number).then_some(report))
    }

    pub(super) fn halt(&mut self) {
        self.halted = true;
        self.members.iter().for_each(|member| member.control.halt());
    }

    /// Lets every stage end at `end`.
    pub(super) fn drain(&mut self, end: Sequence) {
        self.draining = true;
        self.members.iter().for_each(|member| member.control.stop_at(end));
    }

    /// How a stage's thread has ended, on a ring that was closed by then or not.
    pub(super) fn end_of(&mut self, number: usize, exit: Exit, closed: bool) -> StageEnd {
        match exit {
            _ if self.by_number(number).is_some_and(|member| member.is_removed) => StageEnd::Removed,
            _ if self.halted => StageEnd::Halted,
            Exit::Completed if closed || !self.draining => StageEnd::Completed,
            Exit::Completed | Exit::Stopped => StageEnd::Drained,
        }
    }

    /// Halts the graph because a stage's thread has failed. Returns the failure if it is not the first.
    pub(super) fn fail(&mut self, number: usize, failure: StageFailure, message: String) -> Option<StageFailure> {
        self.halt();
        if let Some(member) = self.by_number(number) {
            member.failure.get_or_insert(message);
        }
        match self.failure {
            Some(_) => Some(failure),
            None => {
                self.failure = Some(failure);
                None
            }
        }
    }

    /// Records that a stage's thread has ended.
    pub(super) fn ended(&mut self, number: usize, worker: usize, end: StageEnd) {
        if let Some(member) = self.by_number(number) {
            member.workers[worker].end = Some(end);
        }
        self.running -= 1;
        self.complete_removal(number);
    }

    /// The outcome of the graph. `in_time` says whether it did all that it was to do.
    pub(super) fn conclude(&mut self, in_time: bool) -> Result<Report, GraphError> {
        let is_over = self.running == 0;
        // Nothing waits for the other threads any longer.
        self.abandoned |= !is_over;
        let report = self.report();
        match self.failure.take() {
            Some(failure) => Err(GraphError::Failed { failure, report }),
            None if is_over && in_time => Ok(report),
            None => Err(GraphError::Late { report }),
        }
    }

    /// What each stage did that has threads.
    fn report(&mut self) -> Report {
        let mut stages = core::mem::take(&mut self.removed);
        let at_work = self.members.iter().filter(|member| !member.workers.is_empty());
        stages.extend(at_work.map(|member| (member.number, member.report())));
        stages.sort_by_key(|(number, _)| *number);
        Report { stages: stages.into_iter().map(|(_, report)| report).collect() }
    }
}

impl<R: RingRef> Member<R> {
    /// A stage whose Consumers have just joined. `workers` of them have threads.
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

    /// Returns whether all its threads have ended.
    fn has_ended(&self) -> bool {
        self.workers.iter().all(|worker| worker.end.is_some())
    }

    /// Returns whether its user has dropped its Consumer.
    fn has_left(&self) -> bool {
        self.workers.is_empty() && self.checkpoints.iter().all(Checkpoint::has_left)
    }

    /// The sequence below which all its workers have finished everything.
    pub(super) fn finished(&self) -> Sequence {
        let finished = self.checkpoints.iter().map(Checkpoint::finished).min().unwrap_or_default();
        finished.max(self.from)
    }

    /// The sum of what its threads have counted.
    pub(super) fn sum(&self, of: fn(&Tally) -> u64) -> u64 {
        self.workers.iter().map(|worker| of(&worker.tally)).sum()
    }

    fn report(&self) -> StageReport {
        let workers: Vec<u64> = self.workers.iter().map(|worker| worker.tally.processed()).collect();
        StageReport {
            name: self.name.clone(),
            end: self.end(),
            // The sum of what was read above: a worker that is stuck may continue meanwhile.
            processed: workers.iter().sum(),
            failed: self.sum(Tally::failed),
            restarts: self.sum(Tally::restarts),
            workers,
            failure: self
                .failure
                .clone()
                .or_else(|| self.workers.iter().find_map(|worker| worker.tally.last_skipped())),
        }
    }

    /// How it ended, which is the worst end of its workers.
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
            let exits = [(Exit::Completed, true), (Exit::Completed, false), (Exit::Stopped, false)];
            exits.map(|(exit, closed)| state.end_of(0, exit, closed))
        };
        assert_eq!(ends(&mut state), [StageEnd::Completed, StageEnd::Completed, StageEnd::Drained]);
        // The stages before it have ended on an open ring, so it was drained too.
        state.drain(Sequence::new(7));
        assert_eq!(ends(&mut state), [StageEnd::Completed, StageEnd::Drained, StageEnd::Drained]);
        state.halt();
        assert_eq!(ends(&mut state), [StageEnd::Halted; 3]);
    }
}
