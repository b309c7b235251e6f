//! The network actor: hands every event to every connection, waiting for none of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};

use super::work_until;
use crate::feed::{Feed, poll_all};
use crate::merge::Merge;
use crate::phase::Phase;
use crate::protocol::{self, ClientId, Kind};
use crate::store::Store;
use crate::watermark::Watermark;

/// How many events one pool gives before the watermark and the commands are looked at again.
const TURN: usize = 4096;
/// Actions kept until their commit; what is beyond is read back from the store.
const WAITING_MAX: usize = 4096;

/// What a connection asks of the network actor.
#[derive(Debug)]
pub(crate) enum Command {
    /// Send live events into `queue` from now on. The answer is the first revision that will come; all before it are
    /// in the store. When the queue is full it is closed, and what it would have got is counted in `missed` until the
    /// connection joins again.
    Join {
        /// The connection's author number.
        author: u64,
        /// Where frames go.
        queue: mpsc::Sender<Bytes>,
        /// What was not sent.
        missed: Arc<Missed>,
        /// The first revision of the queue.
        next: oneshot::Sender<u64>,
    },
    /// The connection ended.
    Leave {
        /// Its author number.
        author: u64,
    },
}

/// Frames a connection was not sent. Counted by the network actor between a cut and the next join.
#[derive(Debug, Default)]
pub(crate) struct Missed {
    actions: AtomicU64,
    moments: AtomicU64,
    /// Where it counts as well.
    all: Option<Arc<Missed>>,
}

impl Missed {
    /// One connection's, which `all` counts too.
    pub(crate) fn within(all: &Arc<Missed>) -> Self {
        Missed { all: Some(Arc::clone(all)), ..Missed::default() }
    }

    /// What is counted: (actions, moments).
    pub(crate) fn now(&self) -> (u64, u64) {
        (self.actions.load(Ordering::Relaxed), self.moments.load(Ordering::Relaxed))
    }

    /// Takes what was counted since the last call: (actions, moments).
    pub(crate) fn take(&self) -> (u64, u64) {
        (self.actions.swap(0, Ordering::Relaxed), self.moments.swap(0, Ordering::Relaxed))
    }

    fn count(&self, kind: Kind) {
        let counter = if kind.is_action() { &self.actions } else { &self.moments };
        counter.fetch_add(1, Ordering::Relaxed);
        if let Some(all) = &self.all {
            all.count(kind);
        }
    }
}

/// A connection as the network actor knows it.
struct Link {
    /// Closed (`None`) while the connection is behind.
    queue: Option<mpsc::Sender<Bytes>>,
    missed: Arc<Missed>,
}

/// An action that waits for its commit.
enum Waiting {
    /// Its frame.
    Frame(Bytes),
    /// One too many to keep: the store will have it.
    Stored,
    /// It was found bad, and is shown to nobody.
    Bad,
}

/// Fans out live events; actions only once they are on disk, in the order of revisions.
pub(crate) struct Network {
    feeds: Vec<Box<dyn Feed>>,
    merge: Merge<Waiting>,
    store: Arc<Store>,
    watermark: Watermark,
    commands: Receiver<Command>,
    phase: watch::Receiver<Phase>,
    links: HashMap<u64, Link>,
}

impl Network {
    /// `feeds` are its stages, after validation.
    pub(crate) fn new(
        feeds: Vec<Box<dyn Feed>>,
        store: Arc<Store>,
        watermark: Watermark,
        commands: Receiver<Command>,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        let merge = Merge::after(watermark.now().revision);
        Network { feeds, merge, store, watermark, commands, phase, links: HashMap::new() }
    }

    /// Works until everything is drained.
    pub(crate) fn run(mut self) {
        let phase = self.phase.clone();
        work_until(Phase::Drained, &phase, || self.turn());
    }

    /// Does what there is to do now; whether there was anything.
    fn turn(&mut self) -> bool {
        let mut busy = false;
        while let Ok(command) = self.commands.try_recv() {
            self.obey(command);
            busy = true;
        }
        busy |= self.poll();
        busy | self.send_committed()
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Join { author, queue, missed, next } => {
                self.links.insert(author, Link { queue: Some(queue), missed });
                // A connection that ended meanwhile says so by a Leave.
                let _ = next.send(self.merge.wanted());
            }
            Command::Leave { author } => {
                self.links.remove(&author);
            }
        }
    }

    /// Sends on the moments in the pools and keeps the actions until they are committed.
    fn poll(&mut self) -> bool {
        let Network { feeds, merge, links, .. } = self;
        poll_all(feeds, TURN, &mut |event| match Kind::of(event.kind) {
            Some(kind) if kind.is_action() => {
                if let Some((frame, _)) = ClientId::split_from(event.payload)
                    && let Some(revision) = protocol::revision_if_any(frame)
                {
                    let waiting = match () {
                        () if event.is_bad() => Waiting::Bad,
                        () if merge.waiting() < WAITING_MAX => Waiting::Frame(Bytes::copy_from_slice(frame)),
                        () => Waiting::Stored,
                    };
                    merge.offer(revision, waiting);
                }
            }
            Some(kind) if !event.is_bad() => fan_out(links, kind, &Bytes::copy_from_slice(event.payload)),
            _ => {}
        })
    }

    /// Sends the actions that are committed, as far as the pools have given them: the disk may be ahead of validation.
    fn send_committed(&mut self) -> bool {
        let committed = self.watermark.now().revision;
        let mut any = false;
        while self.merge.wanted() <= committed
            && let Some(waiting) = self.merge.next()
        {
            let frame = match waiting {
                Waiting::Frame(frame) => Some(frame.clone()),
                Waiting::Stored => match self.read_back(self.merge.wanted()) {
                    Some(frame) => Some(frame),
                    None => break,
                },
                Waiting::Bad => None,
            };
            self.merge.take();
            any = true;
            if let Some(frame) = frame
                && let Some(kind) = Kind::of(u32::from(frame[0]))
            {
                fan_out(&mut self.links, kind, &frame);
            }
        }
        any
    }

    /// A committed action; without it the board has failed.
    fn read_back(&self, revision: u64) -> Option<Bytes> {
        match self.store.chunk(revision, revision, 0) {
            Ok(frames) if frames.len() == 1 => frames.into_iter().next(),
            Ok(_) => {
                self.watermark.fail(&format_args!("revision {revision} is committed but not in the store"));
                None
            }
            Err(error) => {
                self.watermark.fail(&error);
                None
            }
        }
    }
}

/// Gives the frame to every connection but, if it is a moment, its author's own.
fn fan_out(links: &mut HashMap<u64, Link>, kind: Kind, frame: &Bytes) {
    let own = (!kind.is_action()).then(|| protocol::author(frame));
    for (_, link) in links.iter_mut().filter(|&(&author, _)| own != Some(author)) {
        let sent = link.queue.as_ref().is_some_and(|queue| queue.try_send(frame.clone()).is_ok());
        if !sent {
            link.queue = None;
            link.missed.count(kind);
        }
    }
}

#[cfg(test)]
mod tests;
