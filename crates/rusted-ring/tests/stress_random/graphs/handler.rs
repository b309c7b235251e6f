//! A handler of random habits, which enters all that happens to it.

use std::{
    error::Error,
    fmt,
    sync::{Arc, atomic::Ordering::SeqCst},
    thread,
    time::Duration,
};

use rusted_ring::{
    Typed,
    consumer::BatchEvent,
    ledger::{Ledger, ReaderStatus},
    topology::{BatchStart, Halting, Handler, HandlerError, OnFailure, Turn},
};

use super::{
    Numbers,
    book::{Book, Desk},
    plan::Kind,
};
use crate::{
    case::{PLANNED, lock, rng},
    rng::Rng,
};

/// What the calls of a handler are of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Life {
    Made,
    Started,
    InBatch,
    Shut,
}

pub(super) struct Random<R: Numbers> {
    ring: R,
    book: Arc<Book>,
    desk: Arc<Desk>,
    worker: usize,
    life: Life,
    rng: Rng,
    /// Events of the batch that are handled and not finished yet.
    open: Vec<u64>,
    last: Option<u64>,
    /// Events that the batch still has.
    left: usize,
    /// Finished are all below, once the call returned in which that was asked for.
    released: Option<u64>,
}

impl<R: Numbers> Random<R> {
    pub(super) fn new(ring: R, book: Arc<Book>, desk: Arc<Desk>, worker: usize) -> Self {
        let nth = desk.made.load(SeqCst) + desk.never_made.load(SeqCst);
        let mut rng = rng(book.case.seed, 1000 + ((desk.plan.id as u64) << 32 | nth));
        let habits = desk.plan.habits;
        if habits.not_made > 0 && desk.plan.kind != Kind::Given && rng.one_in(habits.not_made) {
            desk.halts("", None);
            if !lock(&desk.has_made).contains(&worker) {
                desk.never_made.fetch_add(1, SeqCst);
            }
            desk.unmade.fetch_add(1, SeqCst);
            panic!("{PLANNED}no handler");
        }
        lock(&desk.has_made).insert(worker);
        desk.made.fetch_add(1, SeqCst);
        let (open, life) = (Vec::new(), Life::Made);
        Random { ring, book, desk, worker, life, rng, open, last: None, left: 0, released: None }
    }

    fn check(&self, right: bool, what: impl FnOnce() -> String) {
        self.book.case.check(right, || format!("{}, worker {}: {}", self.desk.plan.name(), self.worker, what()));
    }

    fn happens(&mut self, one_in: u64) -> bool {
        one_in > 0 && self.rng.one_in(one_in)
    }

    /// Fails, in one of two ways.
    fn fail(&mut self, at: &str) -> HandlerError {
        let nth = self.desk.failures.fetch_add(1, SeqCst);
        let text = format!("{PLANNED}{at}, {nth} of {}", self.desk.plan.name());
        match self.desk.plan.habits.nasty_errors {
            _ if self.rng.one_in(2) => panic!("{text}"),
            true => Box::new(Nasty(text)),
            false => text.into(),
        }
    }

    /// Enters a failure that halts the graph, before it comes.
    fn will_halt(&self, at: &str, sequence: Option<u64>) {
        let nth = self.desk.failures.load(SeqCst);
        if self.desk.plan.threads() == 1 {
            self.desk.halts(&format!("{PLANNED}{at}, {nth} of {}", self.desk.plan.name()), sequence);
        } else {
            self.desk.halts("", sequence);
        }
    }

    fn policy(&self) -> OnFailure {
        self.desk.plan.on_failure
    }

    /// All handled is finished.
    fn finish(&mut self) {
        self.open.drain(..).for_each(|sequence| self.desk.done(sequence));
    }

    /// What was released counts as finished by the next call.
    fn look_at_released(&mut self) {
        let Some(released) = self.released.take() else { return };
        if self.desk.plan.threads() > 1 {
            return;
        }
        let name = self.desk.plan.name();
        let own = Ledger::of(&self.ring).readers().find(|reader: &ReaderStatus| reader.name.as_str() == name);
        let position = own.map_or(0, |own| own.position.get());
        self.check(position >= released, || format!("released all below {released}, and is at {position}"));
    }
}

impl<R: Numbers> Handler<Typed<u64>> for Random<R> {
    fn start(&mut self) -> Result<(), HandlerError> {
        self.check(self.life == Life::Made, || format!("starts after {:?}", self.life));
        self.life = Life::Started;
        if self.desk.plan.habits.fails_at_start && self.rng.one_in(3) {
            self.will_halt("start", None);
            return Err(self.fail("start"));
        }
        Ok(())
    }

