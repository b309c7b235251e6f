//! The storage actor: writes everything that is kept; the publishers wait for it.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rusted_ring::wait::{Backoff, Member, WaitSet, Waitable};

use super::{Work, rest_unless};
use crate::boards::Boards;
use crate::journal::Keeper;
use crate::order::ingest::Ended;
use crate::order::merge::Merge;
use crate::order::watermark::Watermark;
use crate::protocol::{self, Kind, Posted};
use crate::rings::feed::{Feed, poll_all};
use crate::rings::wakeup::{WakeUp, WakeUps};
use crate::store::{Action, Keep, Store, Waiting};

/// A batch is committed when its first action has waited this long. Longer makes fewer and larger commits; an
/// acknowledgement never waits more than 20 ms for its batch to close.
const BATCH_TIME: Duration = Duration::from_millis(4);
/// A batch of this many bytes is committed at once, so that what is in memory stays bounded.
const BATCH_BYTES: usize = 1 << 20;
/// The most events taken from one pool before the next one is looked at.
const TURN: usize = 64;
/// How often it looks for what no longer has to be kept.
const COMPACT_TIME: Duration = Duration::from_secs(1);

/// Commits every action in the order of revisions, and then raises the watermark.
pub(crate) struct Storage {
    intake: Arc<Mutex<Intake>>,
    store: Arc<Store>,
    watermark: Watermark,
    waking: Waking,
    last: Arc<OnceLock<Ended>>,
    keep: Keep,
    compacted: Instant,
    journal: Option<Keeper>,
}

/// What wakes the storage actor, and what it wakes.
pub(crate) struct Waking {
    /// Sent by the thread that sets that no more revisions are given.
    pub(crate) storage: WakeUps,
    /// The network actor, which sends what is committed.
    pub(crate) network: WakeUp,
}

/// The actions from the pools, in the order of revisions.
struct Intake {
    feeds: Vec<Box<dyn Feed>>,
    merge: Merge<Action>,
    boards: Boards,
    watermark: Watermark,
}

impl Storage {
    /// `feeds` are its stages; `last` is set when no more revisions are given. Drops what no longer has to be kept
    /// by `keep`. The `journal`, if there is one, has each action before the store does.
    #[expect(clippy::too_many_arguments, reason = "each is another part of the server")]
    pub(crate) fn new(
        feeds: Vec<Box<dyn Feed>>,
        store: Arc<Store>,
        boards: Boards,
        watermark: Watermark,
        waking: Waking,
        last: Arc<OnceLock<Ended>>,
        keep: Keep,
        journal: Option<Keeper>,
    ) -> Self {
        let merge = Merge::after(watermark.now().revision);
        let intake = Arc::new(Mutex::new(Intake { feeds, merge, boards, watermark: watermark.clone() }));
        store.wait_for_room(Box::new(NoRoom { watermark: watermark.clone(), intake: Arc::downgrade(&intake) }));
        Storage { intake, store, watermark, waking, last, keep, compacted: Instant::now(), journal }
    }

    /// Works until the last revision is on disk, or until a commit fails: then the board has failed, nothing more is
    /// acknowledged, and its stages leave, so that cursors and segments still flow.
    pub(crate) fn run(mut self) {
        self.work();
        if let Some(journal) = self.journal {
            journal.end();
        }
    }

    fn work(&mut self) {
        let mut set = WaitSet::new();
        loop {
            let (batch, wanted) = self.gather();
            if batch.is_empty() {
                if self.last.get().is_some_and(|ended| wanted > ended.last) {
                    return;
                }
                if let Some(journal) = &mut self.journal {
                    journal.rest();
                }
                match self.compact() {
                    Ok(true) => {}
                    Ok(false) => rest_unless(&mut set, &mut self.rest()),
                    Err(error) => return self.watermark.fail(&error),
                }
                continue;
            }
            if let Err(error) = self.store.commit(&batch, self.store.now()) {
                return self.watermark.fail(&error);
            }
            if let Some(journal) = &mut self.journal {
                journal.stored();
            }
            self.watermark.raise(wanted - 1);
            self.waking.network.send();
            if let Err(error) = self.compact() {
                return self.watermark.fail(&error);
            }
        }
    }

