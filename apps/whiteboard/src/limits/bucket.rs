//! How much at once, and how much in the long run: token buckets, and how long to bear with a page that ignores them.

use std::time::{Duration, Instant};

/// Fills at a steady rate up to its size; each thing that passes takes one out.
#[derive(Debug)]
pub(crate) struct Bucket {
    per_second: f64,
    size: f64,
    level: f64,
    at: Instant,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(per_second: u32, size: u32, now: Instant) -> Self {
        Bucket { per_second: per_second.into(), size: size.into(), level: size.into(), at: now }
    }

    /// Takes this many out; returns whether they were there.
    pub(crate) fn take(&mut self, count: u32, now: Instant) -> bool {
        self.fill(now);
        let there = self.level >= count.into();
        if there {
            self.level -= f64::from(count);
        }
        there
    }

    /// Takes out this many, which have passed already and may be more than there are; returns how long until that is made up for.
    pub(crate) fn spend(&mut self, count: u32, now: Instant) -> Duration {
        self.fill(now);
        self.level -= f64::from(count);
        Duration::from_secs_f64((-self.level / self.per_second).max(0.0))
    }

    /// Whether it holds all it can, like a new one.
    pub(crate) fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.level >= self.size
    }

    /// Fills at this rate from now on.
    pub(crate) fn refill_at(&mut self, per_second: f64, now: Instant) {
        self.fill(now);
        self.per_second = per_second;
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at);
        self.level = (self.level + self.per_second * passed.as_secs_f64()).min(self.size);
        self.at = self.at.max(now);
    }
}

/// Notices a page that keeps up a rate for several seconds in a row. A second with less starts the count anew.
#[derive(Debug)]
pub(crate) struct Flood {
    per_second: u32,
    limit: u32,
    since: Instant,
    count: u32,
    seconds: u32,
}

const SECOND: Duration = Duration::from_secs(1);

impl Flood {
    /// Notices `per_second` in each of `seconds` seconds.
    pub(crate) fn of(per_second: u32, seconds: u32, now: Instant) -> Self {
        Flood { per_second, limit: seconds, since: now, count: 0, seconds: 0 }
    }

    /// Counts one more; returns whether it is a flood by now.
    pub(crate) fn count(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.since);
        if passed >= SECOND {
            let flooding = self.count >= self.per_second && passed < 2 * SECOND;
            self.seconds = if flooding { self.seconds + 1 } else { 0 };
            self.since = if flooding { self.since + SECOND } else { now };
            self.count = 0;
        }
        self.count = self.count.saturating_add(1);
        self.seconds >= self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bucket: &mut Bucket, now: Instant) -> usize {
        std::iter::from_fn(|| bucket.take(1, now).then_some(())).count()
    }

    #[test]
    fn a_bucket_gives_what_it_holds_and_then_what_comes() {
        let begun = Instant::now();
        let at = |millis| begun + Duration::from_millis(millis);
        let mut bucket = Bucket::new(250, 500, begun);
        assert_eq!(taken(&mut bucket, at(0)), 500);
        assert_eq!(taken(&mut bucket, at(3)), 0);
        assert_eq!(taken(&mut bucket, at(4)), 1, "what came in parts is there");
        assert_eq!(taken(&mut bucket, at(1004)), 250);
        assert_eq!(taken(&mut bucket, at(1000)), 0, "time does not run back");
        assert_eq!(taken(&mut bucket, at(9000)), 500, "it holds no more than its size");
    }

    #[test]
    fn what_costs_more_than_is_there_is_not_taken_and_what_has_passed_is_waited_for() {
        let begun = Instant::now();
        let at = |millis| begun + Duration::from_millis(millis);
        let mut bucket = Bucket::new(100, 200, begun);
        assert!(bucket.is_full(begun) && bucket.take(150, begun) && !bucket.take(51, begun));
        assert!(bucket.take(50, begun), "what was refused is still there");
        assert_eq!(bucket.spend(25, begun), Duration::from_millis(250));
        assert!(!bucket.take(1, at(250)) && bucket.take(1, at(261)) && !bucket.is_full(at(2000)));
        assert!(bucket.is_full(at(2300)));
        assert_eq!(bucket.spend(200, at(2300)), Duration::ZERO);
    }

    #[test]
    fn a_new_rate_holds_from_its_moment_on() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let mut bucket = Bucket::new(100, 1000, begun);
        taken(&mut bucket, begun);
        bucket.refill_at(10.0, at(2));
        assert_eq!(taken(&mut bucket, at(3)), 210);
    }

    /// Counts `per_second` frames in each second; returns the millisecond at which a flood is noticed.
    fn noticed(flood: &mut Flood, begun: Instant, per_second: u64, seconds: u64) -> Option<u64> {
        let mut millis = (0..seconds * per_second).map(|frame| frame * 1000 / per_second);
        millis.find(|&millis| flood.count(begun + Duration::from_millis(millis)))
    }

    #[test]
    fn a_flood_is_what_lasts() {
        let begun = Instant::now();
        let flood = || Flood::of(1000, 5, begun);
        assert_eq!(noticed(&mut flood(), begun, 1000, 60), Some(5000));
        assert_eq!(noticed(&mut flood(), begun, 4000, 60), Some(5000));
        assert_eq!(noticed(&mut flood(), begun, 999, 60), None);
        let mut resting = flood();
        for round in 0..5 {
            let begun = begun + Duration::from_secs(7 * round);
            assert_eq!(noticed(&mut resting, begun, 2000, 5), None, "a second's rest begins it anew");
        }
    }
}
