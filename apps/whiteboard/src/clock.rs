//! The two clocks: the store's, which decides, and the time of day, which people read.

use std::time::{Duration, Instant, SystemTime};

/// Seconds for which a store was open, in all its runs together. Nobody can set it, and it stands still between runs, so
/// nothing is kept for less than its time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    before: u64,
    opened: Instant,
}

impl Clock {
    /// Continues now, after `before` seconds in earlier runs.
    pub(crate) fn after(before: u64) -> Self {
        Clock { before, opened: Instant::now() }
    }

    /// The seconds so far.
    pub(crate) fn now(&self) -> u64 {
        self.at(Instant::now())
    }

    fn at(&self, moment: Instant) -> u64 {
        self.before + moment.saturating_duration_since(self.opened).as_secs()
    }
}

/// The time of day, in UTC: `2026-11-29T18:52:49Z`.
pub(crate) fn time_of_day() -> String {
    written(since_1970().as_secs())
}

/// The time of day, in milliseconds since 1970.
#[cfg(unix)]
pub(crate) fn milliseconds() -> u64 {
    since_1970().as_millis().try_into().unwrap_or(u64::MAX)
}

fn since_1970() -> Duration {
    #[expect(clippy::disallowed_methods, reason = "people read it, and nothing is decided by it")]
    let now = SystemTime::now();
    now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// Writes a time in seconds since 1970 for people.
fn written(seconds: u64) -> String {
    let (mut day, second) = (seconds / 86_400, seconds % 86_400);
    let days_in =
        |year: u64| 365 + u64::from(year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)));
    let mut year = 1970;
    while day >= days_in(year) {
        day -= days_in(year);
        year += 1;
    }
    let february = days_in(year) - 337;
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{:02}Z", day + 1, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stores_clock_goes_on_where_it_stood() {
        let clock = Clock::after(100);
        assert_eq!(clock.at(clock.opened + Duration::from_millis(2999)), 102);
        assert_eq!(clock.at(clock.opened - Duration::from_secs(1)), 100, "never back");
    }

    #[test]
    fn a_time_is_written_as_people_do() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(written(seconds), text);
        }
    }
}
