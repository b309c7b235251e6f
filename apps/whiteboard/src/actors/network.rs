//! The network actor: hands every event to every connection, and waits for none of them.

pub(crate) mod batch;
pub(crate) mod queue;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rusted_ring::wait::{Member, Waitable};
use tokio::sync::{oneshot, watch};

use super::{Work, work_until};
use crate::boards::Boards;
use crate::order::merge::Merge;
use crate::order::watermark::Watermark;
use crate::phase::Phase;
use crate::protocol::{self, BoardId, BoardName, Kind, Posted};
use crate::rings::feed::{Feed, poll_all};
use crate::rings::wakeup::{WakeUp, WakeUps};
use crate::store::{Chunk, Store};
use batch::{Batch, Gathering};
use queue::Giving;

/// The most events taken from one pool before the watermark and the commands are looked at again.
const TURN: usize = 4096;
/// Actions kept until their commit; those beyond are read back from the store.
const WAITING_MAX: usize = 4096;
/// A batch that is longer is sent before the turn is over.
const BATCH_BYTES: usize = 64 * 1024;
/// A page says every 5 seconds that it is here; one that has not for this long is not presented to joining pages.
const HERE_TIME: Duration = Duration::from_secs(15);

/// What a connection asks of the network actor.
#[derive(Debug)]
pub(crate) enum Command {
    /// Send live events of `board` into `queue` from now on, and first of all who is there. The answer is the first
    /// revision that may come; all before it are in the store. A full queue is closed, and `missed` counts what it
    /// would have received until the connection joins again.
    Join {
        /// The connection's author number.
        author: u64,
        /// The board it shows.
        board: BoardId,
        /// The connection has all of the board up to this revision: that is neither sent nor missed.
        after: u64,
        /// Where batches go.
        queue: Giving,
        /// Counts what was not sent.
        missed: Arc<Missed>,
        /// The first revision of the queue.
        next: oneshot::Sender<u64>,
    },
    /// The connection ended.
    Leave {
        /// Its author number.
        author: u64,
        /// The board it showed.
        board: BoardId,
    },
}

/// The way to ask the network actor.
#[derive(Clone, Debug)]
pub(crate) struct Inbox {
    /// Its commands.
    pub(crate) commands: Sender<Command>,
    /// Wakes it.
    pub(crate) wake_up: WakeUp,
}

impl Inbox {
    /// Sends a command; returns whether the actor will see it.
    pub(crate) fn send(&self, command: Command) -> bool {
        let sent = self.commands.send(command).is_ok();
        self.wake_up.send();
        sent
    }
}

/// Frames that a connection was not sent after one join, from the cut of its queue to the next join.
#[derive(Debug, Default)]
pub(crate) struct Missed {
    actions: AtomicU64,
    moments: AtomicU64,
    /// The total that also counts it.
    all: Option<Arc<Missed>>,
}

impl Missed {
    /// One connection's count, which `all` includes.
    pub(crate) fn within(all: &Arc<Missed>) -> Self {
        Missed { all: Some(Arc::clone(all)), ..Missed::default() }
    }

    /// The count so far: (actions, moments).
    pub(crate) fn now(&self) -> (u64, u64) {
        (self.actions.load(Ordering::Relaxed), self.moments.load(Ordering::Relaxed))
    }

    /// Takes the count since the last call: (actions, moments).
    pub(crate) fn take(&self) -> (u64, u64) {
        (self.actions.swap(0, Ordering::Relaxed), self.moments.swap(0, Ordering::Relaxed))
    }

    fn count(&self, batch: &Batch) {
        self.actions.fetch_add(batch.actions(), Ordering::Relaxed);
        self.moments.fetch_add(batch.moments(), Ordering::Relaxed);
        if let Some(all) = &self.all {
            all.count(batch);
        }
    }
}

/// A connection as the network actor knows it.
struct Link {
    after: u64,
    /// Closed (`None`) while the connection is behind.
    queue: Option<Giving>,
    missed: Arc<Missed>,
}

/// A board, as the network actor knows it.
#[derive(Default)]
struct Room {
    /// By author.
    links: HashMap<u64, Link>,
    /// The last `here` of each author, and when it came.
    here: HashMap<u64, (Bytes, Instant)>,
    /// The events to send at the end of the turn.
    gathering: Gathering,
}

/// An action that waits for its commit.
enum Waiting {
    /// Its frame.
    Frame(BoardId, Bytes),
    /// One too many to keep: the store will have it.
    Stored(BoardId),
    /// Validation found it bad; nobody is shown it.
    Bad,
}

/// Fans out live events; actions only once they are on disk, in the order of revisions.
pub(crate) struct Network {
    feeds: Vec<Box<dyn Feed>>,
    merge: Merge<Waiting>,
    store: Arc<Store>,
    boards: Boards,
    watermark: Watermark,
    commands: Receiver<Command>,
    phase: watch::Receiver<Phase>,
    wake_ups: WakeUps,
    rooms: HashMap<BoardId, Room>,
}

impl Network {
    /// `feeds` are its stages, after validation.
    pub(crate) fn new(
        feeds: Vec<Box<dyn Feed>>,
        store: Arc<Store>,
        boards: Boards,
        watermark: Watermark,
        commands: Receiver<Command>,
        phase: watch::Receiver<Phase>,
        wake_ups: WakeUps,
    ) -> Self {
        let merge = Merge::after(watermark.now().revision);
        Network { feeds, merge, store, boards, watermark, commands, phase, wake_ups, rooms: HashMap::new() }
    }