    fn batch_start(&mut self, batch: &BatchStart<'_>) -> Result<(), HandlerError> {
        self.check(self.life == Life::Started, || format!("a batch starts after {:?}", self.life));
        let (size, depth) = (batch.size(), batch.depth());
        self.check(size > 0 && depth >= size as u64, || format!("a batch of {size}, {depth} deep"));
        let limit = self.desk.plan.batch_limit.unwrap_or(usize::MAX);
        self.check(size <= limit, || format!("a batch of {size}, beyond its limit"));
        self.left = size;
        self.life = Life::InBatch;
        if self.happens(self.desk.plan.habits.fails_at_batch_start) {
            self.desk.failed_starts.fetch_add(1, SeqCst);
            match self.policy() {
                OnFailure::Halt => self.will_halt("batch start", Some(u64::MAX)),
                _ => self.life = Life::InBatch,
            }
            return Err(self.fail("batch start"));
        }
        Ok(())
    }

    fn event(&mut self, event: &BatchEvent<'_, Typed<u64>>, turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        let sequence = event.sequence().get();
        self.check(self.life == Life::InBatch, || format!("event {sequence} after {:?}", self.life));
        self.desk.calls.fetch_add(1, SeqCst);
        self.look_at_released();
        self.desk.enter(&self.book, sequence, **event);
        let last = self.last.replace(sequence);
        self.check(last.is_none_or(|last| last < sequence), || format!("event {sequence} after {last:?}"));
        self.check(self.left > 0, || format!("event {sequence} beyond its batch"));
        self.left = self.left.saturating_sub(1);
        let ends = turn.is_last();
        self.check(ends == (self.left == 0), || format!("{} are left at {sequence}, the last: {ends}", self.left));
        let habits = self.desk.plan.habits;
        if self.happens(habits.sleeps) {
            thread::sleep(Duration::from_micros(self.rng.up_to(800)));
        }
        if habits.breaks_off && turn.is_halting() {
            return Err(Halting.into());
        }
        let releases = self.happens(habits.releases);
        if self.happens(habits.fails) {
            match self.policy() {
                OnFailure::Halt => self.will_halt("event", Some(sequence)),
                OnFailure::Skip => {
                    if releases {
                        turn.release();
                        self.finish();
                        self.released = Some(sequence + 1);
                    }
                    self.desk.failed(sequence);
                }
                // What was put off goes with the handler, and counts as finished.
                _ => {
                    self.finish();
                    self.desk.failed(sequence);
                }
            }
            return Err(self.fail("event"));
        }
        self.desk.handled(sequence);
        self.open.push(sequence);
        if releases {
            turn.release();
            self.finish();
            self.released = Some(sequence + 1);
        }
        Ok(())
    }

    fn batch_end(&mut self) -> Result<(), HandlerError> {
        self.check(self.life == Life::InBatch, || format!("a batch ends after {:?}", self.life));
        self.life = Life::Started;
        self.look_at_released();
        if self.happens(self.desk.plan.habits.fails_at_batch_end) {
            match self.policy() {
                OnFailure::Halt => self.will_halt("batch end", Some(u64::MAX)),
                _ => {
                    if let Some(last) = self.last {
                        lock(&self.desk.failed_ends).insert(last);
                    }
                    self.finish();
                }
            }
            return Err(self.fail("batch end"));
        }
        self.finish();
        Ok(())
    }

    fn timeout(&mut self) -> Result<(), HandlerError> {
        self.check(self.life == Life::Started, || format!("a timeout after {:?}", self.life));
        if self.happens(self.desk.plan.habits.fails_at_timeout) {
            if self.policy() == OnFailure::Halt {
                self.will_halt("timeout", None);
            }
            return Err(self.fail("timeout"));
        }
        Ok(())
    }

    fn shutdown(&mut self) -> Result<(), HandlerError> {
        self.check(self.life != Life::Shut, || "is shut down twice".into());
        self.life = Life::Shut;
        self.desk.shut.fetch_add(1, SeqCst);
        if self.desk.plan.habits.fails_at_shutdown && self.rng.one_in(2) {
            self.will_halt("shutdown", None);
            return Err(self.fail("shutdown"));
        }
        Ok(())
    }
}

/// An error whose drop panics.
#[derive(Debug)]
struct Nasty(String);

impl fmt::Display for Nasty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Nasty {}

impl Drop for Nasty {
    fn drop(&mut self) {
        if !thread::panicking() {
            panic!("{PLANNED}drop of an error");
        }
    }
}

impl<R: Numbers> Drop for Random<R> {
    fn drop(&mut self) {
        self.desk.dropped.fetch_add(1, SeqCst);
        let fails = self.life != Life::Made && self.happens(self.desk.plan.habits.fails_at_drop);
        if fails && !thread::panicking() {
            self.desk.halts("", None);
            if self.life != Life::Shut {
                // Nobody takes its place.
                self.desk.unmade.fetch_add(1, SeqCst);
            }
            panic!("{PLANNED}drop of a handler");
        }
    }
}
