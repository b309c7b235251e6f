//! Drops what no longer has to be kept, a part at a time, because the next commit waits for it.

use redb::ReadableTable;

use super::clears::Job;
use super::ids::{ID, ID_GONE};
use super::record::Record;
use super::tables::Tables;
use crate::protocol::{self, Kind};

/// What one part may look at.
#[derive(Debug)]
pub(super) struct Budget {
    records: u64,
    bytes: u64,
    is_whole: bool,
}

impl Budget {
    /// A full budget.
    pub(super) fn new() -> Self {
        Budget { records: 1024, bytes: 2 << 20, is_whole: true }
    }

    /// Whether nothing was looked at.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether nothing more may be looked at.
    pub(super) fn is_spent(&self) -> bool {
        self.records == 0 || self.bytes == 0
    }

    fn spend(&mut self, bytes: usize) {
        self.records = self.records.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes as u64);
        self.is_whole = false;
    }
}

impl Tables<'_> {
    /// Drops as much as `budget` allows of the following: what clears hide that have waited since before `cleared`, clears that
    /// were undone before it, hides and shows that say nothing any more, and ids of actions dropped before `ids`, or beyond
    /// `most_ids`.
    pub(super) fn drop_some(
        &mut self,
        budget: &mut Budget,
        cleared: u64,
        ids: u64,
        most_ids: u64,
    ) -> Result<(), redb::Error> {
        while !budget.is_spent() && self.take_due(cleared)? {
            budget.spend(1);
        }
        while !budget.is_spent()
            && let Some(job) = self.job()?
        {
            budget.spend(1);
            self.go_on_with(&job, budget)?;
        }
        while !budget.is_spent()
            && let Some((board, revision)) = self.take_spent()?
        {
            budget.spend(self.actions.get((&board[..], revision))?.map_or(1, |record| record.value().len()));
            self.drop_action(&board, revision)?;
        }
        while !budget.is_spent() && self.forget_id(ids, most_ids)? {
            budget.spend((ID + ID_GONE) as usize);
        }
        Ok(())
    }

    /// Drops what a clear hides, except chat.
    fn go_on_with(&mut self, job: &Job, budget: &mut Budget) -> Result<(), redb::Error> {
        let board = &job.board[..];
        let mut going = Vec::new();
        let mut next = job.clear;
        for entry in self.actions.range((board, job.from)..(board, job.clear))? {
            let (place, record) = entry?;
            if budget.is_spent() {
                next = place.value().1;
                break;
            }
            budget.spend(record.value().len());
            if Record::read(record.value()).is_some_and(|found| protocol::kind(found.frame) != Some(Kind::Chat)) {
                going.push(place.value().1);
            }
        }
        for revision in going {
            self.drop_action(board, revision)?;
        }
        self.has_done(job, next)
    }
}

#[cfg(test)]
mod tests;
