//! Watching a graph that others own.

use core::fmt;
use std::{
    sync::{Arc, Weak},
    time::Instant,
    vec::Vec,
};

use super::{StageStatus, Status, shared::Shared, status::rate, tally::Tally};
use crate::{RingRef, ledger::Ledger};

/// Tells the status of a graph without keeping it: see [`Graph::watch`](super::Graph::watch). A clone watches the same graph.
pub struct Watch<R: RingRef>(Weak<Shared<R>>);

impl<R: RingRef> Watch<R> {
    pub(super) fn of(shared: &Arc<Shared<R>>) -> Self {
        Watch(Arc::downgrade(shared))
    }

    /// How far every stage has come, as [`Graph::status`](super::Graph::status) says it; none once the graph was dropped, or has given its report, and its
    /// threads have ended.
    ///
    /// If that happens during the call, what the graph shared with its threads is freed by this one.
    pub fn status(&self) -> Option<Status> {
        self.0.upgrade().map(|shared| shared.status())
    }
}

impl<R: RingRef> Clone for Watch<R> {
    fn clone(&self) -> Self {
        Watch(self.0.clone())
    }
}

impl<R: RingRef> fmt::Debug for Watch<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watch").field(&self.status()).finish()
    }
}

impl<R: RingRef> Shared<R> {
    /// How far every stage has come.
    pub(super) fn status(&self) -> Status {
        let state = self.lock();
        // Positions first, so that the claimed sequence is at or beyond all of them.
        let stages: Vec<_> = state.members.iter().map(|member| (member, member.finished(), Instant::now())).collect();
        let claimed = Ledger::of(&self.ring).claimed();
        let stages = stages.into_iter().map(|(member, finished, at)| StageStatus {
            name: member.name.clone(),
            after: member.after.clone(),
            workers: member.checkpoints.len(),
            began: member.from,
            finished,
            lag: claimed.get().saturating_sub(finished.get()),
            rate: rate(finished - member.from, at - member.begun),
            failed: member.sum(Tally::failed),
            restarts: member.sum(Tally::restarts),
            at,
        });
        Status { capacity: self.ring.capacity(), claimed, stages: stages.collect() }
    }
}