    fn rest(&mut self) -> Rest<'_> {
        let Storage { intake: shared, waking, last, .. } = self;
        Rest { intake: intake(shared), wake_ups: &mut waking.storage, last }
    }

    /// Drops now and then a part of what no longer has to be kept; returns whether there is more.
    fn compact(&mut self) -> Result<bool, redb::Error> {
        if self.compacted.elapsed() < COMPACT_TIME {
            return Ok(false);
        }
        let more = self.store.compact(self.store.now(), self.keep)?;
        if !more {
            self.store.shrink()?;
            self.compacted = Instant::now();
        }
        Ok(more)
    }

    /// Returns the next actions in order, and the revision after them: none at once when there are none, otherwise all
    /// that arrive in a batch's time.
    fn gather(&mut self) -> (Vec<Action>, u64) {
        let Storage { intake: shared, journal, .. } = self;
        let mut intake = intake(shared);
        let mut backoff = Backoff::new();
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut deadline = None;
        loop {
            let polled = intake.poll();
            while bytes < BATCH_BYTES
                && let Some(action) = intake.merge.take()
            {
                bytes += action.frame.len();
                if let Some(journal) = journal {
                    journal.add(&action);
                }
                batch.push(action);
            }
            if batch.is_empty() {
                if polled {
                    continue;
                }
                return (batch, intake.merge.wanted());
            }
            let now = Instant::now();
            if bytes >= BATCH_BYTES || now >= *deadline.get_or_insert(now + BATCH_TIME) {
                return (batch, intake.merge.wanted());
            }
            if !polled {
                backoff.snooze();
            }
        }
    }
}

/// The storage actor's work while it has nothing to commit. The pools are its own meanwhile, because the thread that waits for
/// room is the one that commits.
struct Rest<'a> {
    intake: MutexGuard<'a, Intake>,
    wake_ups: &'a mut WakeUps,
    last: &'a OnceLock<Ended>,
}

impl Work for Rest<'_> {
    fn turn(&mut self) -> bool {
        self.wake_ups.forget();
        self.intake.poll() || self.last.get().is_some()
    }

    fn members(&mut self) -> Vec<Member<'_>> {
        let Rest { intake, wake_ups, .. } = self;
        intake.feeds.iter_mut().map(Waitable::member).chain([wake_ups.member()]).collect()
    }
}

impl Intake {
    /// One turn over the pools; returns whether any had something.
    fn poll(&mut self) -> bool {
        let Intake { feeds, merge, boards, watermark } = self;
        poll_all(feeds, TURN, &mut |event| {
            if let Some(kind) = Kind::of(event.kind)
                && let Some(Posted { frame, client: Some(client), board }) = Posted::split(kind, event.payload)
            {
                match boards.name(board) {
                    Some(board) => {
                        let frame = Bytes::copy_from_slice(frame);
                        merge.offer(protocol::revision(&frame), Action { board, client, frame });
                    }
                    // The ingest keeps the board open until the action is on disk. Without its name nothing after it can be stored either.
                    None => watermark.fail(&"an action is on a board that has no name"),
                }
            }
        })
    }
}

/// Nobody else holds it for long: the thread that waits for room uses it only while the storage thread waits.
fn intake(intake: &Mutex<Intake>) -> MutexGuard<'_, Intake> {
    intake.lock().unwrap_or_else(PoisonError::into_inner)
}

/// While the disk has no room: tells everyone, and still empties the pools, so that they do not fill up and segments flow.
/// No more actions are accepted, so memory stays bounded.
struct NoRoom {
    watermark: Watermark,
    intake: Weak<Mutex<Intake>>,
}

impl Waiting for NoRoom {
    fn began(&self, why: &std::io::Error) {
        self.watermark.wait(why);
    }

    fn meanwhile(&self) {
        if let Some(shared) = self.intake.upgrade() {
            while intake(&shared).poll() {}
        }
    }

    fn ended(&self) {
        self.watermark.go_on();
    }
}

#[cfg(test)]
mod tests;
