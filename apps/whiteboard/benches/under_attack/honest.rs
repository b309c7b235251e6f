//! A page that keeps to its budget, and what it waits.

use std::collections::HashMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::time::{Instant, sleep_until};

use crate::client::{Client, strokes};
use crate::server::Server;
use crate::wire::{self, Message};

/// Strokes on the board beforehand, which a joining page has to read.
const BEFORE: u64 = 4000;
/// From one stroke to the next.
const PERIOD: Duration = Duration::from_millis(10);
/// For how long what is still open may be answered at the end, and after `busy`.
const REST: Duration = Duration::from_secs(20);
/// After which a stroke that was not taken is sent again.
const AGAIN: Duration = Duration::from_millis(50);
const POINTS: usize = 20;

/// How long acknowledgements took, from when a stroke was due.
pub(crate) struct Waits {
    micros: Histogram<u64>,
    /// Strokes that were not answered in the end.
    pub(crate) unanswered: u64,
    /// Answers that a stroke was not taken.
    pub(crate) busy: u64,
}

impl Waits {
    /// In ms.
    pub(crate) fn p99(&self) -> f64 {
        self.micros.value_at_quantile(0.99) as f64 / 1000.0
    }
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn fill(server: &Server) {
    // Each sends no more than a connection may at once.
    for first in (1..BEFORE).step_by(400) {
        let mut page = Client::connect(server, 1, 0).await;
        page.live().await;
        page.submit(strokes(first..first + 400, POINTS)).await;
    }
}

/// Draws for `turn`, a stroke whenever one is due, whatever was answered by then.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn draw(server: &Server, turn: Duration) -> Waits {
    let mut page = Client::connect(server, 2, 0).await;
    page.live().await;
    let mut waits =
        Waits { micros: Histogram::new_with_bounds(1, 600_000_000, 3).expect("bounds"), unanswered: 0, busy: 0 };
    let mut open: HashMap<u64, Instant> = HashMap::new();
    let mut again: Vec<(Instant, u64)> = Vec::new();
    let begun = Instant::now();
    let count = (turn.as_micros() / PERIOD.as_micros()) as u64;
    let mut sent = 0;
    while sent < count || (!open.is_empty() && begun.elapsed() < turn + REST) {
        let now = Instant::now();
        let due = begun + PERIOD * u32::try_from(sent).expect("few strokes");
        if sent < count && now >= due {
            sent += 1;
            open.insert(sent, due);
            page.send(wire::stroke(1_000_000 + sent, POINTS)).await;
            continue;
        }
        if let Some(at) = again.iter().position(|&(when, _)| now >= when) {
            let (_, stroke) = again.swap_remove(at);
            page.send(wire::stroke(1_000_000 + stroke, POINTS)).await;
            continue;
        }
        let next = if sent < count { due } else { now + AGAIN };
        let heard = tokio::select! {
            heard = page.next_within(REST) => heard,
            () = sleep_until(next.min(again.iter().map(|&(when, _)| when).min().unwrap_or(next))) => continue,
        };
        match heard.expect("something is heard").expect("the connection lives") {
            Message::Ack { action, .. } => {
                if let Some(due) = open.remove(&(action - 1_000_000)) {
                    waits.micros.saturating_record(due.elapsed().as_micros() as u64);
                }
            }
            Message::Busy { action } => {
                waits.busy += 1;
                again.push((Instant::now() + AGAIN, action - 1_000_000));
            }
            Message::Refused { reason, .. } => panic!("refused: {reason}"),
            _ => {}
        }
    }
    waits.unanswered = open.len() as u64;
    // What was never answered waited for as long as this has watched.
    open.values().for_each(|due| waits.micros.saturating_record(due.elapsed().as_micros() as u64));
    waits
}
