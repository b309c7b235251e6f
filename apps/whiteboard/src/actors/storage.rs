//! The storage actor: everything that is to last goes through it, and the writers wait for it.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rusted_ring::wait::Backoff;

use crate::feed::{Feed, poll_all};
use crate::merge::Merge;
use crate::protocol::{self, ClientId, Kind};
use crate::store::{Action, Store};
use crate::watermark::Watermark;

/// A batch is committed when its first action has waited this long. Longer makes fewer and larger commits; an
/// acknowledgement never waits more than 20 ms for its batch to close.
const BATCH_TIME: Duration = Duration::from_millis(4);
/// A batch of this many bytes is committed at once, so that what is in memory stays bounded.
const BATCH_BYTES: usize = 1 << 20;
/// How many events one pool gives before the next one is looked at.
const TURN: usize = 64;

/// Commits every action in the order of revisions and raises the watermark behind it.
pub(crate) struct Storage {
    feeds: Vec<Box<dyn Feed>>,
    merge: Merge<Action>,
    store: Arc<Store>,
    watermark: Watermark,
    last: Arc<OnceLock<u64>>,
}

impl Storage {
    /// `feeds` are its stages; `last` is set to the last revision of all when no more are given.
    pub(crate) fn new(
        feeds: Vec<Box<dyn Feed>>,
        store: Arc<Store>,
        watermark: Watermark,
        last: Arc<OnceLock<u64>>,
    ) -> Self {
        Storage { feeds, merge: Merge::after(watermark.now().revision), store, watermark, last }
    }

    /// Works until the last revision is on disk, or until a commit fails: then the board is failed, nothing more is
    /// acknowledged, and its stages leave, so that cursors and segments still flow.
    pub(crate) fn run(mut self) {
        let mut backoff = Backoff::new();
        loop {
            let batch = self.gather(&mut backoff);
            if batch.is_empty() {
                if self.last.get().is_some_and(|&last| self.merge.wanted() > last) {
                    return;
                }
                backoff.snooze();
                continue;
            }
            backoff.reset();
            if let Err(error) = self.store.commit(&batch) {
                self.watermark.fail(&error);
                return;
            }
            self.watermark.raise(self.merge.wanted() - 1);
        }
    }

    /// The next actions in order; empty at once when there are none, otherwise everything that comes in a batch's time.
    fn gather(&mut self, backoff: &mut Backoff) -> Vec<Action> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut deadline = None;
        loop {
            let polled = self.poll();
            while bytes < BATCH_BYTES
                && let Some(action) = self.merge.take()
            {
                bytes += action.frame.len();
                batch.push(action);
            }
            if batch.is_empty() {
                if polled {
                    continue;
                }
                return batch;
            }
            let now = Instant::now();
            if bytes >= BATCH_BYTES || now >= *deadline.get_or_insert(now + BATCH_TIME) {
                return batch;
            }
            if !polled {
                backoff.snooze();
            }
        }
    }

    /// One turn over the pools; whether any had something.
    fn poll(&mut self) -> bool {
        let Storage { feeds, merge, .. } = self;
        poll_all(feeds, TURN, &mut |event| {
            if Kind::of(event.kind).is_some_and(Kind::is_action)
                && let Some((frame, client)) = ClientId::split_from(event.payload)
            {
                let frame = Bytes::copy_from_slice(frame);
                merge.offer(protocol::revision(&frame), Action { client, frame });
            }
        })
    }
}

#[cfg(test)]
mod tests;
