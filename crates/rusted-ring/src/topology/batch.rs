//! A batch in its handler's hands, from its start to its end.

use core::mem;

use super::{
    HandlerError,
    control::Control,
    failure::guarded,
    handler::{BatchStart, Handler, Turn},
    run::{Failed, Met, Post, meet},
    tally::{Failures, Tally},
};
use crate::{
    RingRef, Sequence,
    consumer::{Batch, Found},
    foreign::waking,
};

/// Where in a batch a handler is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Start,
    Events,
    End,
}

/// Events that are lent to a handler, and how far it is with them.
struct Hands<'a, R: RingRef> {
    batch: Batch<'a, R>,
    control: &'a Control,
    tally: &'a Tally,
    phase: Phase,
    /// The last event that was handled or passed over; to begin with, the batch's first.
    last: u64,
    /// What the worker had processed when the batch, as it still is, began.
    before: u64,
    /// Whether the handler wants its events released, up to the one that it is at.
    release: bool,
    /// Whether the handler broke off: it is given no other event.
    broken_off: bool,
}

impl<R: RingRef> Hands<'_, R> {
    /// Events that were handled, or passed over, of those that the batch still has.
    fn done(&self) -> usize {
        (self.tally.processed() - self.before) as usize
    }

    /// The event that it is at: of a batch that ends, the last that is done, or the first if none is.
    fn at(&self) -> u64 {
        match self.phase {
            Phase::End => self.last,
            Phase::Start | Phase::Events => self.batch.first().get() + self.done() as u64,
        }
    }

    /// Goes on to the batch's end, also when the stage is to end before.
    fn go_on(&mut self, handler: &mut impl Handler<R::Slot>) -> Result<(), HandlerError> {
        if self.phase == Phase::Start {
            handler.batch_start(&BatchStart { size: self.batch.len(), lag: &|| self.batch.lag() })?;
            self.phase = Phase::Events;
        }
        while self.done() < self.batch.len() && !self.broken_off && !self.control.is_halting() {
            self.piece(handler)?;
            self.release_if_asked();
        }
        self.phase = Phase::End;
        handler.batch_end()
    }

    /// Goes on to the ring's end, to where the handler wants events released, or to where the stage is to end.
    fn piece(&mut self, handler: &mut impl Handler<R::Slot>) -> Result<(), HandlerError> {
        let last = self.batch.len() - 1;
        let mut done = self.done();
        for event in self.batch.piece(done) {
            let mut turn = Turn { control: self.control, end_of_batch: done == last, release: &mut self.release };
            handler.event(&event, &mut turn)?;
            done += 1;
            self.last = event.sequence().get();
            self.tally.set_processed(self.before + done as u64);
            if self.release || self.control.is_halting() {
                break;
            }
        }
        Ok(())
    }

    /// Whether it goes on after a failure at the event that it is at, which came to this.
    fn goes_on(&mut self, met: Option<Met>, failures: &mut Failures) -> bool {
        let at = self.at();
        match (self.phase, met) {
            (Phase::Start, Some(Met::PassedOver)) => {
                failures.note_start(at);
                self.phase = Phase::Events;
                true
            }
            (Phase::Start, Some(Met::Restart)) => {
                self.phase = Phase::Events;
                // A handler that was made anew for this batch, in vain, is given it all the same.
                !failures.note_start(at)
            }
            (Phase::Events, Some(Met::PassedOver | Met::Restart)) => {
                failures.note(at);
                self.last = at;
                self.tally.set_processed(self.tally.processed() + 1);
                self.release_if_asked();
                met == Some(Met::PassedOver)
            }
            (Phase::Events, _) => {
                // What it wanted released, but for the event that it did not handle.
                self.release_if_asked();
                self.broken_off = true;
                met.is_some()
            }
            (Phase::End, Some(Met::PassedOver | Met::Restart)) => {
                failures.note(at);
                false
            }
            (Phase::Start | Phase::End, _) => false,
        }
    }

    /// Releases what is done, if the handler wants that.
    fn release_if_asked(&mut self) {
        if mem::take(&mut self.release) {
            let done = self.done();
            waking(|| self.batch.leave(done));
            self.before = self.tally.processed();
        }
    }

    /// Finishes the first `count` events of those that are left, and gives back the others.
    fn finish(self, count: usize) {
        let mut batch = self.batch;
        batch.keep(count);
        waking(|| drop(batch));
    }
}

impl<R: RingRef> Post<R> {
    /// Has the handler handle up to `count` events that were found; what that came to.
    ///
    /// Every batch that has begun is ended, unless its handler fails and does not go on: also when the stage is to end in the
    /// middle, with what is done by then.
    pub(super) fn handle(
        &mut self,
        handler: &mut impl Handler<R::Slot>,
        found: Found,
        count: u64,
    ) -> Result<Met, Failed> {
        let before = self.tally.processed();
        let Post { consumer, control, tally, settings, failures, .. } = self;
        let batch = consumer.lend_all(found, count);
        let first = batch.first().get();
        let mut hands = Hands {
            batch,
            control,
            tally,
            phase: Phase::Start,
            last: first,
            before,
            release: false,
            broken_off: false,
        };
        let outcome = loop {
            let Err(cause) = guarded(|| hands.go_on(handler)) else { break Ok(Met::PassedOver) };
            let at = Some(Sequence::new(hands.at()));
            let outcome = meet(cause, at, settings.on_failure, control, tally).map_err(|cause| Failed { at, cause });
            if !hands.goes_on(outcome.as_ref().ok().copied(), failures) {
                break outcome;
            }
        };
        let done = match outcome {
            Ok(Met::PassedOver | Met::Restart) => hands.done(),
            Ok(Met::BrokenOff) | Err(_) => 0,
        };
        hands.finish(done);
        if self.tally.processed() > before {
            match self.failures.take() {
                0 => {}
                failed => self.count_failures(failed, 0),
            }
        }
        outcome
    }
}
