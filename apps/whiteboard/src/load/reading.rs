//! The half of a connection that reads from the server.

use std::ops::Range;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::stream::SplitStream;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::{self, Message};

use super::client::{Books, End, Shared};
use super::door::{Socket, ending};
use super::meter::count;
use super::open::Open;
use super::stage::Stage;
use super::wire::{self, Said};
use crate::protocol::frames;

/// Frames read before the other half, and others, get their turn.
const BURST: usize = 512;

/// Reads one connection.
pub(super) struct Reading<'a> {
    pub(super) stream: SplitStream<Socket>,
    pub(super) open: &'a Mutex<Open>,
    /// Tells the other half that it may have something to send.
    pub(super) wake: &'a Notify,
    pub(super) shared: &'a Shared,
    pub(super) stage: watch::Receiver<Stage>,
    pub(super) stall: Option<&'a Range<Duration>>,
    pub(super) books: &'a mut Books,
    pub(super) joined: &'a mut bool,
}

impl Reading<'_> {
    /// Reads until the client has everything that it should, or the connection ends.
    pub(super) async fn run(mut self) -> End {
        match self.read().await {
            Ok(()) => End::Done,
            Err(end) => end,
        }
    }

    async fn read(&mut self) -> Result<(), End> {
        while !self.has_all() {
            self.stall().await;
            let message = tokio::select! {
                biased;
                message = self.stream.next() => message,
                changed = self.stage.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return Ok(()),
                },
            };
            self.take(message)?;
            let mut room = BURST;
            while room > 0
                && let Some(message) = self.stream.next().now_or_never()
            {
                self.take(message)?;
                room -= 1;
            }
            if room == 0 {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    fn has_all(&mut self) -> bool {
        match *self.stage.borrow_and_update() {
            Stage::Reach(revision) => self.books.tally.is_live() && self.books.tally.last() >= revision,
            _ => false,
        }
    }

    /// Reads nothing while this client stalls.
    async fn stall(&self) {
        let stage = *self.stage.borrow();
        if let (Some(stall), Stage::Run(start)) = (self.stall, stage)
            && stall.contains(&start.elapsed())
        {
            let mut stage = self.stage.clone();
            tokio::select! {
                () = sleep_until(start + stall.end) => {}
                _ = stage.wait_for(|stage| !matches!(stage, Stage::Run(_))) => {}
            }
        }
    }

    fn take(&mut self, message: Option<Result<Message, tungstenite::Error>>) -> Result<(), End> {
        let Some(Ok(Message::Binary(message))) = message else {
            return ending(message).map_or(Ok(()), |reason| Err(End::Lost(reason)));
        };
        frames(&message).try_for_each(|frame| self.hear(frame))
    }

    fn hear(&mut self, frame: &[u8]) -> Result<(), End> {
        let said = wire::heard(frame).map_err(|error| End::Broken(error.to_string()))?;
        let meter = &self.shared.meter;
        match said {
            Said::Action { revision, action } => self.books.tally.action(revision, action),
            Said::Moment => {}
            Said::Ack { action, revision } => {
                self.books.acks.push((revision, action));
                if let Some(due) = self.answered(action) {
                    let times = if self.stall.is_some() { &meter.stalled } else { &meter.latency };
                    times.record(due.elapsed());
                    meter.highest.fetch_max(revision, Ordering::Relaxed);
                    count(&meter.acknowledged);
                }
            }
            Said::Refused { action, reason } => {
                if self.answered(action).is_some() {
                    meter.refusal.get_or_init(|| reason.to_owned());
                    count(&meter.refused);
                }
            }
            Said::Busy { action } => {
                self.open().busy(action, Instant::now(), fastrand::f64());
                count(&meter.busy);
                self.wake.notify_one();
            }
            Said::Missed { actions } => {
                self.books.tally.missed(actions);
                meter.missed.fetch_add(actions, Ordering::Relaxed);
            }
            Said::Live { next } => {
                self.books.tally.live(next);
                if !std::mem::replace(self.joined, true) {
                    count(&meter.joined);
                }
            }
            Said::Welcome { store, .. } if store == self.shared.store => {}
            Said::Welcome { .. } => return Err(End::Broken("another board is there now".to_owned())),
        }
        Ok(())
    }

    /// Returns when the action was due, if this is its first answer.
    fn answered(&self, action: u64) -> Option<Instant> {
        let mut open = self.open();
        let was_full = !open.has_room();
        let due = open.answered(action);
        if was_full {
            self.wake.notify_one();
        }
        due
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
