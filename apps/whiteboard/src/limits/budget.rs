//! What one connection may send, and all connections of an address together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::limits::bucket::{Bucket, Flood};
use crate::limits::throttle;
use crate::net::peer::Peer;

/// Frames of a connection, a second for good and at once.
const CONNECTION: (u32, u32) = (250, 500);
/// Frames of an address.
const ADDRESS: (u32, u32) = (1000, 2000);
/// A machine's own programs may send so many times that: it is their machine.
const HERE: u32 = 32;
/// So many times its budget, for so many seconds on end, ends a connection.
const FLOOD: (u32, u32) = (4, 5);

/// What a frame is to a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// Something to keep.
    Action,
    /// Something for now; fewer of these are taken when the server is under pressure.
    Moment,
    /// A part of the WebSocket's own protocol.
    Control,
}

/// What becomes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is within the budget.
    Take,
    /// It is over the budget.
    Leave,
    /// Its sender has gone on over its budget for too long.
    End,
}

/// The budget of one connection, and its part in that of its address.
#[derive(Debug)]
pub(crate) struct Budget {
    frames: Bucket,
    moments: Bucket,
    interval: u16,
    flood: Flood,
    visit: Visit,
}

impl Budget {
    /// A whole one.
    pub(crate) fn new(visit: Visit, now: Instant) -> Self {
        let (per_second, size) = CONNECTION;
        Budget {
            frames: Bucket::new(per_second, size, now),
            moments: Bucket::new(per_second, size, now),
            interval: throttle::NORMAL,
            flood: Flood::of(FLOOD.0 * per_second, FLOOD.1, now),
            visit,
        }
    }

    /// Takes a frame out of the budget, while moments are wanted at this interval.
    pub(crate) fn take(&mut self, sent: Sent, interval: u16, now: Instant) -> Verdict {
        if interval != self.interval {
            self.interval = interval;
            let share = f64::from(throttle::NORMAL) / f64::from(interval);
            self.moments.refill_at(f64::from(CONNECTION.0) * share, now);
        }
        if self.flood.count(now) {
            return Verdict::End;
        }
        let own = self.frames.take(now) && (sent != Sent::Moment || self.moments.take(now));
        if own && self.visit.take(now) { Verdict::Take } else { Verdict::Leave }
    }
}

/// The addresses that have connections now.
#[derive(Debug, Default)]
pub(crate) struct Visitors(Mutex<HashMap<Peer, Arc<Mutex<Bucket>>>>);

/// A connection of an address; the address is forgotten with the last of them.
#[derive(Debug)]
pub(crate) struct Visit {
    visitors: Arc<Visitors>,
    peer: Peer,
    bucket: Arc<Mutex<Bucket>>,
}

impl Visitors {
    /// One more connection of `peer`.
    pub(crate) fn enter(self: &Arc<Self>, peer: Peer, now: Instant) -> Visit {
        let times = if peer.is_here() { HERE } else { 1 };
        let (per_second, size) = ADDRESS;
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Mutex::new(Bucket::new(per_second * times, size * times, now)));
        let bucket = Arc::clone(buckets.entry(peer).or_insert_with(new));
        Visit { visitors: Arc::clone(self), peer, bucket }
    }
}

impl Visit {
    fn take(&self, now: Instant) -> bool {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner).take(now)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut buckets = self.visitors.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The map's and this one; others are made and dropped under the same lock.
        if Arc::strong_count(&self.bucket) == 2 {
            buckets.remove(&self.peer);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use super::*;

    fn peer(address: &str) -> Peer {
        Peer::at(address.parse::<IpAddr>().expect("an address"))
    }

    fn taken(budget: &mut Budget, sent: Sent, interval: u16, now: Instant) -> usize {
        std::iter::from_fn(|| (budget.take(sent, interval, now) == Verdict::Take).then_some(())).count()
    }

    #[test]
    fn a_connection_has_500_frames_at_once_and_250_a_second() {
        let (visitors, begun) = (Arc::new(Visitors::default()), Instant::now());
        for sent in [Sent::Action, Sent::Moment, Sent::Control] {
            let mut budget = Budget::new(visitors.enter(peer("127.0.0.1"), begun), begun);
            assert_eq!(taken(&mut budget, sent, 33, begun), 500, "{sent:?}");
            assert_eq!(taken(&mut budget, sent, 33, begun + Duration::from_secs(1)), 250, "{sent:?}");
        }
    }

    #[test]
    fn under_pressure_there_are_fewer_moments_but_no_fewer_actions() {
        let (visitors, begun) = (Arc::new(Visitors::default()), Instant::now());
        let mut budget = Budget::new(visitors.enter(peer("127.0.0.1"), begun), begun);
        taken(&mut budget, Sent::Moment, 33, begun);
        let later = begun + Duration::from_secs(2);
        assert_eq!(budget.take(Sent::Moment, 132, begun), Verdict::Leave, "the pace is known from here on");
        assert_eq!(taken(&mut budget, Sent::Moment, 132, later), 125, "a quarter");
        let spent_on_moments = 125 + 1;
        assert_eq!(taken(&mut budget, Sent::Action, 132, later), 500 - spent_on_moments);
    }

    #[test]
    fn the_connections_of_an_address_share_its_budget_and_others_have_their_own() {
        let (visitors, now) = (Arc::new(Visitors::default()), Instant::now());
        let all = |address: &str, connections: usize| -> usize {
            let mut budgets: Vec<Budget> =
                (0..connections).map(|_| Budget::new(visitors.enter(peer(address), now), now)).collect();
            budgets.iter_mut().map(|budget| taken(budget, Sent::Action, 33, now)).sum()
        };
        let _spent = {
            let mut budget = Budget::new(visitors.enter(peer("192.0.2.9"), now), now);
            taken(&mut budget, Sent::Action, 33, now);
            budget
        };
        assert_eq!(all("192.0.2.1", 5), 2000);
        assert_eq!(all("192.0.2.9", 5), 1500, "500 were spent");
        assert_eq!(all("127.0.0.1", 130), 64_000);
    }

    #[test]
    fn an_address_is_forgotten_with_its_last_connection() {
        let (visitors, now) = (Arc::new(Visitors::default()), Instant::now());
        let known = || visitors.0.lock().expect("not poisoned").len();
        let first = visitors.enter(peer("192.0.2.1"), now);
        let second = visitors.enter(peer("192.0.2.1"), now);
        let other = visitors.enter(peer("192.0.2.2"), now);
        assert_eq!(known(), 2);
        drop(first);
        assert_eq!(known(), 2);
        drop((second, other));
        assert_eq!(known(), 0);
    }

    #[test]
    fn four_times_the_budget_for_five_seconds_is_the_end() {
        let (visitors, begun) = (Arc::new(Visitors::default()), Instant::now());
        let ended = |per_second: u64| {
            let mut budget = Budget::new(visitors.enter(peer("127.0.0.1"), begun), begun);
            let mut frames = 0..per_second * 20;
            frames.find(|frame| {
                let now = begun + Duration::from_millis(frame * 1000 / per_second);
                budget.take(Sent::Moment, 33, now) == Verdict::End
            })
        };
        assert_eq!(ended(1000), Some(5000));
        assert_eq!(ended(990), None);
    }
}
