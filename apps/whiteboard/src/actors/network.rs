//! The network actor: hands every event to every connection, waiting for none of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;

use bytes::Bytes;
use rusted_ring::wait::Backoff;
use tokio::sync::{mpsc, oneshot, watch};

use crate::feed::{Feed, Polled};
use crate::merge::Merge;
use crate::phase::Phase;
use crate::protocol::{self, ClientId, Kind};
use crate::store::Store;
use crate::watermark::Watermark;

/// How many events one pool gives before the watermark and the commands are looked at again.
const TURN: usize = 4096;
/// Actions that wait for their commit; what is beyond is read back from the store.
const WAITING_MAX: usize = 4096;
/// How much is read back from the store at a time.
const CHUNK_BYTES: usize = 256 * 1024;

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
}

impl Missed {
    /// Takes what was counted since the last call: (actions, moments).
    pub(crate) fn take(&self) -> (u64, u64) {
        (self.actions.swap(0, Ordering::Relaxed), self.moments.swap(0, Ordering::Relaxed))
    }

    fn count(&self, kind: Kind) {
        let counter = if kind.is_action() { &self.actions } else { &self.moments };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// A connection as the network actor knows it.
struct Link {
    /// Closed (`None`) while the connection is behind.
    queue: Option<mpsc::Sender<Bytes>>,
    missed: Arc<Missed>,
}

/// Fans out live events; actions only once they are on disk, in the order of revisions.
pub(crate) struct Network {
    feeds: [Box<dyn Feed>; 5],
    merge: Merge<Bytes>,
    store: Arc<Store>,
    watermark: Watermark,
    commands: Receiver<Command>,
    phase: watch::Receiver<Phase>,
    links: HashMap<u64, Link>,
}

impl Network {
    /// `feeds` are its readers.
    pub(crate) fn new(
        feeds: [Box<dyn Feed>; 5],
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
        let mut backoff = Backoff::new();
        while *self.phase.borrow() < Phase::Drained {
            if self.turn() {
                backoff.reset();
            } else {
                backoff.snooze();
            }
        }
    }

    /// Does what there is to do now; whether there was anything.
    fn turn(&mut self) -> bool {
        let mut busy = false;
        while let Ok(command) = self.commands.try_recv() {
            self.obey(command);
            busy = true;
        }
        // Before the pools: whatever is committed by now was published before, so what the pools do not give is lost.
        let committed = self.watermark.now().revision;
        busy |= self.poll();
        busy | self.send_up_to(committed)
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
        let mut any = false;
        for feed in feeds {
            for _ in 0..TURN {
                let polled = feed.poll(&mut |kind, payload| match Kind::of(kind) {
                    Some(kind) if kind.is_action() => {
                        if let Some((frame, _)) = ClientId::split_from(payload)
                            && merge.waiting() < WAITING_MAX
                        {
                            merge.offer(protocol::revision(frame), Bytes::copy_from_slice(frame));
                        }
                    }
                    Some(kind) => fan_out(links, kind, &Bytes::copy_from_slice(payload)),
                    None => {}
                });
                if polled == Polled::Nothing {
                    break;
                }
                any = true;
            }
        }
        any
    }

    /// Sends the actions up to `committed`, reading back from the store those that the pools did not give.
    fn send_up_to(&mut self, committed: u64) -> bool {
        let mut any = false;
        while self.merge.wanted() <= committed {
            match self.merge.take() {
                Some(frame) => {
                    any = true;
                    if let Some(kind) = Kind::of(u32::from(frame[0])) {
                        fan_out(&mut self.links, kind, &frame);
                    }
                }
                None => {
                    if !self.read_back(committed) {
                        break;
                    }
                }
            }
        }
        any
    }

    fn read_back(&mut self, committed: u64) -> bool {
        let wanted = self.merge.wanted();
        let to = self.merge.first_waiting().map_or(committed, |first| committed.min(first - 1));
        match self.store.chunk(wanted, to, CHUNK_BYTES) {
            Ok(frames) if frames.first().is_some_and(|frame| protocol::revision(frame) == wanted) => {
                for frame in frames {
                    self.merge.offer(protocol::revision(&frame), frame);
                }
                true
            }
            Ok(_) => {
                self.watermark.fail(&format_args!("revision {wanted} is committed but not in the store"));
                false
            }
            Err(error) => {
                self.watermark.fail(&error);
                false
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