    /// Works until everything is drained.
    pub(crate) fn run(mut self) {
        let phase = self.phase.clone();
        work_until(Phase::Drained, &phase, &mut self);
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Join { author, board, after, queue, missed, next } => {
                let room = self.rooms.entry(board).or_default();
                room.here.retain(|_, (_, at)| at.elapsed() < HERE_TIME);
                room.links.insert(author, Link { after, queue: Some(queue), missed });
                let mut present = Gathering::default();
                for (_, (here, _)) in room.here.iter().filter(|&(&other, _)| other != author) {
                    present.push(Kind::Here, here);
                }
                if let (Some(present), Some(link)) = (present.take(), room.links.get_mut(&author)) {
                    link.give(author, &present);
                }
                // A connection that ended meanwhile says so with a Leave.
                let _ = next.send(self.merge.wanted());
            }
            Command::Leave { author, board } => {
                if let Some(room) = self.rooms.get_mut(&board) {
                    room.links.remove(&author);
                    room.here.remove(&author);
                }
            }
        }
    }

    /// Sends on the moments in the pools, and keeps the actions until they are committed.
    fn poll(&mut self) -> bool {
        let Network { feeds, merge, rooms, .. } = self;
        poll_all(feeds, TURN, &mut |event| {
            let Some(kind) = Kind::of(event.kind) else { return };
            let Some(Posted { frame, board, .. }) = Posted::split(kind, event.payload) else { return };
            match event.is_bad() {
                bad if kind.is_action() => {
                    let waiting = match () {
                        () if bad => Waiting::Bad,
                        () if merge.waiting() < WAITING_MAX => Waiting::Frame(board, Bytes::copy_from_slice(frame)),
                        () => Waiting::Stored(board),
                    };
                    merge.offer(protocol::revision(frame), waiting);
                }
                false => rooms.entry(board).or_default().moment(kind, frame),
                true => {}
            }
        })
    }

    /// Sends the committed actions as far as the pools have delivered them: the disk may be ahead of validation.
    fn send_committed(&mut self) -> bool {
        let committed = self.watermark.now().revision;
        let mut any = false;
        while self.merge.wanted() <= committed
            && let Some(waiting) = self.merge.next()
        {
            let sent = match waiting {
                Waiting::Frame(board, frame) => Some((*board, frame.clone())),
                Waiting::Stored(board) => match self.boards.name(*board) {
                    Some(name) => match self.read_back(&name, self.merge.wanted()) {
                        Ok(frame) => frame.map(|frame| (*board, frame)),
                        Err(error) => {
                            self.watermark.fail(&error);
                            break;
                        }
                    },
                    // Nobody has it open any more.
                    None => None,
                },
                Waiting::Bad => None,
            };
            self.merge.take();
            any = true;
            if let Some((board, frame)) = sent
                && let Some(kind) = protocol::kind(&frame)
                && let Some(room) = self.rooms.get_mut(&board)
            {
                room.gather(kind, &frame);
            }
        }
        any
    }

    /// Reads a committed action; `None` if it was dropped again meanwhile.
    fn read_back(&self, board: &BoardName, revision: u64) -> Result<Option<Bytes>, redb::Error> {
        let Chunk { frames, .. } = self.store.chunk(board, revision, revision, 0)?;
        Ok(frames.into_iter().next())
    }
}

impl Work for Network {
    fn turn(&mut self) -> bool {
        self.wake_ups.forget();
        let mut busy = false;
        while let Ok(command) = self.commands.try_recv() {
            self.obey(command);
            busy = true;
        }
        busy |= self.poll();
        busy |= self.send_committed();
        self.rooms.retain(|_, room| {
            room.flush();
            // Making the room again is up to what comes after the last has left, such as the news of that.
            !room.is_empty()
        });
        busy
    }

    fn members(&mut self) -> Vec<Member<'_>> {
        let Network { feeds, wake_ups, .. } = self;
        feeds.iter_mut().map(Waitable::member).chain([wake_ups.member()]).collect()
    }
}

impl Room {
    /// Gathers a moment, and remembers who is here.
    fn moment(&mut self, kind: Kind, frame: &[u8]) {
        let author = protocol::author(frame);
        match kind {
            Kind::Here => drop(self.here.insert(author, (Bytes::copy_from_slice(frame), Instant::now()))),
            Kind::Left => drop(self.here.remove(&author)),
            _ => {}
        }
        self.gather(kind, frame);
    }

    /// Whether nobody is there, and nobody was just now. An author whose leaving was not announced counts as gone in the end.
    fn is_empty(&self) -> bool {
        self.links.is_empty() && self.here.values().all(|(_, at)| at.elapsed() >= HERE_TIME)
    }

    /// Gathers an event for every connection.
    fn gather(&mut self, kind: Kind, frame: &[u8]) {
        self.gathering.push(kind, frame);
        if self.gathering.len() >= BATCH_BYTES {
            self.flush();
        }
    }

    /// Sends the gathered events.
    fn flush(&mut self) {
        if let Some(batch) = self.gathering.take() {
            self.links.iter_mut().for_each(|(&author, link)| link.give(author, &batch));
        }
    }
}

impl Link {
    /// Queues what the batch holds for this author. Closes a full queue, and counts the batch as missed.
    fn give(&mut self, author: u64, batch: &Batch) {
        let Some(batch) = batch.given_to(author, self.after) else { return };
        let sent = self.queue.as_ref().is_some_and(|queue| queue.give(batch.clone()));
        if !sent {
            // Counted before it closes: a connection that finds the queue closed finds that something was missed.
            self.missed.count(&batch);
            self.queue = None;
        }
    }
}

#[cfg(test)]
mod tests;
