//! Who writes the journal: the storage actor, through a ring.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use rusted_ring::{Sequence, SolePublisher};
use rusted_ring_journal::{Position, Recording};

use super::entry::{ACTION, BEGAN, Entry, began};
use super::names::Names;
use super::{POSITION, Ring};
use crate::clock;
use crate::protocol;
use crate::store::{Action, Store};

/// How often it is confirmed what the store has. Each time costs two syncs, and only how much is read at the next start depends on it.
const CONFIRM: Duration = Duration::from_secs(1);

/// Takes each action before the store commits it.
#[derive(Debug)]
pub(crate) struct Keeper {
    publisher: SolePublisher<Ring>,
    recording: Recording,
    position: Position,
    store: u64,
    names: Arc<Names>,
    entry: Vec<u8>,
    /// Behind the last action that was added.
    added: Sequence,
    /// Behind the last one that the store has.
    stored: Sequence,
    /// The same, for who reads.
    shown: Arc<AtomicU64>,
    /// What was confirmed of that, and when.
    confirmed: (Sequence, Instant),
}

impl Keeper {
    pub(super) fn new(
        ring: Ring,
        recording: Recording,
        store: &Store,
        names: Arc<Names>,
        shown: Arc<AtomicU64>,
    ) -> anyhow::Result<Self> {
        let mut publisher = SolePublisher::join(ring)?;
        let begun = publisher.publish(&began(store.number(), store.last_revision()?), BEGAN)? + 1;
        Ok(Keeper {
            publisher,
            position: recording.position(POSITION).context("the journal")?,
            recording,
            store: store.number(),
            names,
            entry: Vec::new(),
            added: begun,
            stored: begun,
            shown,
            confirmed: (begun, Instant::now()),
        })
    }

    /// Hands an action to the journal's thread, which writes it at once; waits while 256 are on their way. A disk without room holds up
    /// nothing: what cannot be written is no part of the journal, and counted.
    pub(crate) fn add(&mut self, action: &Action) {
        let Action { board, client, frame } = action;
        let name = self.names.of(protocol::author(frame));
        let (store, time) = (self.store, clock::milliseconds());
        Entry { store, time, client: *client, name: &name, board: board.as_str(), frame }.write(&mut self.entry);
        match self.publisher.publish(&self.entry, ACTION) {
            Ok(sequence) => self.added = sequence + 1,
            Err(error) => tracing::error!("an action is missing in the journal: {error}"),
        }
    }

    /// The store has all that was added.
    pub(crate) fn stored(&mut self) {
        self.stored = self.added;
        self.shown.store(self.stored.get(), Ordering::Relaxed);
        self.rest();
    }

    /// Nothing follows now: what the store has is confirmed all the same, when it is time.
    pub(crate) fn rest(&mut self) {
        if self.confirmed.1.elapsed() >= CONFIRM {
            self.confirm();
        }
    }

    fn confirm(&mut self) {
        // A process that ends may not have written yet what the store has: a position behind that says nothing wrong, for the epoch is over then.
        let now = Instant::now();
        if self.confirmed.0 < self.stored {
            match self.position.confirm(self.recording.epoch(), self.stored) {
                Ok(()) => self.confirmed.0 = self.stored,
                // The next start reads more, and finds that the store has it.
                Err(error) => tracing::warn!("the journal's position was not confirmed: {error}"),
            }
        }
        self.confirmed.1 = now;
    }

    /// Confirms what the store has, and writes the rest.
    pub(crate) fn end(mut self) {
        self.confirm();
        let Keeper { publisher, recording, position, .. } = self;
        drop((publisher, position));
        if let Err(error) = recording.stop() {
            tracing::warn!("the journal is not whole: {error}");
        }
    }
}
