//! The time of an event, from laps of many.

use std::time::{Duration, Instant};

/// Times the same piece of work again and again.
pub(crate) struct Laps {
    begin: Instant,
    time: Duration,
    laps: Vec<Duration>,
}

impl Laps {
    /// Laps for about this long, what is done between them included.
    pub(crate) fn during(time: Duration) -> Self {
        Laps { begin: Instant::now(), time, laps: Vec::new() }
    }

    /// Whether there is time for one more. There are two at least.
    pub(crate) fn go_on(&self) -> bool {
        self.laps.len() < 2 || self.begin.elapsed() < self.time
    }

    pub(crate) fn push(&mut self, lap: Duration) {
        self.laps.push(lap);
    }

    /// The median, in nanoseconds for each of `events`: a lap in which the system stopped this thread does not count.
    pub(crate) fn nanos_each(mut self, events: usize) -> f64 {
        // The first one touches the ring's memory for the first time, and makes the ring in the old crate.
        let laps = self.laps.get_mut(1..).unwrap_or_default();
        laps.sort();
        laps.get(laps.len() / 2).map_or(0, Duration::as_nanos) as f64 / events as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lap_and_a_long_one_do_not_count() {
        let mut laps = Laps::during(Duration::ZERO);
        for micros in [900, 2, 800, 1] {
            laps.push(Duration::from_micros(micros));
        }
        assert!(!laps.go_on());
        assert_eq!(laps.nanos_each(10), 200.0);
    }
}
