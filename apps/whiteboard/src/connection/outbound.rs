//! From the store and the rings to the page.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, Interval, interval_at, sleep};

use super::ending::Ending;
use crate::actors::network::batch::Batch;
use crate::actors::network::queue::{Taking, queue};
use crate::actors::network::{Command, Missed};
use crate::hub::Hub;
use crate::limits::throttle;
use crate::limits::visitors::{Doing, Visitor};
use crate::order::reply::Reply;
use crate::order::watermark::{Committed, Trouble};
use crate::phase::Phase;
use crate::protocol::{self, BoardId, BoardName, Several};
use crate::store::Chunk;

/// Batches written before the socket is flushed.
const BURST: usize = 16;
/// How often a page's browser is asked for a sign of life, which it gives even when the page is hidden and hardly runs.
const PING_TIME: Duration = Duration::from_secs(20);
/// How much of the store is read at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// The least that a reading counts for.
const CHUNK_LEAST: usize = 16 * 1024;

/// The outgoing half of a connection.
pub(super) struct Outbound<'a> {
    sink: &'a mut SplitSink<WebSocket, Message>,
    hub: &'a Arc<Hub>,
    visitor: &'a Visitor,
    author: u64,
    on: (BoardName, BoardId),
    /// The page has all of its board up to this revision.
    sent: u64,
    /// Actions that it was sent.
    passed: u64,
    replies: mpsc::Receiver<Reply>,
    /// It was told that nothing is saved.
    troubled: bool,
    /// (revision, action id) of the page's own actions that it was not told to be saved yet.
    unsaved: BTreeSet<(u64, u64)>,
    committed: watch::Receiver<Committed>,
    pace: watch::Receiver<u16>,
    pings: Interval,
    phase: watch::Receiver<Phase>,
}

/// What woke the outgoing half.
enum Wake {
    Batches(usize),
    Reply(Reply),
    Committed,
    Pace,
    Ping,
    Drained,
}

impl<'a> Outbound<'a> {
    /// Writes to a page that shows the board `on` and has all of it up to revision `after`.
    pub(super) fn new(
        sink: &'a mut SplitSink<WebSocket, Message>,
        hub: &'a Arc<Hub>,
        visitor: &'a Visitor,
        author: u64,
        on: (BoardName, BoardId),
        after: u64,
        replies: mpsc::Receiver<Reply>,
    ) -> Self {
        Outbound {
            sink,
            hub,
            visitor,
            author,
            on,
            sent: after,
            passed: 0,
            replies,
            troubled: false,
            unsaved: BTreeSet::new(),
            committed: hub.watermark.subscribe(),
            pace: hub.pace.clone(),
            pings: interval_at(Instant::now() + PING_TIME, PING_TIME),
            phase: hub.phase.clone(),
        }
    }

    /// Writes until the page goes or the server stops.
    pub(super) async fn run(mut self) -> Ending {
        match self.follow().await {
            Err(ending) => ending,
            Ok(never) => match never {},
        }
    }

    /// Catches up from the store, joins the live events at an exact revision, and does so again whenever it fell behind: the
    /// page gets every action of its board once, in order.
    async fn follow(&mut self) -> Result<Infallible, Ending> {
        let revision = self.hub.watermark.now().revision;
        if self.sent != 0 && self.sent < self.forgotten().await? {
            // A page that has more than the store begins anew.
            self.send(protocol::welcome(self.hub.store.number(), 0, self.author)).await?;
            return Err(Ending::policy(format!("what came after revision {} is not all here any more", self.sent)));
        }
        self.send(protocol::welcome(self.hub.store.number(), revision, self.author)).await?;
        if self.sent > revision {
            return Err(Ending::policy(format!("revision {} is not in this store, which has {revision}", self.sent)));
        }
        if *self.pace.borrow_and_update() != throttle::NORMAL {
            self.set_pace().await?;
        }
        self.tell_trouble().await?;
        // The counter of what the last queue missed, and how much of it the page was told.
        let mut cut: Option<(Arc<Missed>, u64)> = None;
        loop {
            let passed = self.passed;
            self.catch_up(self.hub.watermark.now().revision).await?;
            let missed = Arc::new(Missed::within(&self.hub.missed));
            let (queue, next) = self.join(&missed).await?;
            if let Some((before, told)) = &mut cut {
                *told += self.tell(before).await?;
            }
            self.catch_up(next - 1).await?;
            if let Some((_, told)) = cut {
                // The store may have been ahead of the live events: the page does not get those live as well.
                let more = (self.passed - passed).saturating_sub(told);
                if more > 0 {
                    self.send(protocol::missed(more, 0)).await?;
                }
            }
            self.send(protocol::live(self.sent + 1)).await?;
            self.relay(queue).await?;
            let told = self.tell(&missed).await?;
            cut = Some((missed, told));
        }
    }

