//! The budget of one connection, and of all connections of an address together.

use std::sync::Arc;
use std::time::Instant;

use crate::limits::bucket::{Bucket, Flood};
use crate::limits::throttle;
use crate::limits::visitors::{Doing, Visitor};

/// Frames of a connection: a second in the long run, and at once.
const FRAMES: (u32, u32) = (250, 500);
/// Bytes of its moments, which all others on its board receive and draw. A pen that is read 1000 times a second takes two
/// thirds of it.
const MOMENTS: (u32, u32) = (16 << 10, 32 << 10);
/// This many times its budget, for this many seconds in a row, ends a connection.
const FLOOD: (u32, u32) = (4, 5);

/// What a frame costs a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// Something to keep, which costs as much as this many frames.
    Action {
        /// 1 for anything as cheap as a short stroke.
        cost: u32,
    },
    /// Something for now; fewer of these are accepted when the server is under pressure.
    Moment {
        /// Its cost to others, as bytes.
        bytes: u32,
    },
    /// A part of the WebSocket's own protocol, or a question that is answered at once.
    Control,
}

/// What happens to a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is within the budget.
    Take,
    /// It is over the budget.
    Leave,
    /// Its sender has gone on over its budget for too long.
    End,
}

/// The budget of one connection, and its share in that of its address.
#[derive(Debug)]
pub(crate) struct Budget {
    frames: Bucket,
    moments: Bucket,
    bytes: Bucket,
    interval: u16,
    flood: Flood,
    visitor: Arc<Visitor>,
}

impl Budget {
    /// A full budget, for a connection of this visitor.
    pub(crate) fn new(visitor: Arc<Visitor>, now: Instant) -> Self {
        let (per_second, size) = FRAMES;
        Budget {
            frames: Bucket::new(per_second, size, now),
            moments: Bucket::new(per_second, size, now),
            bytes: Bucket::new(MOMENTS.0, MOMENTS.1, now),
            interval: throttle::NORMAL,
            flood: Flood::of(FLOOD.0 * per_second, FLOOD.1, now),
            visitor,
        }
    }

    /// Takes a frame out of the budget, while moments are wanted at this interval.
    pub(crate) fn take(&mut self, sent: Sent, interval: u16, now: Instant) -> Verdict {
        if interval != self.interval {
            self.interval = interval;
            let share = f64::from(throttle::NORMAL) / f64::from(interval);
            self.moments.refill_at(f64::from(FRAMES.0) * share, now);
        }
        if self.flood.count(now) {
            return Verdict::End;
        }
        let cost = if let Sent::Action { cost } = sent { cost } else { 1 };
        let taken = self.frames.take(cost, now) && self.visitor.may(Doing::Frame, cost, now);
        let within = match sent {
            Sent::Moment { bytes } => {
                taken
                    && self.moments.take(1, now)
                    && self.bytes.take(bytes, now)
                    && self.visitor.may(Doing::Moment, bytes, now)
            }
            Sent::Action { .. } | Sent::Control => taken,
        };
        if within { Verdict::Take } else { Verdict::Leave }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::limits::visitors::Visitors;
    use crate::net::peer::Peer;

    const ACTION: Sent = Sent::Action { cost: 1 };
    const CURSOR: Sent = Sent::Moment { bytes: 17 };

    fn visitor(address: &str, now: Instant) -> Arc<Visitor> {
        Visitors::default().at(Peer::at(address.parse().expect("an address")), now)
    }

    fn taken(budget: &mut Budget, sent: Sent, interval: u16, now: Instant) -> usize {
        std::iter::from_fn(|| (budget.take(sent, interval, now) == Verdict::Take).then_some(())).count()
    }

    #[test]
    fn a_connection_has_500_frames_at_once_and_250_a_second() {
        let begun = Instant::now();
        for sent in [ACTION, CURSOR, Sent::Control] {
            let mut budget = Budget::new(visitor("127.0.0.1", begun), begun);
            assert_eq!(taken(&mut budget, sent, 33, begun), 500, "{sent:?}");
            assert_eq!(taken(&mut budget, sent, 33, begun + Duration::from_secs(1)), 250, "{sent:?}");
        }
    }

    #[test]
    fn what_costs_more_is_taken_less_often() {
        let begun = Instant::now();
        for (sent, at_once, a_second) in [
            (Sent::Action { cost: 21 }, 23, 12),
            (Sent::Moment { bytes: 256 }, 128, 64),
            (Sent::Moment { bytes: 1024 }, 32, 16),
        ] {
            let mut budget = Budget::new(visitor("127.0.0.1", begun), begun);
            assert_eq!(taken(&mut budget, sent, 33, begun), at_once, "{sent:?}");
            assert_eq!(taken(&mut budget, sent, 33, begun + Duration::from_secs(1)), a_second, "{sent:?}");
        }
    }

    #[test]
    fn under_pressure_there_are_fewer_moments_but_no_fewer_actions() {
        let begun = Instant::now();
        let mut budget = Budget::new(visitor("127.0.0.1", begun), begun);
        taken(&mut budget, CURSOR, 33, begun);
        let later = begun + Duration::from_secs(2);
        assert_eq!(budget.take(CURSOR, 132, begun), Verdict::Leave, "the pace is known from here on");
        assert_eq!(taken(&mut budget, CURSOR, 132, later), 125, "a quarter");
        let spent_on_moments = 125 + 1;
        assert_eq!(taken(&mut budget, ACTION, 132, later), 500 - spent_on_moments);
    }

    #[test]
    fn the_connections_of_an_address_share_its_budget() {
        let now = Instant::now();
        let all = |address: &str, sent: Sent, connections: usize| -> usize {
            let visitor = visitor(address, now);
            let mut budgets: Vec<Budget> = (0..connections).map(|_| Budget::new(Arc::clone(&visitor), now)).collect();
            budgets.iter_mut().map(|budget| taken(budget, sent, 33, now)).sum()
        };
        assert_eq!(all("192.0.2.1", ACTION, 5), 2000);
        assert_eq!(all("192.0.2.1", Sent::Moment { bytes: 1024 }, 5), 128);
        assert_eq!(all("127.0.0.1", ACTION, 130), 64_000);
    }

    #[test]
    fn four_times_the_budget_for_five_seconds_is_the_end() {
        let begun = Instant::now();
        let ended = |per_second: u64| {
            let mut budget = Budget::new(visitor("127.0.0.1", begun), begun);
            let mut frames = 0..per_second * 20;
            frames.find(|frame| {
                let now = begun + Duration::from_millis(frame * 1000 / per_second);
                budget.take(CURSOR, 33, now) == Verdict::End
            })
        };
        assert_eq!(ended(1000), Some(5000));
        assert_eq!(ended(990), None);
    }
}
