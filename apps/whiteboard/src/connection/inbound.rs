//! From the page to the rings.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::ending::Ending;
use crate::boards::Open;
use crate::hub::Hub;
use crate::limits::budget::{Budget, Sent, Verdict};
use crate::limits::cost;
use crate::limits::unfinished::Unfinished;
use crate::order::ingest::{Request, Submission};
use crate::order::reply::Reply;
use crate::phase::Phase;
use crate::protocol::{self, ClientId, FromPage, Hello, Kind};

/// How long a page has to say hello.
const HELLO_TIME: Duration = Duration::from_secs(10);

/// How long a page may be silent; it says that it is here every 5 seconds, and its browser answers pings.
const IDLE_TIME: Duration = Duration::from_secs(60);

/// Waits for the first frame, which must be a hello. Whatever comes before it counts towards `budget`, too.
pub(super) async fn hello(
    stream: &mut SplitStream<WebSocket>,
    hub: &Hub,
    budget: &mut Budget,
) -> Result<Hello, Ending> {
    let first = async {
        loop {
            if let Some(frame) = next(stream).await? {
                return Ok(frame);
            }
            take(budget, hub, Sent::Control)?;
        }
    };
    let frame =
        timeout(HELLO_TIME, first).await.unwrap_or_else(|_| Err(Ending::policy("no hello within 10 seconds")))?;
    match protocol::decode(&frame)? {
        FromPage::Hello(hello) => Ok(hello),
        FromPage::Ask | FromPage::Action { .. } | FromPage::Moment(_) => {
            Err(Ending::policy("the first frame must be a hello"))
        }
    }
}

/// The incoming half of a connection.
pub(super) struct Inbound<'a> {
    stream: &'a mut SplitStream<WebSocket>,
    hub: &'a Hub,
    author: u64,
    client: ClientId,
    on: Open,
    replies: mpsc::Sender<Reply>,
    budget: Budget,
    unfinished: Unfinished,
}

impl<'a> Inbound<'a> {
    /// Reads for the page that said hello as `client` and shows the board `on`. The answers to its actions go to `replies`,
    /// and what exceeds `budget` is not accepted.
    pub(super) fn new(
        stream: &'a mut SplitStream<WebSocket>,
        hub: &'a Hub,
        author: u64,
        client: ClientId,
        on: Open,
        replies: mpsc::Sender<Reply>,
        budget: Budget,
    ) -> Self {
        let unfinished = Unfinished::new(Instant::now());
        Inbound { stream, hub, author, client, on, replies, budget, unfinished }
    }

    /// Reads until the page goes or breaks a rule. When the server stops, it stops reading and leaves the end to the
    /// outgoing half.
    pub(super) async fn run(mut self) -> Ending {
        let mut phase = self.hub.phase.clone();
        tokio::select! {
            ending = self.read() => ending,
            () = Phase::Stopping.reached(&mut phase) => std::future::pending().await,
        }
    }

    async fn read(&mut self) -> Ending {
        loop {
            if let Err(ending) = self.frame().await {
                return ending;
            }
        }
    }

    async fn frame(&mut self) -> Result<(), Ending> {
        let Inbound { stream, budget, hub, .. } = self;
        let mut take = |sent| take(budget, hub, sent);
        let heard = timeout(IDLE_TIME, next(stream)).await;
        let Some(frame) = heard.map_err(|_| Ending::policy("nothing was sent for 60 seconds"))?? else {
            return take(Sent::Control).map(drop);
        };
        match protocol::decode(&frame)? {
            FromPage::Hello(_) => Err(Ending::policy("a second hello")),
            FromPage::Ask => match take(Sent::Control)? {
                true => self.replies.send(Reply::Alive).await.map_err(|_| Ending::Gone),
                false => Ok(()),
            },
            FromPage::Action { kind, action } => {
                let reply = match protocol::refusal(kind, &frame) {
                    _ if !take(cost::of(kind, &frame))? => Some(Reply::Busy { action }),
                    Some(reason) => Some(Reply::Refused { action, reason }),
                    None => self.submit(kind, frame).map(|()| Reply::Busy { action }),
                };
                if let Some(reply) = reply {
                    // Waits when this page has too many answers open; only its own next frame waits with it.
                    self.replies.send(reply).await.map_err(|_| Ending::Gone)?;
                }
                Ok(())
            }
            FromPage::Moment(kind) if !take(cost::of(kind, &frame))? => {
                self.hub.dropped.budget.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            FromPage::Moment(kind) if !self.may_grow(kind, &frame) => {
                self.hub.dropped.strokes.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            FromPage::Moment(kind) => {
                let mut frame = Vec::from(frame);
                protocol::set_author(&mut frame, self.author);
                if kind == Kind::Here
                    && let Some(journal) = &self.hub.journal
                {
                    journal.here(self.author, &frame);
                }
                self.hub.publish(kind, frame, self.on.number());
                Ok(())
            }
        }
    }

    /// Whether a moment belongs to no stroke, or to one that may still grow.
    fn may_grow(&mut self, kind: Kind, frame: &[u8]) -> bool {
        kind != Kind::Segment || self.unfinished.grows(protocol::segment_of(frame), Instant::now())
    }

    /// Hands an action to the ingest thread, which answers; returns `Some` if that is not possible now.
    fn submit(&mut self, kind: Kind, frame: Bytes) -> Option<()> {
        let Ok(reply) = self.replies.clone().try_reserve_owned() else {
            return Some(());
        };
        let mut frame = Vec::from(frame);
        protocol::set_author(&mut frame, self.author);
        let action = protocol::action(&frame);
        let submission = Submission { client: self.client, board: self.on.clone(), kind, frame, reply };
        let handed_over = self.hub.ingest.try_send(Request::Order(submission));
        if handed_over.is_ok() {
            self.unfinished.finished(action);
        }
        handed_over.err().map(drop)
    }
}

/// Takes a frame out of the budget; returns whether it was within.
fn take(budget: &mut Budget, hub: &Hub, sent: Sent) -> Result<bool, Ending> {
    match budget.take(sent, *hub.pace.borrow(), Instant::now()) {
        Verdict::Take => Ok(true),
        Verdict::Leave => Ok(false),
        Verdict::End => Err(Ending::policy("too many frames")),
    }
}

/// Returns what comes next: a frame of the wire, or only a sign of life, which belongs to the WebSocket itself.
async fn next(stream: &mut SplitStream<WebSocket>) -> Result<Option<Bytes>, Ending> {
    match stream.next().await {
        Some(Ok(Message::Binary(frame))) => Ok(Some(frame)),
        Some(Ok(Message::Text(_))) => Err(Ending::not_binary()),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
        Some(Ok(Message::Close(_))) => Err(Ending::Goodbye),
        None => Err(Ending::Gone),
        Some(Err(error)) => Err(Ending::of_transport(error)),
    }
}
