//! The half of a connection that draws.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::{self, Message};

use super::client::End;
use super::door::Socket;
use super::meter::Meter;
use super::open::Open;
use super::schedule::Schedule;
use super::stage::Stage;
use super::wire;

/// Frames written before the socket is flushed.
const BURST: usize = 64;
/// How often a client says that it is here.
const HERE_TIME: Duration = Duration::from_secs(5);

/// Writes to one connection.
pub(super) struct Writing<'a> {
    pub(super) sink: &'a mut SplitSink<Socket, Message>,
    pub(super) open: &'a Mutex<Open>,
    /// The other half uses it to say that there may be something to send.
    pub(super) wake: &'a Notify,
    pub(super) meter: &'a Meter,
    pub(super) stage: watch::Receiver<Stage>,
    pub(super) schedule: Schedule,
    pub(super) number: u32,
    /// Of each stroke.
    pub(super) points: u16,
    /// The first action of the schedule that was not sent.
    pub(super) next: &'a mut u64,
}

impl Writing<'_> {
    /// Sends what is due, and what was not accepted again, until the connection ends.
    pub(super) async fn run(mut self) -> End {
        match self.write().await {
            Ok(()) => End::Done,
            Err(error) => End::Lost(error.to_string()),
        }
    }

    async fn write(&mut self) -> Result<(), tungstenite::Error> {
        let mut here = Instant::now();
        let mut batch = Vec::with_capacity(BURST);
        loop {
            let now = Instant::now();
            if here <= now {
                batch.push(wire::here(self.number));
                here = now + HERE_TIME;
            }
            let wake = self.gather(now, &mut batch);
            if !batch.is_empty() {
                for frame in batch.drain(..) {
                    self.sink.feed(Message::Binary(frame.into())).await?;
                }
                self.sink.flush().await?;
                continue;
            }
            tokio::select! {
                () = sleep_until(wake.map_or(here, |wake| wake.min(here))) => {}
                () = self.wake.notified() => {}
                changed = self.stage.changed() => if changed.is_err() {
                    return Ok(());
                },
            }
        }
    }

    /// Puts into `batch` what is to be sent by now; returns when there will be more, unless an answer comes first.
    fn gather(&mut self, now: Instant, batch: &mut Vec<Vec<u8>>) -> Option<Instant> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        while batch.len() < BURST
            && let Some(action) = open.take_again(now)
        {
            batch.push(wire::stroke(action, self.points));
        }
        let again = open.next_again();
        let Stage::Run(start) = *self.stage.borrow_and_update() else { return again };
        while batch.len() < BURST && open.has_room() {
            match self.schedule.due(start, *self.next) {
                Some(due) if due <= now => {
                    let action = fastrand::u64(..);
                    open.add(action, due);
                    batch.push(wire::stroke(action, self.points));
                    *self.next += 1;
                    self.meter.sent.fetch_add(1, Ordering::Relaxed);
                    self.meter.late.record(now - due);
                }
                Some(due) => return Some(again.map_or(due, |again| again.min(due))),
                None => break,
            }
        }
        again
    }
}