    /// Returns the revision that a page with a part of the board must have reached.
    async fn forgotten(&self) -> Result<u64, Ending> {
        let (store, name) = (Arc::clone(&self.hub.store), self.on.0.clone());
        reading(move || store.forgotten(&name)).await
    }

    /// Sends the stored actions up to revision `to`.
    async fn catch_up(&mut self, to: u64) -> Result<(), Ending> {
        while self.sent < to {
            if *self.phase.borrow() >= Phase::Drained {
                return Err(self.finish().await);
            }
            let Chunk { mut frames, through } = self.chunk(self.sent + 1, to).await?;
            // Actions that validation found bad are stored all the same, and shown to nobody.
            frames.retain(|frame| protocol::check_action(frame).is_ok());
            self.passed += frames.len() as u64;
            self.send_together(frames).await?;
            self.sent = through;
            while let Ok(reply) = self.replies.try_recv() {
                self.answer(reply).await?;
            }
            self.acknowledge().await?;
        }
        Ok(())
    }

    /// Returns one chunk of the stored actions from revision `from` on, when it is this connection's turn and its address has
    /// not been sent too much.
    async fn chunk(&self, from: u64, to: u64) -> Result<Chunk, Ending> {
        let (store, name) = (Arc::clone(&self.hub.store), self.on.0.clone());
        let turns = (self.visitor.turn().await, Arc::clone(&self.hub.readers).acquire_owned().await);
        // Counted and held whether or not this connection is still there when it is read.
        self.spend(CHUNK_LEAST);
        let chunk = reading(move || {
            let _turns = turns;
            store.chunk(&name, from, to, CHUNK_BYTES)
        })
        .await?;
        let bytes: usize = chunk.frames.iter().map(Bytes::len).sum();
        sleep(self.spend(bytes.saturating_sub(CHUNK_LEAST))).await;
        Ok(chunk)
    }

    /// Counts bytes of boards to the address; returns how long it has to wait for more.
    fn spend(&self, bytes: usize) -> Duration {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.visitor.did(Doing::Reading, bytes, std::time::Instant::now())
    }

    /// Asks for live events; they start at the returned revision.
    async fn join(&mut self, missed: &Arc<Missed>) -> Result<(Taking, u64), Ending> {
        let (queue, batches) = queue();
        let (next, answer) = oneshot::channel();
        let (author, board, after) = (self.author, self.on.1, self.sent);
        let command = Command::Join { author, board, after, queue, missed: Arc::clone(missed), next };
        let asked = self.hub.network.send(command);
        match answer.await {
            Ok(next) if asked => Ok((batches, next)),
            _ if *self.phase.borrow() == Phase::Running => Err(Ending::failed("live events have failed")),
            _ => {
                Phase::Drained.reached(&mut self.phase).await;
                Err(self.finish().await)
            }
        }
    }

    /// Tells the page how much was not sent, if anything; returns how many actions that were.
    async fn tell(&mut self, missed: &Missed) -> Result<u64, Ending> {
        let (actions, moments) = missed.take();
        if (actions, moments) != (0, 0) {
            self.send(protocol::missed(actions, moments)).await?;
        }
        Ok(actions)
    }

