//! What a graph and its threads share: how a stage joins, how its threads begin, and what is left of them at their end.

use core::time::Duration;
use std::{
    boxed::Box,
    string::String,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
    vec::Vec,
};

use super::{
    BuildError, GraphError, OnFailure, Report, StageEnd, StageFailure,
    builder::Spec,
    control::Control,
    failure::guarded,
    member::{Member, State, Tally},
    pin,
    run::{Ended, Failed, Post, Settings, Work},
};
use crate::{
    RingRef, Start,
    consumer::{Checkpoint, Consumer, JoinAfterError, Share},
};

/// How long a graph waits for handlers to return that are to.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// What the graph and its threads share.
pub(super) struct Shared<R: RingRef> {
    pub(super) ring: R,
    state: Mutex<State<R>>,
    /// A thread has ended.
    ended: Condvar,
}

/// Threads yet to be started.
pub(super) struct Crew<R: RingRef> {
    name: String,
    work: Vec<(Box<dyn Work<R>>, Consumer<R>)>,
    control: Arc<Control>,
    settings: Settings,
    cores: Vec<usize>,
    share: Option<Arc<Share>>,
}

/// Refuses what no stage can be.
pub(super) fn check<R: RingRef>(stage: &Spec<R>) -> Result<(), BuildError> {
    let name = || stage.name.clone();
    let Some(work) = &stage.work else { return Ok(()) };
    let (threads, cores) = (work.len(), stage.cores.len());
    if threads == 0 {
        return Err(BuildError::NoWorkers { stage: name() });
    }
    if stage.settings.on_failure == OnFailure::Restart && !stage.can_restart {
        return Err(BuildError::CannotRestart { stage: name() });
    }
    if cores != 0 && cores != threads {
        return Err(BuildError::Cores { stage: name(), threads, cores });
    }
    match stage.cores.iter().find(|core| !pin::is_possible(**core)) {
        Some(&core) => Err(BuildError::NoSuchCore { stage: name(), core }),
        None => Ok(()),
    }
}

impl<R: RingRef> Shared<R> {
    pub(super) fn over(ring: R) -> Self {
        Shared { ring, state: Mutex::new(State::new()), ended: Condvar::new() }
    }

    /// The state, also after a panic while it was held: it is whole between any two of its changes.
    pub(super) fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `done`, or the deadline.
    pub(super) fn wait<'a>(
        &self,
        mut state: MutexGuard<'a, State<R>>,
        deadline: Option<Instant>,
        mut done: impl FnMut(&mut State<R>) -> bool,
    ) -> MutexGuard<'a, State<R>> {
        while !done(&mut state) {
            state = match deadline {
                None => self.ended.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let Some(left) = deadline.checked_duration_since(Instant::now()) else { break };
                    self.ended.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        state
    }

    /// Wakes every stage, to look at its control.
    pub(super) fn wake(&self) {
        let planes = self.ring.planes();
        planes.header().settled().notify();
        planes.header().opened().notify();
    }

    pub(super) fn halt_and_wait(&self) -> MutexGuard<'_, State<R>> {
        let mut state = self.lock();
        state.halt();
        self.wake();
        self.wait(state, Instant::now().checked_add(PATIENCE), |state| state.running == 0)
    }

    /// What the graph came to, all of whose threads have ended.
    pub(super) fn conclude(&self, mut state: MutexGuard<'_, State<R>>) -> Result<Report, GraphError> {
        let report = state.report();
        match state.failure.take() {
            Some(failure) => Err(GraphError::Failed { failure, report }),
            None => Ok(report),
        }
    }
}

