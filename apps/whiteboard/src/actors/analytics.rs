//! The analytics actor: counts what passes, and may lose without harm (the ledger says how much it lost).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusted_ring::wait::Backoff;
use tokio::sync::watch;

use crate::feed::{Feed, Polled};
use crate::phase::Phase;
use crate::protocol::Kind;

/// How many events one pool gives before the next one is looked at.
const TURN: usize = 4096;

/// Events and bytes by kind, since the start.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    by_kind: [Counter; Kind::ALL.len()],
}

#[derive(Debug, Default)]
struct Counter {
    events: AtomicU64,
    bytes: AtomicU64,
}

impl Traffic {
    /// (kind, events, bytes) of every kind.
    pub(crate) fn snapshot(&self) -> impl Iterator<Item = (Kind, u64, u64)> {
        Kind::ALL.into_iter().zip(&self.by_kind).map(|(kind, counter)| {
            (kind, counter.events.load(Ordering::Relaxed), counter.bytes.load(Ordering::Relaxed))
        })
    }

    fn count(&self, kind: u32, bytes: usize) {
        let same = |&(_, known): &(usize, Kind)| known as u32 == kind;
        if let Some((index, _)) = Kind::ALL.into_iter().enumerate().find(same) {
            self.by_kind[index].events.fetch_add(1, Ordering::Relaxed);
            self.by_kind[index].bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }
}

/// Counts until everything is drained.
pub(crate) fn run(mut feeds: [Box<dyn Feed>; 5], traffic: &Arc<Traffic>, phase: &watch::Receiver<Phase>) {
    let mut backoff = Backoff::new();
    while *phase.borrow() < Phase::Drained {
        let mut any = false;
        for feed in &mut feeds {
            for _ in 0..TURN {
                if feed.poll(&mut |kind, payload| traffic.count(kind, payload.len())) == Polled::Nothing {
                    break;
                }
                any = true;
            }
        }
        if any {
            backoff.reset();
        } else {
            backoff.snooze();
        }
    }
}
