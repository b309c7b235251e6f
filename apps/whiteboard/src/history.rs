//! The pools' last minute, second by second.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusted_ring::pool::PoolId;
use tokio::time::sleep;

use crate::hub::Hub;
use crate::phase::Phase;
use crate::rings::books::Books;

/// Seconds that are kept.
const KEPT: usize = 60;
const SECOND: Duration = Duration::from_secs(1);
/// How often the pools are looked at: a second's highest pressure is the highest of these looks.
const LOOK: Duration = Duration::from_millis(50);
/// The same while nothing is published, so that an unused server sleeps.
const IDLE_LOOK: Duration = Duration::from_millis(250);
const POOLS: [PoolId; 5] = [PoolId::XS, PoolId::S, PoolId::M, PoolId::L, PoolId::XL];

/// The last minute of each pool. Safe to read at any time; as new as the last whole second.
#[derive(Debug)]
pub(crate) struct History(Mutex<Record>);

/// The seconds of one pool that have passed, oldest first, at most a minute of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Minute {
    /// Events published in each second.
    pub(crate) rate: VecDeque<u64>,
    /// The highest pressure in each second.
    pub(crate) pressure: VecDeque<f32>,
}

/// What one look at a pool shows.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    published: u64,
    pressure: f32,
}

#[derive(Debug)]
struct Record {
    /// The beginning of the current second.
    begun: Instant,
    pools: [Pool; POOLS.len()],
}

#[derive(Debug, Default)]
struct Pool {
    minute: Minute,
    /// What was published before the last look.
    published: u64,
    /// What was published before this second, and its highest pressure so far.
    second: Look,
}

impl History {
    /// Begins now.
    pub(crate) fn of(books: &Books) -> Self {
        Self::since(Instant::now(), looks(books))
    }

    /// The minute of one pool.
    pub(crate) fn minute(&self, id: PoolId) -> Minute {
        let record = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = POOLS.iter().zip(&record.pools).find(|&(&known, _)| known == id);
        known.map(|(_, pool)| pool.minute.clone()).unwrap_or_default()
    }

    fn since(begun: Instant, looks: [Look; POOLS.len()]) -> Self {
        let pools = looks.map(|look| Pool { published: look.published, second: look, ..Pool::default() });
        History(Mutex::new(Record { begun, pools }))
    }

    /// Notes one more look at each pool; returns whether anything was published since the last.
    fn note(&self, now: Instant, looks: [Look; POOLS.len()]) -> bool {
        let mut record = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(record.begun).as_secs();
        record.begun += SECOND * u32::try_from(passed).unwrap_or(u32::MAX);
        let mut any = false;
        for (pool, look) in record.pools.iter_mut().zip(looks) {
            any |= pool.published != look.published;
            pool.published = look.published;
            pool.note(passed, look);
        }
        any
    }
}

impl Pool {
    /// Notes one more look, after which `passed` seconds are over. If the last look was long ago, nobody knows in which of
    /// them the events came: they are spread evenly.
    fn note(&mut self, passed: u64, look: Look) {
        self.second.pressure = self.second.pressure.max(look.pressure);
        if passed == 0 {
            return;
        }
        let events = look.published.saturating_sub(self.second.published);
        for second in 0..passed.min(KEPT as u64) {
            keep(&mut self.minute.rate, events / passed + u64::from(second < events % passed));
            keep(&mut self.minute.pressure, self.second.pressure);
        }
        self.second = look;
    }
}

fn keep<T>(values: &mut VecDeque<T>, value: T) {
    if values.len() == KEPT {
        values.pop_front();
    }
    values.push_back(value);
}

/// Keeps the board's history until the run stops.
pub(crate) async fn record(hub: Arc<Hub>) {
    let mut phase = hub.phase.clone();
    let looking = async {
        loop {
            let busy = hub.history.note(Instant::now(), looks(&hub.books));
            sleep(if busy { LOOK } else { IDLE_LOOK }).await;
        }
    };
    tokio::select! {
        () = looking => {}
        () = Phase::Stopping.reached(&mut phase) => {}
    }
}

fn looks(books: &Books) -> [Look; POOLS.len()] {
    books.stats().map(|stats| Look { published: books.published(stats.pool_id), pressure: stats.current_backpressure })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pool M alone: the total published and the pressure, each at a time in milliseconds.
    fn minute(looks: &[(u64, u64, f32)]) -> Minute {
        let begun = Instant::now();
        let history = History::since(begun, [Look::default(); 5]);
        for &(at, published, pressure) in looks {
            let mut all = [Look::default(); 5];
            all[2] = Look { published, pressure };
            history.note(begun + Duration::from_millis(at), all);
        }
        assert_eq!(history.minute(PoolId::L).rate.iter().sum::<u64>(), 0, "each pool has its own");
        history.minute(PoolId::M)
    }

    #[test]
    fn a_second_has_its_events_and_its_highest_pressure() {
        let found = minute(&[(300, 4, 0.1), (600, 9, 0.75), (1000, 10, 0.2), (1500, 11, 0.4), (2050, 25, 0.0)]);
        assert_eq!(found.rate, [10, 15]);
        assert_eq!(found.pressure, [0.75, 0.4]);
    }

    #[test]
    fn a_second_that_has_not_passed_is_not_told() {
        assert_eq!(minute(&[(999, 7, 0.5)]), Minute::default());
    }

    #[test]
    fn a_late_look_moves_no_second_and_loses_no_event() {
        let found = minute(&[(900, 5, 0.0), (3200, 11, 0.3), (4000, 12, 0.0)]);
        assert_eq!(found.rate, [4, 4, 3, 1], "the seconds keep their beginnings");
        assert_eq!(found.pressure.len(), 4);
    }

    #[test]
    fn a_look_tells_whether_anything_came_since_the_last() {
        let begun = Instant::now();
        let history = History::since(begun, [Look { published: 3, pressure: 0.0 }; 5]);
        let mut looks = [Look { published: 3, pressure: 0.5 }; 5];
        let at = |millis| begun + Duration::from_millis(millis);
        assert!(!history.note(at(50), looks));
        looks[4].published = 4;
        assert!(history.note(at(100), looks));
        assert!(!history.note(at(150), looks));
        assert!(!history.note(at(1000), looks), "the end of a second is no event");
    }

    #[test]
    fn the_last_minute_is_kept_and_no_more() {
        let looks: Vec<_> = (1..=75).map(|second| (second * 1000, second * (second + 1) / 2, 0.0)).collect();
        let found = minute(&looks);
        assert_eq!(found.rate, (16..=75).collect::<VecDeque<_>>());
        assert_eq!(found.pressure.len(), KEPT);
        assert_eq!(minute(&[(3_600_000, 3600, 0.9)]).rate, [1; KEPT], "after an hour without a look");
    }
}
