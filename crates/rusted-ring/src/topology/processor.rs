//! A stage's thread, from its handler's start to its shutdown.

use core::time::Duration;
use std::{panic::resume_unwind, sync::Arc, thread};

use super::{
    HandlerError, OnFailure,
    batches::WorkerBatches,
    control::Control,
    failure::{Cause, dropped, guarded},
    handler::Handler,
    recovery::{Recovery, Retries, apply_policy},
    tally::{Failures, Tally},
};
use crate::{
    RingRef, Sequence,
    consumer::{Consumer, Found, TryRecvError, WorkerRange},
    foreign::{caught, discard},
    wait::{WaitStrategy, Waiter},
};

/// How each worker of a stage works.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) on_failure: OnFailure,
    pub(super) strategy: WaitStrategy,
    /// None: a quarter of the ring, or one event if there are several workers.
    pub(super) batch_limit: Option<usize>,
    pub(super) timeout: Option<Duration>,
}

/// Where a worker's handlers come from.
pub(super) trait HandlerSource<R: RingRef>: Send {
    type Handler: Handler<R::Slot>;
    fn make(&mut self) -> Self::Handler;
}

/// A handler that its user has made. It cannot be made again.
pub(super) struct Ready<H>(pub(super) Option<H>);

impl<R: RingRef, H: Handler<R::Slot> + Send> HandlerSource<R> for Ready<H> {
    type Handler = H;
    fn make(&mut self) -> H {
        self.0.take().expect("a stage with such a handler is never restarted")
    }
}

/// A closure that makes a handler on the stage's own thread, at its start and at each restart.
pub(super) struct Factory<F>(pub(super) F);

impl<R: RingRef, H: Handler<R::Slot>, F: FnMut() -> H + Send> HandlerSource<R> for Factory<F> {
    type Handler = H;
    fn make(&mut self) -> H {
        (self.0)()
    }
}

/// A [`HandlerSource`] whose type of handler is erased.
pub(super) trait Work<R: RingRef>: Send {
    /// Runs until the stage ends. The Consumer stays at the position where it ended.
    fn run(&mut self, processor: &mut Processor<R>) -> Ended;
}

/// What a stage's thread works with.
pub(super) struct Processor<R: RingRef> {
    pub(super) consumer: Consumer<R>,
    pub(super) control: Arc<Control>,
    pub(super) tally: Arc<Tally>,
    pub(super) settings: Settings,
    /// Its part of the events, in a stage of several workers.
    portion: Option<WorkerRange>,
    pub(super) batches: WorkerBatches,
    pub(super) failures: Failures,
    retries: Retries,
}

/// How a stage's thread ended.
pub(super) type Ended = Result<Exit, Failed>;

/// Why a stage's thread ended, if not by a failure.
pub(super) enum Exit {
    /// It has received everything that will ever come.
    Completed,
    /// It was told to end.
    Stopped,
}

/// A failure, and the event at which it happened.
pub(super) struct Failed {
    pub(super) at: Option<Sequence>,
    pub(super) cause: Cause,
}

impl From<Cause> for Failed {
    fn from(cause: Cause) -> Self {
        Failed { at: None, cause }
    }
}

/// Combines how a thread ended with what failed after that. The first failure counts.
pub(super) fn first_failure(ended: Ended, later: Result<(), Cause>) -> Ended {
    match (ended, later) {
        (Ok(_), Err(cause)) => Err(cause.into()),
        (ended, later) => {
            discard(later);
            ended
        }
    }
}

impl<R: RingRef, S: HandlerSource<R>> Work<R> for S {
    fn run(&mut self, processor: &mut Processor<R>) -> Ended {
        let mut handler = None;
        let ended =
            guarded(|| Ok(processor.run_handlers(self, &mut handler))).unwrap_or_else(|cause| Err(cause.into()));
        let shut_down = handler.as_mut().map_or(Ok(()), |handler| processor.or_halt(|| handler.shutdown()));
        let ended = first_failure(ended, shut_down);
        first_failure(ended, dropped(handler))
    }
}

/// What follows when a handler stops working.
enum Next {
    Restart,
    End(Exit),
}

impl<R: RingRef> Processor<R> {
    pub(super) fn new(
        consumer: Consumer<R>,
        control: Arc<Control>,
        tally: Arc<Tally>,
        settings: Settings,
        portion: Option<WorkerRange>,
        batches: WorkerBatches,
    ) -> Self {
        Processor {
            consumer,
            control,
            tally,
            settings,
            portion,
            batches,
            failures: Failures::default(),
            retries: Retries::default(),
        }
    }

