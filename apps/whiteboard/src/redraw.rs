//! What other programs put into the pool set NAME-in: recorded actions, which are drawn again.
//!
//! Nothing in these pools is believed: each event is copied, checked as a page's is, and goes to the ingest thread as a page's does. It gets an author, an id
//! and a place in the order of its own.

use std::collections::{BTreeMap, HashMap};
use std::thread::sleep;
use std::time::Duration;

use rusted_ring::consumer::TryRecvError;
use rusted_ring::pool::{Capacities, PoolSet, XL_TSHIRT_SIZE};
use rusted_ring::{Consumer, JoinError, RingRef, Start};
use tokio::sync::{mpsc, watch};

use crate::boards::{Boards, Open};
use crate::order::ingest::{Request, Submission};
use crate::order::reply::Reply;
use crate::phase::Phase;
use crate::protocol::{self, ClientId, Kind, Posted};
use crate::shared::{self, Names};

/// How long it sleeps when there is nothing, or no room for what there is.
const REST: Duration = Duration::from_millis(20);
/// Boards that are drawn on.
const BOARDS: usize = 64;
/// Revisions that are known, of what was drawn again.
const KNOWN: usize = 100_000;
/// The number, among those of connections, of who draws again.
const AUTHOR: u32 = u32::MAX;

/// The pools, and their names as long as the server runs.
pub(crate) struct Incoming {
    feeds: Vec<Box<dyn Feed>>,
    _names: Names,
}

/// Draws again what comes.
pub(crate) struct Redraw {
    incoming: Incoming,
    author: u64,
    client: ClientId,
    boards: Boards,
    ingest: mpsc::Sender<Request>,
    phase: watch::Receiver<Phase>,
    /// By their numbers where they were recorded.
    open: HashMap<u32, Open>,
    /// By board and revision where it was recorded: where it is now.
    revisions: BTreeMap<(u32, u64), u64>,
    next: u64,
}

/// An action as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Recorded {
    board: u32,
    kind: Kind,
    frame: Vec<u8>,
}

/// Why something is not drawn.
#[derive(Debug, PartialEq, Eq)]
enum Left {
    /// The server stops.
    Stopping,
    /// For a person.
    Because(String),
}

/// A pool's Consumer, whatever the size of its slots.
trait Feed: Send {
    /// Copies the next event to the front of `bytes`: its length and its type, or none now.
    fn next(&mut self, bytes: &mut [u8]) -> Result<Option<(usize, u32)>, TryRecvError>;
}

