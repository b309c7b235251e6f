//! The running server, as connections and requests use it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use tokio::sync::{Semaphore, mpsc, watch};

use crate::actors::analytics::Traffic;
use crate::actors::network::{Command, Inbox, Missed};
use crate::boards::{Boards, Open};
use crate::farewells::Farewells;
use crate::history::History;
use crate::journal::Journal;
use crate::log::Log;
use crate::order::ingest::Request;
use crate::order::watermark::Watermark;
use crate::phase::Phase;
use crate::protocol::{BoardId, Kind, Posted};
use crate::rings::books::Books;
use crate::rings::shown::Shown;
use crate::rings::stages::Stages;
use crate::rings::writers::Writers;
use crate::store::Store;

/// Everything a connection needs: where to publish, whom to ask, what to watch.
#[derive(Debug)]
pub(crate) struct Hub {
    /// The pools' ledgers.
    pub(crate) books: Books,
    /// The stages over them, for their progress.
    pub(crate) stages: Stages,
    /// Both, for who scrapes.
    pub(crate) shown: Shown,
    /// For moments, which need no order.
    pub(crate) writers: Writers,
    /// Authors who left, of which nobody was told yet.
    pub(crate) farewells: Farewells,
    /// Moments that went to nobody.
    pub(crate) dropped: Dropped,
    /// Actions that were refused, or put off because too many were waiting.
    pub(crate) declined: Declined,
    /// What slow pages were not sent live, summed over all.
    pub(crate) missed: Arc<Missed>,
    /// The last minute of the pools.
    pub(crate) history: History,
    /// For actions, which need an order.
    pub(crate) ingest: mpsc::Sender<Request>,
    /// For live events.
    pub(crate) network: Inbox,
    /// For stored events.
    pub(crate) store: Arc<Store>,
    /// What is kept beside the store, if anything is.
    pub(crate) journal: Option<Arc<Journal>>,
    /// The bytes that the store may take.
    pub(crate) max_store: u64,
    /// For reading the store: a few at a time, in the order in which they ask, so that those who draw are not held up.
    pub(crate) readers: Arc<Semaphore>,
    /// Which boards are open.
    pub(crate) boards: Boards,
    /// What is on disk.
    pub(crate) watermark: Watermark,
    /// The events so far.
    pub(crate) traffic: Arc<Traffic>,
    /// The number of events that validation found bad.
    pub(crate) bad: Arc<AtomicU64>,
    /// The interval between moments that is wanted, in milliseconds.
    pub(crate) pace: watch::Receiver<u16>,
    /// For what it left out.
    pub(crate) log: Log,
    /// How far the shutdown is.
    pub(crate) phase: watch::Receiver<Phase>,
    /// Connections so far.
    pub(crate) connections: AtomicU32,
    /// Connections now.
    pub(crate) present: AtomicUsize,
}

/// What was answered to actions that were not taken.
#[derive(Debug, Default)]
pub(crate) struct Declined {
    /// That they never will be.
    pub(crate) refused: AtomicU64,
    /// That their page is to send them again.
    pub(crate) busy: AtomicU64,
}

/// Why moments went to nobody.
#[derive(Debug, Default)]
pub(crate) struct Dropped {
    /// Their pool was full.
    pub(crate) pool: AtomicU64,
    /// Their page was over its budget.
    pub(crate) budget: AtomicU64,
    /// Their page had begun too many strokes, and finished too few.
    pub(crate) strokes: AtomicU64,
}

impl Dropped {
    /// How many there were, by the name of the reason.
    pub(crate) fn by_reason(&self) -> [(&'static str, u64); 3] {
        let reasons = [("pool", &self.pool), ("budget", &self.budget), ("strokes", &self.strokes)];
        reasons.map(|(reason, count)| (reason, count.load(Ordering::Relaxed)))
    }
}

impl Hub {
    /// Counts a connection in and gives it a number that no other has, in this run or another.
    pub(crate) fn enter(self: &Arc<Self>) -> Presence {
        self.present.fetch_add(1, Ordering::Relaxed);
        let connection = self.connections.fetch_add(1, Ordering::Relaxed);
        let author = (u64::from(self.store.run()) << 32) | u64::from(connection);
        Presence { hub: Arc::clone(self), author, on: None }
    }

    /// Publishes a moment. One that finds its pool full is not worth waiting for; it is dropped and counted.
    pub(crate) fn publish(&self, moment: Kind, frame: Vec<u8>, board: BoardId) {
        if self.writers.try_publish(moment, &Posted::moment(frame, board)).is_err() {
            self.dropped.pool.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A connection's place; dropping it gives the place up and tells the others on its board.
#[derive(Debug)]
pub(crate) struct Presence {
    hub: Arc<Hub>,
    author: u64,
    on: Option<Open>,
}

impl Presence {
    /// The connection's author number.
    pub(crate) fn author(&self) -> u64 {
        self.author
    }

    /// Shows this board from now on.
    pub(crate) fn shows(&mut self, board: Open) {
        self.on = Some(board);
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        if let Some(board) = self.on.as_ref().map(Open::number) {
            // The server may be stopping.
            self.hub.network.send(Command::Leave { author: self.author, board });
            self.hub.farewells.say(self.author, board, &self.hub.writers);
        }
        self.hub.present.fetch_sub(1, Ordering::Relaxed);
    }
}