impl<R: RingRef + Send + Sync + 'static> Shared<R> {
    /// Has a stage join the ring, behind those that it comes after; its threads, if it has any, are yet to be started.
    pub(super) fn join(
        &self,
        state: &mut State<R>,
        stage: Spec<R>,
        start: Start,
    ) -> Result<Option<Crew<R>>, BuildError> {
        let Spec { name, after, settings, cores, work, .. } = stage;
        let before: Vec<&Member<R>> = state.members.iter().filter(|member| after.contains(&member.name)).collect();
        let upstream: Vec<Checkpoint<R>> = before.iter().flat_map(|member| member.checkpoints.clone()).collect();
        let mut consumers = Vec::new();
        for _ in 0..work.as_ref().map_or(1, Vec::len) {
            let consumer = Consumer::join_after(self.ring.clone(), start, &upstream).map_err(|error| match error {
                JoinAfterError::TooManyConsumers => BuildError::TooManyConsumers { stage: name.clone() },
                JoinAfterError::AnotherRing => unreachable!("a graph is over one ring"),
            })?;
            consumers.push(consumer.named(&name));
        }
        let control = Arc::new(Control::new());
        let mut member = Member::of(name, after, Arc::clone(&control), &mut consumers);
        let crew = match work {
            None => {
                member.polled = consumers.pop();
                None
            }
            Some(work) => {
                member.tallies = Some(std::vec![None; work.len()]);
                let share = (work.len() > 1).then(|| Arc::new(Share::from(member.from.get())));
                let work = work.into_iter().zip(consumers).collect();
                Some(Crew { name: member.name.clone(), work, control, settings, cores, share })
            }
        };
        state.members.push(member);
        Ok(crew)
    }

    /// Starts a stage's threads. When the system refuses one, the graph halts.
    pub(super) fn launch(self: &Arc<Self>, crew: Crew<R>) -> Result<(), BuildError> {
        let Crew { name, work, control, settings, mut cores, share } = crew;
        cores.reverse();
        for (worker, (mut work, consumer)) in work.into_iter().enumerate() {
            let mut post =
                Post { consumer, control: Arc::clone(&control), settings: settings.clone(), share: share.clone() };
            let (shared, core) = (Arc::clone(self), cores.pop());
            self.lock().running += 1;
            let body = {
                let name = name.clone();
                move || {
                    if let Some(core) = core {
                        pin::pin(core);
                    }
                    let mut ended = Ended::Stopped;
                    // Whatever goes wrong, the graph learns that this thread has ended.
                    let outcome = guarded(|| {
                        ended = work.work(&mut post);
                        drop(work);
                        Ok(())
                    });
                    if let Err(cause) = outcome {
                        ended = Ended::Failed(cause.into());
                    }
                    shared.end(&name, worker, post.consumer, ended);
                }
            };
            let spawned = thread::Builder::new().name(name.replace('\0', "")).spawn(body);
            if let Err(source) = spawned {
                let mut state = self.lock();
                state.running -= 1;
                state.halt();
                self.wake();
                return Err(BuildError::Spawn { stage: name, source });
            }
        }
        Ok(())
    }

    /// The end of a stage's thread, which is as good as over when the graph learns of it.
    fn end(&self, name: &str, worker: usize, consumer: Consumer<R>, ended: Ended) {
        let counters = consumer.counters();
        let processed = consumer.received();
        let mut state = self.lock();
        let removed = state.member(name).is_some_and(|member| member.is_removed);
        let end = match ended {
            Ended::Failed(Failed { at, cause }) => {
                let failure = StageFailure { stage: name.into(), sequence: at, cause };
                state.failure.get_or_insert(failure);
                state.halt();
                StageEnd::Failed
            }
            _ if removed => StageEnd::Removed,
            _ if state.halted => StageEnd::Halted,
            Ended::Completed => StageEnd::Completed,
            Ended::Stopped => StageEnd::Drained,
        };
        // Before it is counted as ended: whoever waits for the graph finds the writers free of it.
        if removed {
            drop(consumer)
        } else {
            consumer.end()
        }
        self.wake();
        if let Some(tallies) = state.member(name).and_then(|member| member.tallies.as_mut()) {
            tallies[worker] = Some(Tally { end, processed, failed: counters.failed, restarts: counters.restarts });
        }
        state.running -= 1;
        drop(state);
        self.ended.notify_all();
    }
}
