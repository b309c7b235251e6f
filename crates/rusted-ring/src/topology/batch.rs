//! A batch in its handler's hands, from its start to its end.

use core::mem;

use super::{
    HandlerError,
    control::Control,
    failure::{Cause, guarded},
    handler::{BatchStart, Handler, Turn},
    run::{Failed, Met, Post, meet},
    tally::Tally,
};
use crate::{
    RingRef, Sequence,
    consumer::{Batch, Found},
    foreign::waking,
};

/// Events that are lent to a handler, and how far it is with them.
struct Hands<'a, R: RingRef> {
    batch: Batch<'a, R>,
    control: &'a Control,
    tally: &'a Tally,
    /// What the worker had processed when the batch, as it still is, began.
    before: u64,
    /// Whether the handler wants its events released, up to the one that it is at.
    release: bool,
}

impl<R: RingRef> Hands<'_, R> {
    /// Events that were handled, or passed over, of those that the batch still has.
    fn done(&self) -> usize {
        (self.tally.processed() - self.before) as usize
    }

    /// The event that it is at.
    fn at(&self) -> u64 {
        self.batch.first().get() + self.done() as u64
    }

    /// Goes on to the batch's end, or until the stage is to end.
    fn go_on(&mut self, handler: &mut impl Handler<R::Slot>) -> Result<(), Cause> {
        while self.done() < self.batch.len() && !self.control.is_halting() {
            guarded(|| self.piece(handler))?;
            self.release_if_asked();
        }
        Ok(())
    }

    /// Goes on to the ring's end, to where the handler wants events released, or to where the stage is to end.
    fn piece(&mut self, handler: &mut impl Handler<R::Slot>) -> Result<(), HandlerError> {
        let last = self.batch.len() - 1;
        let mut done = self.done();
        for event in self.batch.piece(done) {
            let mut turn = Turn { control: self.control, end_of_batch: done == last, release: &mut self.release };
            handler.event(&event, &mut turn)?;
            done += 1;
            self.tally.set_processed(self.before + done as u64);
            if self.release || self.control.is_halting() {
                break;
            }
        }
        Ok(())
    }

    /// Goes past the event that it is at, which failed.
    fn pass_over(&mut self) {
        self.tally.set_processed(self.tally.processed() + 1);
    }

    /// Releases what is done, if the handler wants that.
    fn release_if_asked(&mut self) {
        if mem::take(&mut self.release) {
            let done = self.done();
            waking(|| self.batch.leave(done));
            self.before = self.tally.processed();
        }
    }

    /// Finishes what is done of it, and gives back the rest.
    fn finish_done(self) {
        let done = self.done();
        self.finish(done);
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
        let outcome = self.handle_batch(handler, found, count, before);
        if self.tally.processed() > before {
            match self.failures.take() {
                0 => {}
                failed => self.count_failures(failed, 0),
            }
        }
        outcome
    }

    fn handle_batch(
        &mut self,
        handler: &mut impl Handler<R::Slot>,
        found: Found,
        count: u64,
        before: u64,
    ) -> Result<Met, Failed> {
        let Post { consumer, control, tally, settings, failures, .. } = self;
        let met = |cause, at| {
            meet(cause, settings.on_failure, control).map_err(|cause| Failed { at: Some(Sequence::new(at)), cause })
        };
        let batch = consumer.lend_all(found, count);
        let first = batch.first().get();
        let mut hands = Hands { batch, control, tally, before, release: false };
        let start = BatchStart { size: hands.batch.len(), lag: &|| hands.batch.lag() };
        if let Err(cause) = guarded(|| handler.batch_start(&start)) {
            let outcome = met(cause, first);
            let goes_on = match outcome {
                Ok(Met::PassedOver) => {
                    failures.note_start(first);
                    true
                }
                // A handler that was made anew for this batch, in vain, is given it all the same.
                Ok(Met::Restart) => !failures.note_start(first),
                _ => false,
            };
            if !goes_on {
                hands.finish(0);
                return outcome;
            }
        }
        while let Err(cause) = hands.go_on(handler) {
            let at = hands.at();
            let outcome = met(cause, at);
            if let Ok(Met::PassedOver | Met::Restart) = outcome {
                failures.note(at);
                hands.pass_over();
            }
            // Also what it wanted released at an event that failed.
            hands.release_if_asked();
            match outcome {
                Ok(Met::PassedOver) => {}
                Ok(Met::BrokenOff) => break,
                Ok(Met::Restart) => {
                    hands.finish_done();
                    return outcome;
                }
                Err(_) => {
                    hands.finish(0);
                    return outcome;
                }
            }
        }
        let last = hands.at().saturating_sub(1).max(first);
        let outcome = match guarded(|| handler.batch_end()) {
            Ok(()) => Ok(Met::PassedOver),
            Err(cause) => met(cause, last).inspect(|met| {
                if *met != Met::BrokenOff && tally.processed() > before {
                    failures.note(last);
                }
            }),
        };
        match outcome {
            Ok(Met::PassedOver | Met::Restart) => hands.finish_done(),
            // What was put off to the end was not done.
            Ok(Met::BrokenOff) | Err(_) => hands.finish(0),
        }
        outcome
    }
}
