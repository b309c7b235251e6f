//! Completing the store from the journal.

use std::fmt::Display;

use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use rusted_ring::subscriber::Kept;
use rusted_ring_journal::Journal;

use super::entry::{ACTION, Entry, LONGEST};
use super::{POSITION, REMEDY};
use crate::protocol;
use crate::store::{Action, Store};

/// Bytes that are committed at a time.
const BATCH: usize = 1 << 20;

/// Gives the store the actions that follow its last one, up to the first that the journal does not have, and confirms that all of the journal is dealt with.
/// Returns how many it gave.
///
/// The revision says what the store has: nothing is stored twice. What lies before the confirmed position is not looked at, so that a
/// store which was replaced by an older copy stays that.
pub(super) fn complete(store: &Store, journal: &Journal) -> anyhow::Result<u64> {
    let mut position = journal.position(POSITION).map_err(unreadable)?;
    let confirmed = position.confirmed();
    let epochs = journal.epochs();
    let mut missing = Missing { store, last: store.last_revision()?, batch: Vec::new(), bytes: 0, given: 0, left: 0 };
    let mut bytes = vec![0; LONGEST];
    for epoch in &epochs {
        let mut from = match confirmed {
            Some(confirmed) if confirmed.epoch > epoch.number => continue,
            Some(confirmed) if confirmed.epoch == epoch.number => confirmed.next.max(epoch.oldest),
            _ => epoch.oldest,
        };
        let mut reader = journal.reader(epoch.number);
        while from < epoch.end {
            let step = match reader.read(from, epoch.end, &mut bytes).map_err(unreadable)? {
                Kept::Event { len, event_type: ACTION } => {
                    if let Some(entry) = bytes.get(..len).and_then(Entry::read) {
                        missing.take(&entry)?;
                    }
                    1
                }
                Kept::Event { .. } => 1,
                Kept::Holes(count) | Kept::Missing(count) => count.max(1),
                Kept::NotYet => break,
            };
            from += step;
        }
    }
    missing.commit()?;
    if missing.left > 0 {
        tracing::warn!(
            "the journal has {} actions that were never acknowledged and do not follow on the store's last one: they are left out",
            missing.left
        );
    }
    let end = epochs.last().map(|last| (last.number, last.end));
    if let Some((number, end)) =
        end.filter(|&(number, end)| confirmed.is_none_or(|at| (at.epoch, at.next) < (number, end)))
    {
        position.confirm(number, end).map_err(unreadable)?;
    }
    Ok(missing.given)
}

/// The journal is whole or away: a start does not pass over a part of it.
fn unreadable(error: impl Display) -> anyhow::Error {
    anyhow!("the journal: {error}{REMEDY}")
}

/// What the store lacks.
struct Missing<'a> {
    store: &'a Store,
    /// The last revision that it has, or that is in the batch.
    last: u64,
    batch: Vec<Action>,
    bytes: usize,
    given: u64,
    /// Actions that do not follow.
    left: u64,
}

impl Missing<'_> {
    fn take(&mut self, entry: &Entry<'_>) -> anyhow::Result<()> {
        let revision = protocol::revision(entry.frame);
        if entry.store != self.store.number() || revision <= self.last {
            return Ok(());
        }
        let is_known = || self.store.revision_of(entry.client, protocol::action(entry.frame));
        // Behind one that is left out, none follows.
        if self.left > 0 || revision != self.last + 1 || is_known()?.is_some() {
            self.left += 1;
            return Ok(());
        }
        let Ok(board) = entry.board.parse() else { bail!("the journal has a board that is none: {}", entry.board) };
        self.batch.push(Action { board, client: entry.client, frame: Bytes::copy_from_slice(entry.frame) });
        self.bytes += entry.frame.len();
        self.last = revision;
        if self.bytes >= BATCH { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> anyhow::Result<()> {
        if !self.batch.is_empty() {
            self.store.commit(&self.batch, self.store.now()).context("storing what the journal has")?;
        }
        self.given += self.batch.len() as u64;
        self.batch.clear();
        self.bytes = 0;
        Ok(())
    }
}
