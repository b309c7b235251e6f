//! The one place where actions get their order.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::boards::{Boards, Open};
use crate::order::reply::Reply;
use crate::order::watermark::Watermark;
use crate::protocol::{self, BoardId, ClientId, Kind, Posted};
use crate::rings::writers::Writers;
use crate::store::Store;

/// What a full store still takes of actions that hide and show, as a part of its bound, and at most in bytes; of clears,
/// which make room in the end, twice as much.
const RESERVE_PART: u64 = 16;
const RESERVE_MAX: u64 = 1 << 20;
const TOO_LATE: &str = "what this clear hid was dropped; it can be undone no more";
const FULL: &str = "the store is full; clear a board, or have the server started with a larger --max-store";

/// What the ingest thread is asked to do.
#[derive(Debug)]
pub(crate) enum Request {
    /// Give an action its place.
    Order(Submission),
    /// Take what is queued, then end.
    Stop,
}

/// A checked action from a page, and the place kept for the answer.
#[derive(Debug)]
pub(crate) struct Submission {
    /// Who sent it.
    pub(crate) client: ClientId,
    /// The board it is for; open until it is in the store.
    pub(crate) board: Open,
    /// What it is.
    pub(crate) kind: Kind,
    /// Its frame, with the author filled in.
    pub(crate) frame: Vec<u8>,
    /// Where the answer goes; reserved, so that answering never waits.
    pub(crate) reply: mpsc::OwnedPermit<Reply>,
}

/// An action that is published, perhaps not in the store yet.
#[derive(Debug)]
struct InFlight {
    revision: u64,
    id: (ClientId, u64),
    bytes: u64,
    /// Its board has its number until then.
    _board: Open,
}

/// Gives each new action the next revision and publishes it; gives a repeated one the revision it has.
#[derive(Debug)]
pub(crate) struct Ingest {
    store: Arc<Store>,
    boards: Boards,
    writers: Writers,
    watermark: Watermark,
    /// When the store takes this much, nothing more is added to it.
    max_store: u64,
    last: u64,
    /// Published, perhaps not in the store yet.
    in_flight: HashMap<(ClientId, u64), u64>,
    /// The same by revision, to forget them once they are in the store.
    by_revision: VecDeque<InFlight>,
    /// What they will take in the store, about.
    coming: u64,
}

impl Ingest {
    /// Continues after the last revision in the store, which may take `max_store` bytes.
    pub(crate) fn new(
        store: Arc<Store>,
        boards: Boards,
        writers: Writers,
        watermark: Watermark,
        max_store: u64,
    ) -> Self {
        let last = watermark.now().revision;
        Ingest {
            store,
            boards,
            writers,
            watermark,
            max_store,
            last,
            in_flight: HashMap::new(),
            by_revision: VecDeque::new(),
            coming: 0,
        }
    }

    /// Works until it is asked to stop, then gives the last revision it used.
    pub(crate) fn run(mut self, mut requests: mpsc::Receiver<Request>) -> u64 {
        while let Some(request) = requests.blocking_recv() {
            match request {
                Request::Order(Submission { client, board, kind, frame, reply }) => {
                    reply.send(self.order(client, board, kind, frame));
                }
                Request::Stop => requests.close(),
            }
        }
        self.last
    }

    /// Orders one action. When the pool is full, or the board failed, the answer is busy and no revision is used. A
    /// store that is full takes what hides and shows, for a clear makes room; a little beyond its bound.
    fn order(&mut self, client: ClientId, board: Open, kind: Kind, mut frame: Vec<u8>) -> Reply {
        let action = protocol::action(&frame);
        let committed = self.watermark.now();
        if committed.trouble.is_some() {
            return Reply::Busy { action };
        }
        self.forget_up_to(committed.revision);
        let id = (client, action);
        if let Some(&revision) = self.in_flight.get(&id) {
            return Reply::At { action, revision };
        }
        match self.store.revision_of(client, action) {
            Ok(Some(revision)) => return Reply::At { action, revision },
            Ok(None) => {}
            Err(error) => {
                self.watermark.fail(&error);
                return Reply::Busy { action };
            }
        }
        if self.store.bytes() + self.coming >= self.bound(kind) {
            return Reply::Refused { action, reason: FULL.into() };
        }
        match self.is_too_late(board.number(), kind, &frame) {
            Ok(false) => {}
            Ok(true) => return Reply::Refused { action, reason: TOO_LATE.into() },
            Err(error) => {
                self.watermark.fail(&error);
                return Reply::Busy { action };
            }
        }
        let revision = self.last + 1;
        protocol::set_revision(&mut frame, revision);
        let bytes = frame.len() as u64;
        let payload = Posted::action(frame, client, board.number());
        if self.writers.try_publish(kind, &payload).is_err() {
            return Reply::Busy { action };
        }
        self.last = revision;
        self.in_flight.insert(id, revision);
        self.by_revision.push_back(InFlight { revision, id, bytes, _board: board });
        self.coming += bytes;
        Reply::At { action, revision }
    }

    /// How much the store may hold for an action of this kind to be taken.
    fn bound(&self, kind: Kind) -> u64 {
        let reserve = (self.max_store / RESERVE_PART).min(RESERVE_MAX);
        self.max_store.saturating_add(match kind {
            kind if kind.adds() => 0,
            Kind::Clear => 2 * reserve,
            _ => reserve,
        })
    }

    /// Whether it would undo a clear whose past is gone: some pages have that still, and others not.
    fn is_too_late(&self, board: BoardId, kind: Kind, frame: &[u8]) -> Result<bool, redb::Error> {
        match self.boards.name(board) {
            Some(name) if kind == Kind::Hide => self.store.is_too_late(&name, protocol::targets(frame)),
            _ => Ok(false),
        }
    }

    fn forget_up_to(&mut self, committed: u64) {
        while let Some(InFlight { id, bytes, .. }) = self.by_revision.front().filter(|next| next.revision <= committed)
        {
            self.in_flight.remove(id);
            self.coming -= bytes;
            self.by_revision.pop_front();
        }
    }
}

#[cfg(test)]
mod tests;
