//! One client: it connects, draws what is due, reads everything, and connects again when it must.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep};

use super::door::{Closed, Door, Socket};
use super::meter::{Meter, count};
use super::open::Open;
use super::reading::Reading;
use super::schedule::{Schedule, pause};
use super::stage::Stage;
use super::tally::Tally;
use super::wire;
use super::writing::Writing;
use crate::protocol::ClientId;

/// Actions that a client has open at most; what is due beyond it waits, and its latency counts on.
const WINDOW: usize = 4096;
/// How long a client keeps trying to connect.
const GIVE_UP: Duration = Duration::from_secs(5);
/// The number of connections in a row that end before they are live after which a client gives up.
const FRUITLESS_MAX: u32 = 5;

/// What all clients of a run share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) door: Door,
    pub(super) meter: Meter,
    /// The number of the store; another one at the same address is not the measured board.
    pub(super) store: u64,
    /// How many points a stroke has.
    pub(super) points: u16,
}

/// What a client leaves behind for the checks.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) tally: Tally,
    /// Every acknowledgement, repeated ones too: (revision, action).
    pub(super) acks: Vec<(u64, u64)>,
}

/// A client, and what it keeps from one connection to the next.
pub(super) struct Client {
    number: u32,
    id: ClientId,
    schedule: Schedule,
    /// When it does not read, counted from the start.
    stall: Option<Range<Duration>>,
    shared: Arc<Shared>,
    stage: watch::Receiver<Stage>,
    next: u64,
    open: Mutex<Open>,
    books: Books,
    /// Whether it has been live at all.
    joined: bool,
}

/// How a connection ended.
pub(super) enum End {
    /// The client has everything that it should.
    Done,
    /// The connection is gone.
    Lost(String),
    /// The server does what no server should.
    Broken(String),
}

impl Client {
    /// A client that has everything up to revision `after`.
    pub(super) fn new(
        number: u32,
        schedule: Schedule,
        stall: Option<Range<Duration>>,
        after: u64,
        shared: Arc<Shared>,
        stage: watch::Receiver<Stage>,
    ) -> Self {
        let id = ClientId::new(std::array::from_fn(|_| fastrand::u8(..)));
        let books = Books { tally: Tally::after(after), acks: Vec::new() };
        let open = Mutex::new(Open::new(WINDOW));
        Client { number, id, schedule, stall, shared, stage, next: 0, open, books, joined: false }
    }

    /// Works until it has everything that it should, cannot go on, or the run is over.
    pub(super) async fn run(mut self) -> Books {
        let mut stage = self.stage.clone();
        let over = async {
            // A run that is gone is over, too.
            let _ = stage.wait_for(|stage| matches!(stage, Stage::Over)).await;
        };
        tokio::select! {
            result = self.work() => match result {
                Ok(()) => count(&self.shared.meter.done),
                Err(reason) => {
                    // The first failing client reports; others fail for the same reason.
                    let _ = self.shared.meter.failure.set(format!("client {}: {reason}", self.number));
                }
            },
            () = over => {}
        }
        self.books
    }

    async fn work(&mut self) -> Result<(), String> {
        let mut fruitless = 0;
        loop {
            let socket = self.connect().await?;
            let was_live = self.books.tally.lives();
            match self.session(socket).await {
                End::Done => return Ok(()),
                End::Broken(reason) => return Err(reason),
                End::Lost(reason) => {
                    fruitless = if self.books.tally.lives() > was_live { 0 } else { fruitless + 1 };
                    if fruitless >= FRUITLESS_MAX {
                        return Err(format!("{fruitless} connections in a row were of no use; the last: {reason}"));
                    }
                }
            }
            count(&self.shared.meter.lost);
            self.books.tally.lost();
            self.open.get_mut().unwrap_or_else(PoisonError::into_inner).lost();
        }
    }

    /// Tries again and again, but not for long.
    async fn connect(&self) -> Result<Socket, String> {
        let deadline = Instant::now() + GIVE_UP;
        let mut tries = 0;
        loop {
            match self.shared.door.open(self.stall.is_some()).await {
                Ok(socket) => return Ok(socket),
                Err(Closed::Always(reason)) => return Err(format!("the server does not let it in: {reason}")),
                Err(Closed::Now(reason)) if Instant::now() >= deadline => {
                    let address = self.shared.door.address;
                    return Err(format!("no connection to {address} for {GIVE_UP:?}: {reason}"));
                }
                Err(Closed::Now(_)) => sleep(pause(tries.min(3), fastrand::f64())).await,
            }
            tries += 1;
        }
    }

    /// Says hello, then reads and writes side by side until either ends.
    async fn session(&mut self, socket: Socket) -> End {
        let (mut sink, stream) = socket.split();
        let hello = wire::hello(self.id, self.books.tally.last(), &self.shared.door.board);
        if let Err(error) = sink.send(hello.into()).await {
            return End::Lost(error.to_string());
        }
        let wake = Notify::new();
        let reading = Reading {
            stream,
            open: &self.open,
            wake: &wake,
            shared: &self.shared,
            stage: self.stage.clone(),
            stall: self.stall.as_ref(),
            books: &mut self.books,
            joined: &mut self.joined,
        };
        let writing = Writing {
            sink: &mut sink,
            open: &self.open,
            wake: &wake,
            meter: &self.shared.meter,
            stage: self.stage.clone(),
            schedule: self.schedule,
            number: self.number,
            points: self.shared.points,
            next: &mut self.next,
        };
        let end = tokio::select! {
            end = reading.run() => end,
            end = writing.run() => end,
        };
        if matches!(end, End::Done) {
            // The server sees a close instead of a broken connection; nobody depends on that.
            let _ = tokio::time::timeout(Duration::from_millis(100), sink.close()).await;
        }
        end
    }
}