impl<R: RingRef> Feed for Consumer<R>
where
    Consumer<R>: Send,
{
    fn next(&mut self, bytes: &mut [u8]) -> Result<Option<(usize, u32)>, TryRecvError> {
        match self.copy_into(bytes, Duration::ZERO) {
            Ok(event) => Ok(Some((event.data.len(), event.event_type))),
            Err(TryRecvError::Empty) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Incoming {
    /// Creates the pools NAME-in.
    pub(crate) fn create(name: &str, capacities: Capacities) -> anyhow::Result<Self> {
        let (pools, names) = shared::create_for_all(&format!("{name}-in"), capacities)?;
        let feeds = vec![feed(pools.xs())?, feed(pools.s())?, feed(pools.m())?, feed(pools.l())?, feed(pools.xl())?];
        Ok(Incoming { feeds, _names: names })
    }
}

fn feed<R: RingRef + 'static>(ring: R) -> Result<Box<dyn Feed>, JoinError>
where
    Consumer<R>: Send,
{
    Ok(Box::new(Consumer::join(ring, Start::Oldest)?.named("inbox")))
}

impl Recorded {
    /// Reads an event of a whiteboard's ring; none, if it is a moment.
    fn of(event_type: u32, payload: &[u8]) -> Result<Option<Self>, String> {
        let kind = Kind::of(event_type).ok_or_else(|| format!("its type {event_type} is no kind of a whiteboard's"))?;
        if !kind.is_action() {
            return Ok(None);
        }
        let posted = Posted::split(kind, payload).ok_or("it is too short for an action")?;
        match protocol::check_action(posted.frame) {
            Ok(found) if found == kind => {
                Ok(Some(Recorded { board: posted.board.get(), kind, frame: posted.frame.to_vec() }))
            }
            Ok(_) => Err("it is of another kind than its type".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Redraw {
    /// Hands over to `ingest`, in this run of the server.
    pub(crate) fn new(
        incoming: Incoming,
        run: u32,
        boards: Boards,
        ingest: mpsc::Sender<Request>,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        Redraw {
            incoming,
            author: u64::from(run) << 32 | u64::from(AUTHOR),
            client: ClientId::new(fastrand::u128(..).to_le_bytes()),
            boards,
            ingest,
            phase,
            open: HashMap::new(),
            revisions: BTreeMap::new(),
            next: 0,
        }
    }

    /// Works until the server stops. Of the actions that are at the front of the pools, the first by its recorded order is next.
    pub(crate) fn run(mut self) {
        let mut front: Vec<Option<Recorded>> = self.incoming.feeds.iter().map(|_| None).collect();
        let mut bytes = vec![0; XL_TSHIRT_SIZE];
        while !self.is_stopping() {
            for (feed, front) in self.incoming.feeds.iter_mut().zip(&mut front) {
                while front.is_none() {
                    match feed.next(&mut bytes) {
                        Ok(Some((len, event_type))) => match Recorded::of(event_type, &bytes[..len]) {
                            Ok(found) => *front = found,
                            Err(why) => tracing::warn!("an event in the inbox is not drawn: {why}"),
                        },
                        Ok(None) => break,
                        Err(error) => {
                            tracing::error!("the inbox is not read any more: {error}");
                            return;
                        }
                    }
                }
            }
            let first = front.iter_mut().filter(|front| front.is_some());
            let Some(recorded) = first.min_by_key(|front| order(front)).and_then(Option::take) else {
                sleep(REST);
                continue;
            };
            match self.draw(recorded) {
                Ok(()) => {}
                Err(Left::Stopping) => return,
                Err(Left::Because(why)) => tracing::warn!("an action in the inbox is not drawn: {why}"),
            }
        }
    }

    fn is_stopping(&self) -> bool {
        *self.phase.borrow() >= Phase::Stopping
    }

    /// Draws it under a new id, and waits until it has its place.
    fn draw(&mut self, recorded: Recorded) -> Result<(), Left> {
        let Recorded { board: number, kind, mut frame } = recorded;
        let recorded = protocol::revision(&frame);
        if matches!(kind, Kind::Hide | Kind::Show) {
            let now: Vec<u64> =
                protocol::targets(&frame).filter_map(|target| self.revisions.get(&(number, target)).copied()).collect();
            if now.is_empty() {
                return Err(Left::Because("what it hides or shows was not drawn here".to_owned()));
            }
            protocol::set_targets(&mut frame, &now);
        }
        let board = self.board(number)?;
        self.next += 1;
        protocol::set_author(&mut frame, self.author);
        protocol::set_action(&mut frame, self.next);
        let revision = loop {
            match self.submit(kind, &frame, &board)? {
                Reply::At { revision, .. } => break revision,
                Reply::Refused { reason, .. } => return Err(Left::Because(reason)),
                Reply::Busy { .. } | Reply::Alive if self.is_stopping() => return Err(Left::Stopping),
                Reply::Busy { .. } | Reply::Alive => sleep(REST),
            }
        };
        self.revisions.insert((number, recorded), revision);
        if self.revisions.len() > KNOWN {
            self.revisions.pop_first();
        }
        Ok(())
    }

    /// The board on which is drawn what was on the one with this number.
    fn board(&mut self, number: u32) -> Result<Open, Left> {
        if let Some(board) = self.open.get(&number) {
            return Ok(board.clone());
        }
        if self.open.len() >= BOARDS {
            return Err(Left::Because(format!("{BOARDS} boards are drawn on already")));
        }
        let name = format!("replay-{}", self.open.len() + 1);
        tracing::info!("what was recorded on a board (number {number}) is drawn again on the board {name}");
        let board = self.boards.open(&name.parse().expect("a board's name"));
        self.open.insert(number, board.clone());
        Ok(board)
    }

    fn submit(&self, kind: Kind, frame: &[u8], board: &Open) -> Result<Reply, Left> {
        let (reply, mut answer) = mpsc::channel(1);
        let reply = reply.try_reserve_owned().expect("nobody else has it");
        let submission = Submission { client: self.client, board: board.clone(), kind, frame: frame.to_vec(), reply };
        self.ingest.blocking_send(Request::Order(submission)).map_err(|_| Left::Stopping)?;
        answer.blocking_recv().ok_or(Left::Stopping)
    }
}

fn order(front: &Option<Recorded>) -> u64 {
    front.as_ref().map_or(u64::MAX, |recorded| protocol::revision(&recorded.frame))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::BoardId;

    fn payload(kind: Kind) -> Vec<u8> {
        let mut frame = vec![0; 25];
        frame[0] = kind as u8;
        protocol::set_revision(&mut frame, 5);
        if kind == Kind::Hide {
            frame.extend_from_slice(&3u64.to_le_bytes());
        }
        Posted::action(frame, ClientId::new([7; 16]), BoardId::new(3))
    }

    #[test]
    fn a_recorded_action_is_read_and_what_is_none_is_named() {
        let found = Recorded::of(Kind::Clear as u32, &payload(Kind::Clear)).expect("sound").expect("an action");
        assert_eq!((found.board, found.kind, protocol::revision(&found.frame)), (3, Kind::Clear, 5));
        assert_eq!(Recorded::of(Kind::Cursor as u32, &[0; 21]), Ok(None));
        for (event_type, payload) in
            [(99, payload(Kind::Clear)), (Kind::Stroke as u32, payload(Kind::Clear)), (Kind::Clear as u32, vec![5; 30])]
        {
            assert!(Recorded::of(event_type, &payload).is_err(), "{event_type}");
        }
    }
}
