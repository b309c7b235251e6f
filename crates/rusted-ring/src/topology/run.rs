//! A stage's thread: from its handler's start to its shutdown.

use core::time::Duration;
use std::{sync::Arc, thread};

use super::{
    HandlerError, OnFailure,
    control::Control,
    failure::{Cause, guarded},
    handler::{BatchStart, Handler, Turn},
};
use crate::{
    RingRef, Sequence,
    consumer::{Batch, Consumer, Found, Share, TryRecvError},
    wait::{WaitStrategy, Waiter},
};

/// How a stage is to work, each worker of it alike.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) on_failure: OnFailure,
    pub(super) strategy: WaitStrategy,
    /// None: a quarter of the ring; of several workers, one event.
    pub(super) batch_limit: Option<usize>,
    pub(super) timeout: Option<Duration>,
}

/// Where a stage's handlers come from.
pub(super) trait Make<R: RingRef>: Send {
    type Handler: Handler<R::Slot>;
    fn make(&mut self) -> Self::Handler;
}

/// A handler that was made elsewhere, once.
pub(super) struct Given<H>(pub(super) Option<H>);

impl<R: RingRef, H: Handler<R::Slot> + Send> Make<R> for Given<H> {
    type Handler = H;
    fn make(&mut self) -> H {
        self.0.take().expect("a handler that cannot be made again has no policy that does")
    }
}

/// A handler that is made on its own thread, at the start and at each restart.
pub(super) struct Made<F>(pub(super) F);

impl<R: RingRef, H: Handler<R::Slot>, F: FnMut() -> H + Send> Make<R> for Made<F> {
    type Handler = H;
    fn make(&mut self) -> H {
        (self.0)()
    }
}

/// What a stage's thread does, whatever its handler is.
pub(super) trait Work<R: RingRef>: Send {
    /// Works to the end; how that came. The Consumer is left where it ended.
    fn work(&mut self, post: &mut Post<R>) -> Ended;
}

/// What a thread works with.
pub(super) struct Post<R: RingRef> {
    pub(super) consumer: Consumer<R>,
    pub(super) control: Arc<Control>,
    pub(super) settings: Settings,
    /// With fellow workers.
    pub(super) share: Option<Arc<Share>>,
}

/// Why a stage's thread came to its end.
pub(super) enum Ended {
    /// Nothing will come that it did not receive.
    Completed,
    /// It was told to.
    Stopped,
    Failed(Failed),
}

/// A failure, and the event at which it came.
pub(super) struct Failed {
    pub(super) at: Option<Sequence>,
    pub(super) cause: Cause,
}

impl From<Cause> for Failed {
    fn from(cause: Cause) -> Self {
        Failed { at: None, cause }
    }
}

impl<R: RingRef, M: Make<R>> Work<R> for M {
    fn work(&mut self, post: &mut Post<R>) -> Ended {
        let mut handler = None;
        let ended = renew(self, &mut handler).map_err(Failed::from).and_then(|()| {
            loop {
                let Some(running) = &mut handler else { unreachable!("a stage has a handler while it works") };
                match post.until_restart(running)? {
                    Next::Restart => renew(self, &mut handler)?,
                    Next::End(ended) => return Ok(ended),
                }
            }
        });
        let shut_down = match &mut handler {
            Some(handler) => guarded(|| handler.shutdown()).map_err(Failed::from),
            None => Ok(()),
        };
        let dropped = guarded(|| {
            drop(handler);
            Ok(())
        })
        .map_err(Failed::from);
        match (ended, shut_down.and(dropped)) {
            (Err(failed), _) | (Ok(_), Err(failed)) => Ended::Failed(failed),
            (Ok(ended), Ok(())) => ended,
        }
    }
}

/// Drops the handler, if there is one, makes another, and starts it.
fn renew<R: RingRef, M: Make<R> + ?Sized>(make: &mut M, handler: &mut Option<M::Handler>) -> Result<(), Cause> {
    let former = handler.take();
    guarded(|| {
        drop(former);
        Ok(())
    })?;
    guarded(|| handler.insert(make.make()).start())
}

/// What comes after a stretch of work.
enum Next {
    Restart,
    End(Ended),
}

/// Where in a batch a handler is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Start,
    Events,
    End,
}

