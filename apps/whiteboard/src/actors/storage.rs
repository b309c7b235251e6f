//! The storage actor: everything that is to last goes through it, and the writers wait for it.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rusted_ring::wait::Backoff;

use super::rest_unless;
use crate::boards::Boards;
use crate::clock::{seconds, seconds_before_now};
use crate::order::merge::Merge;
use crate::order::watermark::Watermark;
use crate::protocol::{self, Kind, Posted};
use crate::rings::bell::Bell;
use crate::rings::feed::{Feed, poll_all};
use crate::store::{Action, Store};

/// A batch is committed when its first action has waited this long. Longer makes fewer and larger commits; an
/// acknowledgement never waits more than 20 ms for its batch to close.
const BATCH_TIME: Duration = Duration::from_millis(4);
/// A batch of this many bytes is committed at once, so that what is in memory stays bounded.
const BATCH_BYTES: usize = 1 << 20;
/// How many events one pool gives before the next one is looked at.
const TURN: usize = 64;
/// How often it looks for what a clear has hidden long enough.
const COMPACT_TIME: Duration = Duration::from_secs(1);

/// Commits every action in the order of revisions and raises the watermark behind it.
pub(crate) struct Storage {
    feeds: Vec<Box<dyn Feed>>,
    merge: Merge<Action>,
    store: Arc<Store>,
    boards: Arc<Boards>,
    watermark: Watermark,
    bell: Bell,
    last: Arc<OnceLock<u64>>,
    /// How long a clear can be undone.
    keep_cleared: Duration,
    compacted: Instant,
}

impl Storage {
    /// `feeds` are its stages; `last` is set to the last revision of all when no more are given. What a clear hides is
    /// dropped after `keep_cleared`.
    pub(crate) fn new(
        feeds: Vec<Box<dyn Feed>>,
        store: Arc<Store>,
        boards: Arc<Boards>,
        watermark: Watermark,
        bell: Bell,
        last: Arc<OnceLock<u64>>,
        keep_cleared: Duration,
    ) -> Self {
        let merge = Merge::after(watermark.now().revision);
        Storage { feeds, merge, store, boards, watermark, bell, last, keep_cleared, compacted: Instant::now() }
    }

    /// Works until the last revision is on disk, or until a commit fails: then the board is failed, nothing more is
    /// acknowledged, and its stages leave, so that cursors and segments still flow.
    pub(crate) fn run(mut self) {
        let bell = self.bell.clone();
        loop {
            let batch = self.gather();
            if batch.is_empty() {
                if self.last.get().is_some_and(|&last| self.merge.wanted() > last) {
                    return;
                }
                match self.compact() {
                    Ok(true) => {}
                    Ok(false) => rest_unless(&bell, || self.poll() || self.last.get().is_some()),
                    Err(error) => return self.watermark.fail(&error),
                }
                continue;
            }
            if let Err(error) = self.store.commit(&batch, seconds()) {
                return self.watermark.fail(&error);
            }
            self.watermark.raise(self.merge.wanted() - 1);
            // The network actor sends what is committed.
            bell.ring();
            if let Err(error) = self.compact() {
                return self.watermark.fail(&error);
            }
        }
    }

    /// Now and then drops a part of what was cleared long ago; whether there is more.
    fn compact(&mut self) -> Result<bool, redb::Error> {
        if self.compacted.elapsed() < COMPACT_TIME {
            return Ok(false);
        }
        let more = self.store.compact(seconds_before_now(self.keep_cleared))?;
        if !more {
            self.compacted = Instant::now();
        }
        Ok(more)
    }

    /// The next actions in order; empty at once when there are none, otherwise everything that comes in a batch's time.
    fn gather(&mut self) -> Vec<Action> {
        let mut backoff = Backoff::new();
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
        let Storage { feeds, merge, boards, .. } = self;
        poll_all(feeds, TURN, &mut |event| {
            if let Some(kind) = Kind::of(event.kind)
                && let Some(Posted { frame, client: Some(client), board }) = Posted::split(kind, event.payload)
                && let Some(board) = boards.name(board)
            {
                let frame = Bytes::copy_from_slice(frame);
                merge.offer(protocol::revision(&frame), Action { board, client, frame });
            }
        })
    }
}

#[cfg(test)]
mod tests;