    fn run_handlers<S: HandlerSource<R>>(&mut self, source: &mut S, handler: &mut Option<S::Handler>) -> Ended {
        self.replace(source, handler)?;
        loop {
            let Some(running) = handler else { unreachable!("a stage has a handler while it works") };
            // The handler's own panics are caught around each of its calls, so this catches the ring's.
            match caught(|| self.run_handler(running)) {
                Ok(next) => match next? {
                    Next::Restart => self.replace(source, handler)?,
                    Next::End(exit) => return Ok(exit),
                },
                Err(payload) if self.retries.again(self.consumer.next_sequence()) => discard(payload),
                Err(payload) => resume_unwind(payload),
            }
        }
    }

    /// Drops the handler, if there is one, then makes and starts another.
    fn replace<S: HandlerSource<R>>(&mut self, source: &mut S, handler: &mut Option<S::Handler>) -> Result<(), Cause> {
        let former = handler.take();
        let restarts = u64::from(former.is_some());
        dropped(former)?;
        let made = handler.insert(guarded(|| Ok(source.make()))?);
        self.count_failures(0, restarts);
        self.or_halt(|| made.start())
    }

    /// Calls a handler's start or shutdown, where every failure halts the graph.
    fn or_halt(&self, call: impl FnOnce() -> Result<(), HandlerError>) -> Result<(), Cause> {
        guarded(call).or_else(|cause| apply_policy(cause, None, OnFailure::Halt, &self.control, &self.tally).map(drop))
    }

    /// Works until the handler is to be replaced, or the stage ends.
    fn run_handler(&mut self, handler: &mut impl Handler<R::Slot>) -> Result<Next, Failed> {
        let mut waiter = None;
        loop {
            if self.is_stopped() {
                return Ok(Next::End(Exit::Stopped));
            }
            match self.find() {
                Ok(None) => {}
                Ok(Some((found, count))) => {
                    waiter = None;
                    let whole = self.consumer.next_sequence() + count;
                    if self.process(handler, found, count)? == Recovery::Restart {
                        return Ok(Next::Restart);
                    }
                    // It has caught up. Looking again at once would take cache lines from the publisher of the next events, a few events
                    // at a time (docs/adr/0019).
                    if self.settings.strategy == WaitStrategy::Yield && self.consumer.next_sequence() < whole {
                        thread::yield_now();
                    }
                }
                Err(TryRecvError::Closed) => return Ok(Next::End(Exit::Completed)),
                Err(TryRecvError::Corrupt(corrupt)) => return Err(Cause::Error(corrupt.into()).into()),
                Err(TryRecvError::Empty) => {
                    let wait = waiter.get_or_insert_with(|| self.waiter());
                    if !wait.wait(|timeout| self.consumer.park_unless(|| self.is_stopped(), timeout)) {
                        waiter = None;
                        if self.time_out(handler)? == Recovery::Restart {
                            return Ok(Next::Restart);
                        }
                    }
                }
            }
        }
    }

    /// Tells the handler that no event came in time.
    fn time_out(&self, handler: &mut impl Handler<R::Slot>) -> Result<Recovery, Cause> {
        guarded(|| handler.timeout()).map_or_else(
            |cause| apply_policy(cause, None, self.settings.on_failure, &self.control, &self.tally),
            |()| Ok(Recovery::Continue),
        )
    }

    /// Returns whether the stage is at its end: at once, or at a sequence, once what it took before that is handled.
    fn is_stopped(&self) -> bool {
        let is_left = || self.portion.as_ref().is_some_and(|portion| portion.is_left(&self.consumer));
        self.control.is_halting() || self.control.end() <= self.consumer.next_sequence() && !is_left()
    }

    fn waiter(&self) -> Waiter {
        match self.settings.timeout {
            Some(timeout) => Waiter::for_at_most(self.settings.strategy, timeout),
            None => Waiter::new(self.settings.strategy),
        }
    }

    /// Finds the next events for this worker, and how many it takes at most. Returns none at the stage's end.
    fn find(&mut self) -> Result<Option<(Found, u64)>, TryRecvError> {
        let limit = self.settings.batch_limit.map(|limit| limit as u64);
        let end = self.control.end();
        let batches = &self.batches;
        match &mut self.portion {
            Some(portion) => portion.take(&mut self.consumer, end.get(), |worker, found, left| {
                batches.most(worker, found, limit.unwrap_or(1), left)
            }),
            None => {
                self.consumer.look_afresh();
                let found = self.consumer.find()?;
                let quarter = (self.consumer.ring().capacity() as u64 / 4).max(1);
                // Skipped holes may have brought it to the end.
                let left = end.get().saturating_sub(self.consumer.next_sequence().get());
                if left == 0 {
                    return Ok(None);
                }
                let most = batches.most(&mut self.consumer, found, limit.unwrap_or(quarter), left)?;
                Ok(Some((found, most)))
            }
        }
    }

    /// Counts failures in the graph's report and in the ring's ledger.
    pub(super) fn count_failures(&mut self, failed: u64, restarts: u64) {
        self.tally.add_failures(failed, restarts);
        self.consumer.count_failures(failed, restarts);
    }
}
