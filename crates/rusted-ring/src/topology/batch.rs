//! A batch in the hands of its handler, from its start to its end.

use core::mem;

use super::{
    HandlerError,
    control::Control,
    failure::guarded,
    handler::{BatchStart, Handler, Turn},
    processor::{Failed, Processor},
    recovery::{Recovery, apply_policy},
    tally::{Failures, Tally},
};
use crate::{
    RingRef, Sequence,
    consumer::{Batch, Found},
    foreign::waking,
};

/// Which call of the handler comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Start,
    Events,
    End,
}

/// Events that are lent to a handler, and how many of them it has handled.
struct BatchRun<'a, R: RingRef> {
    batch: Batch<'a, R>,
    control: &'a Control,
    tally: &'a Tally,
    phase: Phase,
    /// The last event that was handled or skipped; initially the batch's first.
    last: Sequence,
    /// The worker's count of processed events at the batch's start, or at its last release.
    before: u64,
    /// Whether the handler has asked to release its events, up to the current one.
    release: bool,
    /// Whether the handler has interrupted its event: it is given no other.
    interrupted: bool,
}

impl<R: RingRef> BatchRun<'_, R> {
    /// The number of events handled or skipped, of those still in the batch.
    fn done(&self) -> usize {
        (self.tally.processed() - self.before) as usize
    }

    /// The current event. At the batch's end it is the last one that is done, or the first if none is.
    fn current(&self) -> Sequence {
        match self.phase {
            Phase::End => self.last,
            Phase::Start | Phase::Events => self.batch.first() + self.done() as u64,
        }
    }

    /// Continues to the batch's end, which also comes when the stage is halted in the middle.
    fn resume(&mut self, handler: &mut impl Handler<R::Slot>) -> Result<(), HandlerError> {
        if self.phase == Phase::Start {
            handler.batch_start(&BatchStart { size: self.batch.len(), lag: &|| self.batch.lag() })?;
            self.phase = Phase::Events;
        }
        while self.done() < self.batch.len() && !self.interrupted && !self.control.is_halting() {
            self.piece(handler)?;
            self.release_if_asked();
        }
        self.phase = Phase::End;
        handler.batch_end()
    }

    /// Continues to the ring's end, to the next release, or to where the stage is halted.
    fn piece(&mut self, handler: &mut impl Handler<R::Slot>) -> Result<(), HandlerError> {
        let last = self.batch.len() - 1;
        let mut done = self.done();
        for event in self.batch.piece(done) {
            let sequence = event.sequence();
            let mut turn = Turn { control: self.control, sequence, is_last: done == last, release: &mut self.release };
            handler.event(&event, &mut turn)?;
            done += 1;
            self.last = sequence;
            self.tally.set_processed(self.before + done as u64);
            if self.release || self.control.is_halting() {
                break;
            }
        }
        Ok(())
    }

    /// Accounts for a failure at the current event. Returns whether the batch continues with the same handler.
    fn recover(&mut self, recovery: Option<Recovery>, failures: &mut Failures) -> bool {
        let at = self.current();
        match (self.phase, recovery) {
            (Phase::Start, Some(Recovery::Continue)) => {
                failures.note_start(at);
                self.phase = Phase::Events;
                true
            }
            (Phase::Start, Some(Recovery::Restart)) => {
                self.phase = Phase::Events;
                // The start fails again for a new handler, which is given the batch nevertheless.
                !failures.note_start(at)
            }
            (Phase::Events, Some(Recovery::Continue | Recovery::Restart)) => {
                failures.note(at);
                self.last = at;
                self.tally.set_processed(self.tally.processed() + 1);
                self.release_if_asked();
                recovery == Some(Recovery::Continue)
            }
            (Phase::Events, _) => {
                // The events before the current one, which was not handled.
                self.release_if_asked();
                self.interrupted = true;
                recovery.is_some()
            }
            (Phase::End, Some(Recovery::Continue | Recovery::Restart)) => {
                failures.note(at);
                false
            }
            (Phase::Start | Phase::End, _) => false,
        }
    }

    /// Releases the events that are done, if the handler has asked for it.
    fn release_if_asked(&mut self) {
        if mem::take(&mut self.release) {
            let done = self.done();
            waking(|| self.batch.leave(done));
            self.before = self.tally.processed();
        }
    }

    /// Finishes the first `count` of the remaining events, and returns the others to the ring.
    fn finish(self, count: usize) {
        let mut batch = self.batch;
        batch.keep(count);
        waking(|| drop(batch));
    }
}

impl<R: RingRef> Processor<R> {
    /// Gives the handler up to `count` of the events that were found.
    ///
    /// Every batch that has started is ended, unless its handler fails and does not continue. A batch that is cut short, because the
    /// stage is halted, ends after the events that are done by then.
    pub(super) fn process(
        &mut self,
        handler: &mut impl Handler<R::Slot>,
        found: Found,
        count: u64,
    ) -> Result<Recovery, Failed> {
        let before = self.tally.processed();
        let Processor { consumer, control, tally, settings, failures, batches, .. } = self;
        let batch = consumer.lend_all(found, count);
        let last = batch.first();
        let mut run =
            BatchRun { batch, control, tally, phase: Phase::Start, last, before, release: false, interrupted: false };
        if let Err(cause) = batches.tell(last, run.batch.end()) {
            run.finish(0);
            return Err(Failed { at: Some(last), cause });
        }
        let outcome = loop {
            let Err(cause) = guarded(|| run.resume(handler)) else { break Ok(Recovery::Continue) };
            let at = Some(run.current());
            let outcome =
                apply_policy(cause, at, settings.on_failure, control, tally).map_err(|cause| Failed { at, cause });
            if !run.recover(outcome.as_ref().ok().copied(), failures) {
                break outcome;
            }
        };
        let done = match outcome {
            Ok(Recovery::Continue | Recovery::Restart) => run.done(),
            Ok(Recovery::Interrupted) | Err(_) => 0,
        };
        run.finish(done);
        if self.tally.processed() > before {
            match self.failures.take() {
                0 => {}
                failed => self.count_failures(failed, 0),
            }
        }
        outcome
    }
}
