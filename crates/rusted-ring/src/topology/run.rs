//! A stage's thread: from its handler's start to its shutdown.

use core::time::Duration;
use std::{panic::resume_unwind, sync::Arc, thread};

use super::{
    HandlerError, OnFailure,
    control::Control,
    failure::{Cause, dropped, guarded, in_words},
    handler::Handler,
    tally::{Failures, Tally},
};
use crate::{
    RingRef, Sequence,
    consumer::{Consumer, Found, Portion, TryRecvError},
    foreign::{caught, discard},
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
    pub(super) tally: Arc<Tally>,
    pub(super) settings: Settings,
    /// Of what fellow workers share.
    portion: Option<Portion>,
    pub(super) failures: Failures,
    stumbles: Stumbles,
}

/// How a stage's thread came to its end.
pub(super) type Ended = Result<Way, Failed>;

/// How a stage's thread came to its end, if its handler did not fail.
pub(super) enum Way {
    /// Nothing will come that it did not receive.
    Completed,
    /// It was told to.
    Stopped,
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

/// What a thread's end comes to when something else fails after it: the first failure counts.
pub(super) fn first(ended: Ended, later: Result<(), Cause>) -> Ended {
    match (ended, later) {
        (Ok(_), Err(cause)) => Err(cause.into()),
        (ended, later) => {
            discard(later);
            ended
        }
    }
}

impl<R: RingRef, M: Make<R>> Work<R> for M {
    fn work(&mut self, post: &mut Post<R>) -> Ended {
        let mut handler = None;
        let ended = guarded(|| Ok(post.work_with(self, &mut handler))).unwrap_or_else(|cause| Err(cause.into()));
        let shut_down = handler.as_mut().map_or(Ok(()), |handler| post.turn_of_life(|| handler.shutdown()));
        let ended = first(ended, shut_down);
        first(ended, dropped(handler))
    }
}

/// What a failure comes to that does not end the stage.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// The handler broke off because it was to: nothing has failed.
    BrokenOff,
    PassedOver,
    /// The handler is to be made anew.
    Restart,
}

/// Meets a failure, at an event or at none, by its stage's policy; the cause, if that is to halt.
pub(super) fn meet(
    cause: Cause,
    at: Option<Sequence>,
    policy: OnFailure,
    control: &Control,
    tally: &Tally,
) -> Result<Met, Cause> {
    let met = match policy {
        _ if control.is_halting() && cause.is_halting() => Met::BrokenOff,
        OnFailure::Halt => return Err(cause),
        OnFailure::Skip => Met::PassedOver,
        OnFailure::Restart => Met::Restart,
    };
    if met != Met::BrokenOff {
        tally.pass_over(in_words(at, &cause));
    }
    discard(cause);
    Ok(met)
}

/// Panics of the ring while a stage looks for events, by where they were.
///
/// It goes past holes then, and shows where it is, and wakes others last of all: a panic of a waker of theirs is not this stage's failure. It
/// does so a few times at one place at most. What goes on panicking there is the ring itself.
#[derive(Default)]
struct Stumbles {
    at: Sequence,
    count: u32,
}

impl Stumbles {
    const MOST: u32 = 4;

    /// Whether the stage looks again, after a panic at `position`.
    fn again(&mut self, position: Sequence) -> bool {
        if position != self.at {
            *self = Stumbles { at: position, count: 0 };
        }
        self.count += 1;
        self.count <= Self::MOST
    }
}

/// What comes after a stretch of work.
enum Next {
    Restart,
    End(Way),
}

impl<R: RingRef> Post<R> {
    pub(super) fn new(
        consumer: Consumer<R>,
        control: Arc<Control>,
        tally: Arc<Tally>,
        settings: Settings,
        portion: Option<Portion>,
    ) -> Self {
        Post {
            consumer,
            control,
            tally,
            settings,
            portion,
            failures: Failures::default(),
            stumbles: Stumbles::default(),
        }
    }

    fn work_with<M: Make<R>>(&mut self, make: &mut M, handler: &mut Option<M::Handler>) -> Ended {
        self.renew(make, handler)?;
        loop {
            let Some(running) = handler else { unreachable!("a stage has a handler while it works") };
            // A handler's panic is met where it is called: what comes here is the ring's.
            match caught(|| self.until_restart(running)) {
                Ok(next) => match next? {
                    Next::Restart => self.renew(make, handler)?,
                    Next::End(way) => return Ok(way),
                },
                Err(payload) if self.stumbles.again(self.consumer.next_sequence()) => discard(payload),
                Err(payload) => resume_unwind(payload),
            }
        }
    }

