//! The one place where actions get their order.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::boards::{Boards, Open};
use crate::order::reply::Reply;
use crate::order::watermark::Watermark;
use crate::protocol::{self, BoardName, ClientId, Kind, Posted, REVISION_MAX};
use crate::rings::writers::Writers;
use crate::store::{self, Store};

/// What a full store still accepts of hides and shows, as a part of its bound, and at most in bytes.
const RESERVE_PART: u64 = 16;
const RESERVE_MAX: u64 = 1 << 20;
const TOO_LATE: &str = "what this clear hid was dropped; it can be undone no more";
const GONE: &str = "what is to be shown was dropped; it cannot be shown any more";
const NOT_THERE: &str = "what is named is not there yet";
const USED_UP: &str = "this store has no revision left; have the server started on a new one: --data DIR";
const FULL: &str = "the store is full; clear a board on which something is drawn, which makes room once the clear cannot \
                    be undone any more, or have the server started with a larger --max-store";

/// What the ingest thread is asked to do.
#[derive(Debug)]
pub(crate) enum Request {
    /// Give an action its place.
    Order(Submission),
    /// Take what is queued, then end.
    Stop,
}

/// A checked action from a page, and the reserved place for its answer.
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
    /// Takes the answer; reserved, so that answering never waits.
    pub(crate) reply: mpsc::OwnedPermit<Reply>,
}

/// An action that is published and perhaps not in the store yet.
#[derive(Debug)]
struct InFlight {
    revision: u64,
    id: (ClientId, u64),
    kind: Kind,
    bytes: u64,
    /// Its board keeps its number until then.
    board: Open,
}

/// What the ingest thread leaves behind.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The last revision that it used.
    pub(crate) last: u64,
    /// The actions that may not be in the store yet: the storage actor, which puts them there, asks for the boards.
    _in_flight: VecDeque<InFlight>,
}

/// Gives each new action the next revision and publishes it; gives a repeated one the revision that it already has.
#[derive(Debug)]
pub(crate) struct Ingest {
    store: Arc<Store>,
    boards: Boards,
    writers: Writers,
    watermark: Watermark,
    /// Once the store takes this much, nothing more is added to it.
    max_store: u64,
    last: u64,
    /// Published, perhaps not in the store yet.
    in_flight: HashMap<(ClientId, u64), u64>,
    /// The same by revision, to forget them once they are in the store.
    by_revision: VecDeque<InFlight>,
    /// About what they will take in the store.
    coming: u64,
}

#[cfg(test)]
impl Ended {
    /// Everything up to this revision is in the store.
    pub(crate) fn at(last: u64) -> Self {
        Ended { last, _in_flight: VecDeque::new() }
    }
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

    /// Works until it is asked to stop.
    pub(crate) fn run(mut self, mut requests: mpsc::Receiver<Request>) -> Ended {
        while let Some(request) = requests.blocking_recv() {
            match request {
                Request::Order(Submission { client, board, kind, frame, reply }) => {
                    reply.send(self.order(client, board, kind, frame));
                }
                Request::Stop => requests.close(),
            }
        }
        Ended { last: self.last, _in_flight: self.by_revision }
    }

    /// Orders one action. If the pool is full, or the board has failed, the answer is busy and no revision is used.
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
        let Some(name) = self.boards.name(board.number()) else { return Reply::Busy { action } };
        match self.refusal(&name, kind, &frame) {
            Ok(None) => {}
            Ok(Some(reason)) => return Reply::Refused { action, reason: reason.into() },
            Err(error) => {
                self.watermark.fail(&error);
                return Reply::Busy { action };
            }
        }
        let revision = self.last + 1;
        protocol::set_revision(&mut frame, revision);
        let bytes = store::cost(&name, &frame) + store::mark_cost(kind, &frame);
        let payload = Posted::action(frame, client, board.number());
        if self.writers.try_publish(kind, &payload).is_err() {
            return Reply::Busy { action };
        }
        self.last = revision;
        self.in_flight.insert(id, revision);
        self.by_revision.push_back(InFlight { revision, id, kind, bytes, board });
        self.coming += bytes;
        Reply::At { action, revision }
    }

    /// Why the store does not accept this action.
    fn refusal(&self, board: &BoardName, kind: Kind, frame: &[u8]) -> Result<Option<&'static str>, redb::Error> {
        let is_change = matches!(kind, Kind::Hide | Kind::Show);
        Ok(match () {
            () if self.last >= REVISION_MAX => Some(USED_UP),
            () if is_change && protocol::targets(frame).any(|object| object > self.last) => Some(NOT_THERE),
            () if self.is_full(board, kind, frame)? => Some(FULL),
            // Some pages still have what the others do not.
            () if kind == Kind::Hide && self.store.is_too_late(board, protocol::targets(frame))? => Some(TOO_LATE),
            () if kind == Kind::Show && self.store.is_gone(board, self.stored(frame))? => Some(GONE),
            () => None,
        })
    }

    /// Whether there is no room for it. What frees room is always accepted, and a hide or show that changes something is accepted
    /// a little beyond the bound.
    fn is_full(&self, board: &BoardName, kind: Kind, frame: &[u8]) -> Result<bool, redb::Error> {
        let reserve = (self.max_store / RESERVE_PART).min(RESERVE_MAX);
        let taken = self.store.bytes() + self.coming;
        let own = store::cost(board, frame) + store::mark_cost(kind, frame);
        Ok(match kind {
            _ if taken < self.max_store && self.store.file_len() <= store::file_bound(self.max_store) => false,
            Kind::Clear => !self.store.is_drawn_on(board)? || self.is_being_cleared(board),
            Kind::Hide | Kind::Show if taken + own < self.max_store.saturating_add(reserve) => {
                !self.store.changes_any(board, protocol::targets(frame), kind == Kind::Hide)?
            }
            _ => true,
        })
    }

    /// Whether a clear of this board is on its way to the disk.
    fn is_being_cleared(&self, board: &BoardName) -> bool {
        let is_here = |open: &Open| self.boards.name(open.number()).is_some_and(|name| name == *board);
        self.by_revision.iter().any(|coming| coming.kind == Kind::Clear && is_here(&coming.board))
    }

    /// The objects that it names, except those on their way to the disk.
    fn stored(&self, frame: &[u8]) -> impl Iterator<Item = u64> {
        let coming = self.by_revision.front().map_or(u64::MAX, |first| first.revision);
        protocol::targets(frame).filter(move |&object| object < coming)
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
