//! What a graph and its threads share.

use core::time::Duration;
use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{
    StageEnd, StageFailure,
    batches::Batches,
    failure::in_words,
    member::State,
    processor::{Ended, Failed},
};
use crate::{
    RingRef,
    consumer::Consumer,
    foreign::{FirstPanic, discard, waking},
};

/// How long a graph waits for the handlers of a stage that is removed or halted.
pub(super) const HALT_TIMEOUT: Duration = Duration::from_secs(5);

/// What the graph and its threads share.
///
/// No foreign code is called while the state is locked: no handler, no waker, and no destructor of what users made.
pub(super) struct Shared<R: RingRef> {
    pub(super) ring: R,
    pub(super) batches: Batches,
    state: Mutex<State<R>>,
    /// Notified when a thread has ended.
    ended: Condvar,
}

impl<R: RingRef> Shared<R> {
    pub(super) fn over(ring: R, batches: Batches) -> Self {
        Shared { ring, batches, state: Mutex::new(State::new()), ended: Condvar::new() }
    }

    /// Locks the state, and removes the stages whose users have dropped their Consumers.
    pub(super) fn lock(&self) -> MutexGuard<'_, State<R>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.remove_left();
        state
    }

    /// Waits until `done`, or until the deadline, and returns the state.
    pub(super) fn wait(
        &self,
        deadline: Option<Instant>,
        mut done: impl FnMut(&State<R>) -> bool,
    ) -> MutexGuard<'_, State<R>> {
        let mut state = self.lock();
        while !done(&state) {
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

    /// Wakes every stage, so that it looks at its control. Others that sleep on the ring are woken too.
    pub(super) fn wake(&self, panics: &mut FirstPanic) {
        let header = self.ring.view().header();
        panics.of(|| header.readers().notify());
        panics.of(|| header.publishers().notify());
    }

    /// Halts every stage, waits until they have ended, or for `timeout`, and returns the state.
    pub(super) fn halt_and_wait(&self, timeout: Duration, panics: &mut FirstPanic) -> MutexGuard<'_, State<R>> {
        self.lock().halt();
        self.wake(panics);
        self.wait(Instant::now().checked_add(timeout), |state| state.running == 0)
    }

    /// Ends a stage's thread: gives back its Consumer, and then lets the graph know.
    pub(super) fn end(&self, stage: usize, worker: usize, consumer: Consumer<R>, ended: Ended) {
        let closed = self.ring.is_closed();
        let (end, left) = match ended {
            Ok(way) => (self.lock().end_of(stage, way, closed), None),
            Err(Failed { at, cause }) => {
                let message = in_words(at, &cause);
                let name = self.lock().name_of(stage);
                let failure = StageFailure { stage: name, sequence: at, cause };
                (StageEnd::Failed, self.lock().fail(stage, failure, message))
            }
        };
        // Before it counts as ended, so that it holds no publisher once a wait for the graph returns.
        waking(|| match end {
            StageEnd::Removed => drop(consumer),
            _ => consumer.end(),
        });
        self.lock().ended(stage, worker, end);
        self.ended.notify_all();
        let mut panics = FirstPanic::default();
        self.wake(&mut panics);
        // Nobody on this thread can be told.
        discard(panics);
        discard(left);
    }
}

impl<R: RingRef> Drop for Shared<R> {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut panics = FirstPanic::default();
        // The drops of Consumers that nobody took wake others, and a failure that nobody was told of is foreign.
        panics.of_drops(state.members.drain(..));
        panics.of_drops(state.failure.take());
        panics.pass_on_or(());
    }
}
