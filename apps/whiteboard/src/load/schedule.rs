//! When each action is due: fixed before the run, whatever the server does.

use std::time::Duration;

use tokio::time::Instant;

/// The first pause after a busy answer.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
/// No pause is longer than this, except for the jitter.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// One client's schedule: its actions are a period apart, and those of all clients are spread evenly over a period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    rate: f64,
    /// This client's part of a period, 0.0 to 1.0.
    shift: f64,
    count: u64,
}

impl Schedule {
    /// For client `number` of `clients`, for this many seconds at this many actions a second.
    pub(super) fn new(number: u32, clients: u32, seconds: u32, rate: f64) -> Self {
        let shift = f64::from(number) / f64::from(clients);
        let count = (f64::from(seconds) * rate - shift).ceil().max(0.0) as u64;
        Schedule { rate, shift, count }
    }

    /// How many actions there are; all are due before the seconds are over.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// When action `k` is due in a run that began at `start`; `None` when there is no such action.
    pub(super) fn due(&self, start: Instant, k: u64) -> Option<Instant> {
        (k < self.count).then(|| start + Duration::from_secs_f64((k as f64 + self.shift) / self.rate))
    }
}

/// Returns how long to wait before sending an action again that was answered busy this many times. `random` is in 0.0..1.0:
/// clients that were told busy together do not return together.
pub(super) fn pause(tries: u32, random: f64) -> Duration {
    PAUSE_FIRST.saturating_mul(1 << tries.min(10)).min(PAUSE_MAX).mul_f64(0.75 + random / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_spread_over_a_period_and_keep_it() {
        let start = Instant::now();
        let after = |number, k| Schedule::new(number, 4, 2, 100.0).due(start, k).map(|due| due - start);
        let ms = |ms: f64| Some(Duration::from_secs_f64(ms / 1000.0));
        assert_eq!([after(0, 0), after(1, 0), after(3, 0)], [ms(0.0), ms(2.5), ms(7.5)]);
        assert_eq!([after(0, 1), after(1, 1), after(3, 199)], [ms(10.0), ms(12.5), ms(1997.5)]);
        assert_eq!(after(0, 200), None);
    }

    #[test]
    fn all_that_is_due_in_time_is_counted_and_no_more() {
        let of = |number, rate| Schedule::new(number, 2, 1, rate).count();
        assert_eq!([of(0, 50.0), of(1, 50.0)], [50, 50]);
        assert_eq!([of(0, 0.5), of(1, 0.5)], [1, 0], "at 0 s; at 1 s it is over");
        assert_eq!([of(0, 1.5), of(1, 1.5)], [2, 1], "at 0, 0.67; at 0.33");
    }

    #[test]
    fn pauses_double_up_to_two_seconds_with_a_jitter() {
        let middle: Vec<u128> = (0..8).map(|tries| pause(tries, 0.5).as_millis()).collect();
        assert_eq!(middle, [50, 100, 200, 400, 800, 1600, 2000, 2000]);
        assert_eq!((pause(0, 0.0).as_micros(), pause(u32::MAX, 1.0).as_millis()), (37_500, 2500));
    }
}
