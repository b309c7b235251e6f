//! How often a time was measured, for any number of times in a fixed room.

/// Steps of which each doubling of the time has so many: a time is kept to within 1.6 %.
const STEPS: u32 = 64;

/// Counts of nanoseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    counts: Vec<u64>,
    count: u64,
    max: u64,
}

/// The step that `time` belongs to; steps of 1 below [`STEPS`].
fn step(time: u64) -> usize {
    let shift = time.checked_ilog2().unwrap_or(0).saturating_sub(STEPS.ilog2());
    (u64::from(shift * STEPS) + (time >> shift)) as usize
}

/// The lowest time of a step.
fn lowest(step: usize) -> u64 {
    let step = step as u64;
    let steps = u64::from(STEPS);
    let shift = (step / steps).saturating_sub(1);
    (step - shift * steps) << shift
}

impl Histogram {
    pub(super) fn add(&mut self, time: u64) {
        let step = step(time);
        if self.counts.len() <= step {
            self.counts.resize(step + 1, 0);
        }
        self.counts[step] += 1;
        self.count += 1;
        self.max = self.max.max(time);
    }

    pub(super) fn add_all(&mut self, other: &Histogram) {
        self.counts.resize(self.counts.len().max(other.counts.len()), 0);
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.count += other.count;
        self.max = self.max.max(other.max);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The time that this part of all times does not exceed, to within a step; 0 without any time.
    pub(super) fn quantile(&self, part: f64) -> u64 {
        let wanted = ((self.count as f64 * part).ceil() as u64).max(1);
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        found.map_or(0, |step| (lowest(step + 1) - 1).min(self.max))
    }

    pub(super) fn max(&self) -> u64 {
        self.max
    }

    /// For each power of two the number of times from the one before up to it, from the first that has any to the last.
    pub(super) fn doublings(&self) -> Vec<(u64, u64)> {
        let mut doublings: Vec<(u64, u64)> = Vec::new();
        for (step, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let below = (lowest(step) + 1).next_power_of_two();
            loop {
                match doublings.last_mut() {
                    Some((last, sum)) if *last == below => break *sum += count,
                    Some((last, _)) => {
                        let next = *last * 2;
                        doublings.push((next, 0));
                    }
                    None => doublings.push((below, 0)),
                }
            }
        }
        doublings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_in_a_step_that_is_no_wider_than_promised() {
        for time in (0..5000).chain([1 << 20, (1 << 20) + 12_345, u64::from(u32::MAX), 1 << 40]) {
            let (from, to) = (lowest(step(time)), lowest(step(time) + 1));
            assert!(from <= time && time < to, "{time}: {from} to {to}");
            assert!(to - from <= 1 + time / u64::from(STEPS), "{time}: {from} to {to}");
        }
    }

    #[test]
    fn quantiles_are_those_of_the_times() {
        let (mut one, mut other) = (Histogram::default(), Histogram::default());
        assert_eq!((one.quantile(0.5), one.max()), (0, 0));
        (1..=50).for_each(|time| one.add(time));
        (51..=100).for_each(|time| other.add(time));
        one.add_all(&other);
        assert_eq!((one.quantile(0.5), one.quantile(0.9), one.quantile(1.0), one.max()), (50, 90, 100, 100));
        one.clear();
        one.add(1_000_000);
        assert_eq!((one.quantile(0.5), one.quantile(0.999)), (1_000_000, 1_000_000));
    }

    #[test]
    fn doublings_leave_none_out() {
        let mut times = Histogram::default();
        [100, 120, 700].iter().for_each(|time| times.add(*time));
        assert_eq!(times.doublings(), [(128, 2), (256, 0), (512, 0), (1024, 1)]);
    }
}