    /// Passes on live events and answers until this page has fallen behind and its queue is empty.
    async fn relay(&mut self, mut queue: Taking) -> Result<(), Ending> {
        let mut batches = Vec::with_capacity(BURST);
        loop {
            let wake = tokio::select! {
                count = queue.take(&mut batches, BURST) => Wake::Batches(count),
                Some(reply) = self.replies.recv() => Wake::Reply(reply),
                Ok(()) = self.committed.changed() => Wake::Committed,
                Ok(()) = self.pace.changed() => Wake::Pace,
                _ = self.pings.tick() => Wake::Ping,
                () = Phase::Drained.reached(&mut self.phase) => Wake::Drained,
            };
            match wake {
                Wake::Batches(0) => return Ok(()),
                Wake::Batches(_) => self.send_batches(batches.drain(..)).await?,
                Wake::Reply(reply) => {
                    self.answer(reply).await?;
                    while let Ok(reply) = self.replies.try_recv() {
                        self.answer(reply).await?;
                    }
                    self.acknowledge().await?;
                }
                Wake::Committed => self.acknowledge().await?,
                Wake::Pace => self.set_pace().await?,
                Wake::Ping => self.send_message(Message::Ping(Bytes::new())).await?,
                Wake::Drained => return Err(self.finish().await),
            }
        }
    }

    async fn answer(&mut self, reply: Reply) -> Result<(), Ending> {
        match reply {
            Reply::At { action, revision } => {
                self.unsaved.insert((revision, action));
                Ok(())
            }
            Reply::Busy { action } => {
                self.hub.declined.busy.fetch_add(1, Ordering::Relaxed);
                self.send(protocol::busy(action)).await
            }
            Reply::Refused { action, reason } => {
                self.hub.declined.refused.fetch_add(1, Ordering::Relaxed);
                self.send(protocol::refused(action, &reason)).await
            }
            Reply::Alive => self.send(protocol::alive()).await,
        }
    }

    /// Tells the page which of its actions are on disk by now.
    async fn acknowledge(&mut self) -> Result<(), Ending> {
        let committed = self.committed.borrow_and_update().revision;
        self.tell_trouble().await?;
        let mut acks = Vec::new();
        while let Some(&(revision, action)) = self.unsaved.first()
            && revision <= committed
        {
            self.unsaved.pop_first();
            acks.push(protocol::ack(action, revision));
        }
        self.send_together(acks).await
    }

    /// Tells the page that nothing is saved, and that it is again.
    async fn tell_trouble(&mut self) -> Result<(), Ending> {
        let trouble = self.committed.borrow().trouble.clone();
        if trouble.is_some() == self.troubled {
            return Ok(());
        }
        self.troubled = trouble.is_some();
        self.send(protocol::trouble(trouble.as_ref().map_or("", Trouble::reason))).await
    }

    /// Tells the page how far apart its moments are wanted.
    async fn set_pace(&mut self) -> Result<(), Ending> {
        let interval = *self.pace.borrow_and_update();
        self.send(protocol::pace(interval)).await
    }

    /// The last words of a server that stops: the answers that are still open.
    async fn finish(&mut self) -> Ending {
        while let Ok(reply) = self.replies.try_recv() {
            if let Err(ending) = self.answer(reply).await {
                return ending;
            }
        }
        self.acknowledge().await.err().unwrap_or_else(Ending::stopping)
    }

    async fn send(&mut self, frame: Vec<u8>) -> Result<(), Ending> {
        self.send_message(Message::Binary(frame.into())).await
    }

    async fn send_message(&mut self, message: Message) -> Result<(), Ending> {
        self.sink.send(message).await.map_err(|_| Ending::Gone)
    }

    /// Sends these frames in one message, if there are any.
    async fn send_together(&mut self, frames: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<(), Ending> {
        let mut several = Several::default();
        frames.into_iter().for_each(|frame| several.push(frame.as_ref()));
        match several.take() {
            Some(message) => self.send_message(Message::Binary(message)).await,
            None => Ok(()),
        }
    }

    /// Sends live events, whose actions are the next in order.
    async fn send_batches(&mut self, batches: impl IntoIterator<Item = Batch>) -> Result<(), Ending> {
        for batch in batches {
            self.sent = self.sent.max(batch.last());
            self.passed += batch.actions();
            self.sink.feed(Message::Binary(batch.message().clone())).await.map_err(|_| Ending::Gone)?;
        }
        self.sink.flush().await.map_err(|_| Ending::Gone)
    }
}

/// Reads the store on a thread that may wait for the disk.
async fn reading<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, redb::Error> + Send + 'static,
) -> Result<T, Ending> {
    let answer = tokio::task::spawn_blocking(read).await.map_err(|error| Ending::failed(error.to_string()))?;
    answer.map_err(|error| Ending::failed(format!("the store cannot be read: {error}")))
}
