//! The analytics actor: counts the events that pass.

use std::sync::atomic::{AtomicU64, Ordering};

use rusted_ring::wait::{Member, Waitable};
use tokio::sync::watch;

use super::{Work, work_until};
use crate::phase::Phase;
use crate::protocol::Kind;
use crate::rings::feed::{Feed, poll_all};

/// The most events taken from one pool before the next one is looked at.
const TURN: usize = 4096;

/// Events and bytes in the rings by kind, since the start.
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

/// Counts the events that validation found sound, until everything is drained.
pub(crate) fn run(feeds: Vec<Box<dyn Feed>>, traffic: &Traffic, phase: &watch::Receiver<Phase>) {
    work_until(Phase::Drained, phase, &mut Analytics { feeds, traffic });
}

struct Analytics<'a> {
    feeds: Vec<Box<dyn Feed>>,
    traffic: &'a Traffic,
}

impl Work for Analytics<'_> {
    fn turn(&mut self) -> bool {
        turn(&mut self.feeds, self.traffic)
    }

    fn members(&mut self) -> Vec<Member<'_>> {
        self.feeds.iter_mut().map(Waitable::member).collect()
    }
}

fn turn(feeds: &mut [Box<dyn Feed>], traffic: &Traffic) -> bool {
    poll_all(feeds, TURN, &mut |event| {
        if !event.is_bad() {
            traffic.count(event.kind, event.payload.len());
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use rusted_ring::pool::Capacities;

    use super::*;
    use crate::actors::validation;
    use crate::protocol::{self, BoardId, Posted};
    use crate::rings::pools::Pools;
    use crate::rings::stages::Stages;
    use crate::rings::writers::Writers;

    #[test]
    fn counts_what_validation_has_finished_and_passes_over_what_is_bad() {
        let pools = Pools::noted(Capacities::MOBILE);
        let (_stages, mut feeds) = Stages::over(&pools).expect("seats");
        let writers = Writers::join(&pools).expect("open pools");
        let traffic = Traffic::default();
        for frame in [protocol::left(7), vec![0; 9]] {
            writers.try_publish(Kind::Left, &Posted::moment(frame, BoardId::new(0))).expect("room");
        }
        assert!(!turn(&mut feeds.analytics, &traffic), "nothing is judged yet");
        validation::turn(&mut feeds.validation, &AtomicU64::new(0));
        assert!(turn(&mut feeds.analytics, &traffic));
        let left = traffic.snapshot().find(|&(kind, ..)| kind == Kind::Left);
        assert_eq!(left, Some((Kind::Left, 1, 13)));
    }
}