impl<R: RingRef> Post<R> {
    /// Works until the handler is to be made anew, or the stage ends.
    fn until_restart(&mut self, handler: &mut impl Handler<R::Slot>) -> Result<Next, Failed> {
        let mut waiter = None;
        loop {
            if self.is_stopped() {
                return Ok(Next::End(Ended::Stopped));
            }
            match self.find(self.control.end()) {
                Ok((_, 0)) => {}
                Ok((found, count)) => {
                    waiter = None;
                    let whole = self.consumer.next_sequence().get() + count;
                    if self.handle(handler, found, count)? {
                        return Ok(Next::Restart);
                    }
                    // It has caught up: to look again at once is to take lines from whoever is at work on the next events, a few
                    // at a time (docs/adr/0019).
                    if self.settings.strategy == WaitStrategy::Yield && self.consumer.next_sequence().get() < whole {
                        thread::yield_now();
                    }
                }
                Err(TryRecvError::Closed) => return Ok(Next::End(Ended::Completed)),
                Err(TryRecvError::Empty) => {
                    let wait = waiter.get_or_insert_with(|| self.waiter());
                    if !wait.wait(|timeout| self.consumer.park_unless(|| self.is_stopped(), timeout)) {
                        waiter = None;
                        match (guarded(|| handler.timeout()), self.settings.on_failure) {
                            (Ok(()), _) | (Err(_), OnFailure::Skip) => {}
                            (Err(cause), OnFailure::Halt) => return Err(cause.into()),
                            (Err(_), OnFailure::Restart) => {
                                self.consumer.count_failures(0, 1);
                                return Ok(Next::Restart);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Whether it has come to where it is to end.
    fn is_stopped(&self) -> bool {
        self.control.end() <= self.consumer.next_sequence().get()
    }

    fn waiter(&self) -> Waiter {
        match self.settings.timeout {
            Some(timeout) => Waiter::for_at_most(self.settings.strategy, timeout),
            None => Waiter::new(self.settings.strategy),
        }
    }

    /// Finds events for this worker, before `end`; what was found at its position, and how many there are at most.
    fn find(&mut self, end: u64) -> Result<(Found, u64), TryRecvError> {
        let limit = self.settings.batch_limit.map(|limit| limit as u64);
        match &self.share {
            Some(share) => share.take(&mut self.consumer, limit.unwrap_or(1), end),
            None => {
                self.consumer.look_afresh();
                let found = self.consumer.find()?;
                let quarter = (self.consumer.ring().capacity() as u64 / 4).max(1);
                // Past holes it may have come to the end.
                Ok((found, limit.unwrap_or(quarter).min(end.saturating_sub(self.consumer.next_sequence().get()))))
            }
        }
    }

    /// Has the handler handle up to `count` events from the one on that was found; whether it is to be made anew.
    fn handle(&mut self, handler: &mut impl Handler<R::Slot>, found: Found, count: u64) -> Result<bool, Failed> {
        let mut failed = 0;
        let mut batch = self.consumer.lend_all(found, count);
        let mut drive = Drive { phase: Phase::Start, done: 0 };
        while let Err(cause) = guarded(|| drive.on(&mut batch, handler, &self.control)) {
            if self.control.is_halting() && cause.is_halting() {
                batch.keep(drive.done);
                break;
            }
            match self.settings.on_failure {
                OnFailure::Halt => {
                    let at = batch.first().get() + drive.done.min(batch.len().saturating_sub(1)) as u64;
                    batch.keep(0);
                    return Err(Failed { at: Some(Sequence::new(at)), cause });
                }
                OnFailure::Skip => {
                    failed += 1;
                    match drive.phase {
                        Phase::Start => drive.phase = Phase::Events,
                        Phase::Events => drive.done += 1,
                        Phase::End => break,
                    }
                }
                OnFailure::Restart => {
                    batch.keep(drive.done + 1);
                    drop(batch);
                    self.consumer.count_failures(failed + 1, 1);
                    return Ok(true);
                }
            }
        }
        drop(batch);
        if failed > 0 {
            self.consumer.count_failures(failed, 0);
        }
        Ok(false)
    }
}

/// How far a batch was handled.
struct Drive {
    phase: Phase,
    /// Events handled of those that the batch still has.
    done: usize,
}

impl Drive {
    /// Goes on to the batch's end, or until the stage is to end.
    fn on<R: RingRef>(
        &mut self,
        batch: &mut Batch<'_, R>,
        handler: &mut impl Handler<R::Slot>,
        control: &Control,
    ) -> Result<(), HandlerError> {
        if self.phase == Phase::Start {
            handler.batch_start(&BatchStart { size: batch.len(), lag: &|| batch.lag() })?;
            self.phase = Phase::Events;
        }
        while self.done < batch.len() {
            // Looked at before each piece, for a handler that fails comes here again after every event.
            if control.is_halting() {
                batch.keep(self.done);
            } else if self.piece(batch, handler, control)? && self.done < batch.len() {
                batch.release(self.done);
                self.done = 0;
            }
        }
        self.phase = Phase::End;
        handler.batch_end()
    }

    /// Goes on to the ring's end, to where the handler has events released, or to where the stage is to end; whether the
    /// handler has.
    fn piece<R: RingRef>(
        &mut self,
        batch: &Batch<'_, R>,
        handler: &mut impl Handler<R::Slot>,
        control: &Control,
    ) -> Result<bool, HandlerError> {
        let last = batch.len() - 1;
        let mut count = Count { now: self.done, kept: &mut self.done };
        for event in batch.piece(count.now) {
            let mut turn = Turn { control, end_of_batch: count.now == last, release: false };
            handler.event(&event, &mut turn)?;
            count.now += 1;
            if turn.release || control.is_halting() {
                return Ok(turn.release);
            }
        }
        Ok(false)
    }
}

/// A count that is kept when it is dropped, in a panic too, and until then need not be in memory.
struct Count<'a> {
    now: usize,
    kept: &'a mut usize,
}

impl Drop for Count<'_> {
    fn drop(&mut self) {
        *self.kept = self.now;
    }
}
