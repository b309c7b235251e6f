//! The validation actor: judges every event in place, before network and analytics receive it.

use std::sync::atomic::{AtomicU64, Ordering};

use rusted_ring::wait::{Member, Waitable};
use tokio::sync::watch;

use super::{Work, work_until};
use crate::phase::Phase;
use crate::protocol;
use crate::rings::feed::{Event, Feed, poll_all};

/// The most events taken from one pool before the next one is looked at.
const TURN: usize = 4096;

/// Judges until nobody receives its verdicts; `bad` counts the events found bad.
pub(crate) fn run(feeds: Vec<Box<dyn Feed>>, bad: &AtomicU64, phase: &watch::Receiver<Phase>) {
    work_until(Phase::Over, phase, &mut Validation { feeds, bad });
}

struct Validation<'a> {
    feeds: Vec<Box<dyn Feed>>,
    bad: &'a AtomicU64,
}

impl Work for Validation<'_> {
    fn turn(&mut self) -> bool {
        turn(&mut self.feeds, self.bad)
    }

    fn members(&mut self) -> Vec<Member<'_>> {
        self.feeds.iter_mut().map(Waitable::member).collect()
    }
}

/// One turn over the pools; returns whether any had something.
pub(crate) fn turn(feeds: &mut [Box<dyn Feed>], bad: &AtomicU64) -> bool {
    poll_all(feeds, TURN, &mut |event| judge(event, bad))
}

fn judge(event: &Event<'_>, bad: &AtomicU64) {
    let verdict = protocol::check_published(event.kind, event.payload);
    event.judge(verdict.is_err());
    if let Err(unsound) = verdict
        && bad.fetch_add(1, Ordering::Relaxed) == 0
    {
        tracing::error!("an event is passed over: {unsound}; /health counts it and any further one");
    }
}

#[cfg(test)]
mod tests {
    use rusted_ring::pool::Capacities;

    use super::*;
    use crate::protocol::{BoardId, Kind, Posted};
    use crate::rings::pools::Pools;
    use crate::rings::stages::Stages;
    use crate::rings::writers::Writers;

    fn posted(frame: &[u8]) -> Vec<u8> {
        Posted::moment(frame.to_vec(), BoardId::new(0))
    }

    /// The verdicts on the published events, as the analytics stage sees them.
    fn verdicts(publish: impl FnOnce(&Writers)) -> (Vec<bool>, u64) {
        let pools = Pools::noted(Capacities::MOBILE);
        let (_stages, mut feeds) = Stages::over(&pools).expect("seats");
        publish(&Writers::join(&pools).expect("open pools"));
        let bad = AtomicU64::new(0);
        turn(&mut feeds.validation, &bad);
        let mut verdicts = Vec::new();
        poll_all(&mut feeds.analytics, TURN, &mut |event| verdicts.push(event.is_bad()));
        (verdicts, bad.into_inner())
    }

    #[test]
    fn sound_events_are_not_bad() {
        let found = verdicts(|writers| {
            for author in 0..3 {
                writers.try_publish(Kind::Left, &posted(&protocol::left(author))).expect("room");
            }
        });
        assert_eq!(found, (vec![false; 3], 0));
    }

    #[test]
    fn each_bad_event_is_counted_and_its_neighbours_are_not() {
        let found = verdicts(|writers| {
            for frame in [&protocol::left(1)[..], &[], &protocol::left(2), &[19; 8], &[17; 9]] {
                writers.try_publish(Kind::Left, &posted(frame)).expect("room");
            }
        });
        assert_eq!(found, (vec![false, true, false, true, true], 3));
    }

    #[test]
    fn an_event_is_received_only_once_it_is_judged() {
        let pools = Pools::noted(Capacities::MOBILE);
        let (_stages, mut feeds) = Stages::over(&pools).expect("seats");
        let payload = posted(&protocol::left(1));
        Writers::join(&pools).expect("open pools").try_publish(Kind::Left, &payload).expect("room");
        for later in [&mut feeds.network, &mut feeds.analytics] {
            assert!(!poll_all(later, TURN, &mut |_| {}));
        }
        turn(&mut feeds.validation, &AtomicU64::new(0));
        for later in [&mut feeds.network, &mut feeds.analytics] {
            assert!(poll_all(later, TURN, &mut |_| {}));
        }
    }
}