    /// Drops the handler, if there is one, makes another, and starts it.
    fn renew<M: Make<R>>(&mut self, make: &mut M, handler: &mut Option<M::Handler>) -> Result<(), Cause> {
        let former = handler.take();
        let restarts = u64::from(former.is_some());
        dropped(former)?;
        let made = handler.insert(guarded(|| Ok(make.make()))?);
        self.count_failures(0, restarts);
        self.turn_of_life(|| made.start())
    }

    /// A handler's start or shutdown, where every failure halts the graph.
    fn turn_of_life(&self, call: impl FnOnce() -> Result<(), HandlerError>) -> Result<(), Cause> {
        guarded(call).or_else(|cause| meet(cause, None, OnFailure::Halt, &self.control, &self.tally).map(drop))
    }

    /// Works until the handler is to be made anew, or the stage ends.
    fn until_restart(&mut self, handler: &mut impl Handler<R::Slot>) -> Result<Next, Failed> {
        let mut waiter = None;
        loop {
            if self.is_stopped() {
                return Ok(Next::End(Way::Stopped));
            }
            match self.find() {
                Ok(None) => {}
                Ok(Some((found, count))) => {
                    waiter = None;
                    let whole = self.consumer.next_sequence().get() + count;
                    if self.handle(handler, found, count)? == Met::Restart {
                        return Ok(Next::Restart);
                    }
                    // It has caught up: to look again at once is to take lines from whoever is at work on the next events, a few
                    // at a time (docs/adr/0019).
                    if self.settings.strategy == WaitStrategy::Yield && self.consumer.next_sequence().get() < whole {
                        thread::yield_now();
                    }
                }
                Err(TryRecvError::Closed) => return Ok(Next::End(Way::Completed)),
                Err(TryRecvError::Empty) => {
                    let wait = waiter.get_or_insert_with(|| self.waiter());
                    if !wait.wait(|timeout| self.consumer.park_unless(|| self.is_stopped(), timeout)) {
                        waiter = None;
                        if let Err(cause) = guarded(|| handler.timeout())
                            && meet(cause, None, self.settings.on_failure, &self.control, &self.tally)? == Met::Restart
                        {
                            return Ok(Next::Restart);
                        }
                    }
                }
            }
        }
    }

    /// Whether it has come to where it is to end: at once, or when it has handled what it took before that.
    fn is_stopped(&self) -> bool {
        let is_left = || self.portion.as_ref().is_some_and(|portion| portion.is_left(&self.consumer));
        self.control.is_halting() || self.control.end() <= self.consumer.next_sequence().get() && !is_left()
    }

    fn waiter(&self) -> Waiter {
        match self.settings.timeout {
            Some(timeout) => Waiter::for_at_most(self.settings.strategy, timeout),
            None => Waiter::new(self.settings.strategy),
        }
    }

    /// Finds events for this worker; what was found at its position, and how many there are at most; nothing, if it has come to its
    /// end.
    fn find(&mut self) -> Result<Option<(Found, u64)>, TryRecvError> {
        let limit = self.settings.batch_limit.map(|limit| limit as u64);
        let end = self.control.end();
        match &mut self.portion {
            Some(portion) => portion.take(&mut self.consumer, limit.unwrap_or(1), end),
            None => {
                self.consumer.look_afresh();
                let found = self.consumer.find()?;
                let quarter = (self.consumer.ring().capacity() as u64 / 4).max(1);
                // Past holes it may have come to the end.
                let left = end.saturating_sub(self.consumer.next_sequence().get());
                Ok((left > 0).then(|| (found, limit.unwrap_or(quarter).min(left))))
            }
        }
    }

    /// Counts in the graph's books, and in the ring's.
    pub(super) fn count_failures(&mut self, failed: u64, restarts: u64) {
        self.tally.add_failures(failed, restarts);
        self.consumer.count_failures(failed, restarts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_looks_again_after_a_few_panics_at_one_place_and_after_as_many_at_the_next() {
        let mut stumbles = Stumbles::default();
        for place in [0, 1, 7] {
            let again = (0..6).map(|_| stumbles.again(Sequence::new(place)));
            assert_eq!(again.collect::<std::vec::Vec<_>>(), [true, true, true, true, false, false], "at {place}");
        }
    }
}
