//! Adding stages to a graph, when it starts and while it runs. Stages that are described together are all added, or none is.

use std::{string::String, sync::Arc, vec::Vec};

use super::{
    BuildError, OnFailure,
    builder::Spec,
    feeds,
    member::{Member, State},
    processor::Processor,
    resolve,
    shared::Shared,
    threads::{Task, Threads},
};
use crate::{
    RingRef, Start,
    consumer::{Checkpoint, Consumer, JoinError, WorkSequence, WorkerRange},
    foreign::FirstPanic,
    placement::is_usable,
    ring::TABLE_LEN,
};

/// Refuses descriptions that no stage can have.
fn check<R: RingRef>(stage: &Spec<R>) -> Result<(), BuildError> {
    let name = || stage.name.clone();
    let Some(work) = &stage.work else { return Ok(()) };
    let (threads, cores) = (work.len(), stage.cores.len());
    if threads == 0 {
        return Err(BuildError::NoWorkers { stage: name() });
    }
    if threads > TABLE_LEN {
        return Err(BuildError::TooManyReaders { stage: name() });
    }
    if stage.settings.on_failure == OnFailure::Restart && !stage.can_restart {
        return Err(BuildError::CannotRestart { stage: name() });
    }
    if cores != 0 && cores != threads {
        return Err(BuildError::Cores { stage: name(), threads, cores });
    }
    match stage.cores.iter().find(|core| !is_usable(**core)) {
        Some(&core) => Err(BuildError::NoSuchCore { stage: name(), core }),
        None => Ok(()),
    }
}

/// The Consumers of stages that their users poll, with the stages' numbers.
pub(super) type Polled<R> = Vec<(usize, Consumer<R>)>;

/// A stage that has joined the ring and has not started.
struct Joined<R: RingRef> {
    member: Member<R>,
    consumers: Vec<Consumer<R>>,
}

impl<R: RingRef + Send + Sync + 'static> Shared<R> {
    /// Adds stages, and returns the Consumers of those that are polled. Everything that can be refused happens before any stage starts, and
    /// is undone when something is refused.
    pub(super) fn add(self: &Arc<Self>, mut stages: Vec<Spec<R>>, start: Start) -> Result<Polled<R>, BuildError> {
        let mut joined = Vec::new();
        let outcome = self.try_to_add(&mut stages, start, &mut joined);
        // What is left was refused. Its handlers and wakers are foreign code, so nothing is locked here.
        let mut panics = FirstPanic::default();
        for Joined { member, consumers } in joined {
            panics.of_drops(consumers);
            drop(member);
        }
        for work in stages.iter_mut().filter_map(|stage| stage.work.take()) {
            panics.of_drops(work);
        }
        panics.pass_on_or(outcome)
    }

    fn try_to_add(
        self: &Arc<Self>,
        stages: &mut [Spec<R>],
        start: Start,
        joined: &mut Vec<Joined<R>>,
    ) -> Result<Polled<R>, BuildError> {
        let order = |state: &State<R>, stages: &[Spec<R>]| {
            if let (true, Some(stage)) = (state.halted, stages.first()) {
                return Err(BuildError::Halted { stage: stage.name.clone() });
            }
            let named: Vec<(&str, &[String])> = stages.iter().map(|stage| (&*stage.name, &*stage.after)).collect();
            resolve::order(&named, |name| state.members.iter().any(|member| member.name == name))
        };
        order(&self.lock(), stages)?;
        stages.iter().try_for_each(check)?;
        stages.iter().try_for_each(|stage| self.check_batches(stage))?;
        let from = feeds::address(&self.ring);
        // The clone that remains is the handler's, and is dropped with it.
        if let Some(stage) = stages.iter_mut().find_map(|stage| match stage.outflow.take() {
            Some(outflow) if !outflow.open(from) => Some(stage),
            _ => None,
        }) {
            return Err(BuildError::LeadsBack { stage: stage.name.clone() });
        }
        let threads = Threads::of(stages)?;
        let (tasks, polled) = {
            let mut state = self.lock();
            // Another thread may have changed the graph meanwhile.
            for index in order(&state, stages)? {
                self.join(&state, &stages[index], state.next + index, start, joined)?;
            }
            self.commit(&mut state, stages, joined)
        };
        threads.begin(tasks);
        Ok(polled)
    }

    /// Refuses a stage that is to wait for a batch that the ring cannot hold.
    fn check_batches(&self, stage: &Spec<R>) -> Result<(), BuildError> {
        let (longest, capacity) = (self.batches.longest(&stage.name), self.ring.capacity());
        if longest <= capacity as u64 {
            return Ok(());
        }
        Err(BuildError::Batch { stage: stage.name.clone(), longest, capacity })
    }

    /// Lets a stage join the ring, after stages that are members already or have joined before it.
    fn join(
        &self,
        state: &State<R>,
        stage: &Spec<R>,
        number: usize,
        start: Start,
        joined: &mut Vec<Joined<R>>,
    ) -> Result<(), BuildError> {
        let members = state.members.iter().chain(joined.iter().map(|joined| &joined.member));
        let before: Vec<&Member<R>> = members.filter(|member| stage.after.contains(&member.name)).collect();
        let upstream: Vec<Checkpoint<R>> = before.iter().flat_map(|member| member.checkpoints.clone()).collect();
        let workers = stage.work.as_ref().map(Vec::len);
        let mut consumers = Vec::new();
        let outcome = (0..workers.unwrap_or(1)).try_for_each(|_| {
            let consumer = Consumer::join_after(self.ring.clone(), start, &upstream).map_err(|error| match error {
                JoinError::TooManyReaders => BuildError::TooManyReaders { stage: stage.name.clone() },
                other => unreachable!("a stage joins its graph's own ring: {other}"),
            })?;
            consumers.push(consumer.named(&stage.name));
            Ok(())
        });
        let member = Member::of(number, &stage.name, &stage.after, &mut consumers, workers.unwrap_or(0));
        joined.push(Joined { member, consumers });
        outcome
    }

    /// Makes the stages, which have all joined, members of the graph. Returns the tasks of their threads, and the Consumers of those
    /// that are polled.
    fn commit(
        self: &Arc<Self>,
        state: &mut State<R>,
        stages: &mut [Spec<R>],
        joined: &mut Vec<Joined<R>>,
    ) -> (Vec<Task<R>>, Polled<R>) {
        joined.sort_by_key(|joined| joined.member.number);
        let (mut tasks, mut polled) = (Vec::new(), Vec::new());
        for (stage, Joined { member, consumers }) in stages.iter_mut().zip(joined.drain(..)) {
            match stage.work.take() {
                None => polled.extend(consumers.into_iter().map(|consumer| (member.number, consumer))),
                Some(work) => {
                    let share = (work.len() > 1).then(|| Arc::new(WorkSequence::from(member.from.get())));
                    for (worker, (work, consumer)) in work.into_iter().zip(consumers).enumerate() {
                        let processor = Processor::new(
                            consumer,
                            Arc::clone(&member.control),
                            Arc::clone(&member.workers[worker].tally),
                            stage.settings.clone(),
                            share.clone().map(WorkerRange::of),
                            self.batches.of(&stage.name, worker, member.workers.len()),
                        );
                        let core = stage.core_of(worker);
                        let (shared, stage) = (Arc::clone(self), member.number);
                        tasks.push(Task { shared, stage, worker, core, work, processor });
                    }
                }
            }
            state.members.push(member);
        }
        state.next += stages.len();
        state.running += tasks.len();
        (tasks, polled)
    }
}
