//! One sample: how long it goes on, how it can fail, and the figure that comes of several.

use crate::ends::Subscriber;
use crate::ring::Ring;
use crate::wait::{Hung, Watch};
use std::fmt;
use std::thread::ScopedJoinHandle;
use std::time::Duration;

/// When a sample ends: at the first of these.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) time: Duration,
    pub(crate) events: u64,
}

impl Limit {
    #[inline]
    pub(crate) fn is_reached(&self, events: u64, time: Duration) -> bool {
        events >= self.events || time >= self.time
    }

    /// For the waits of a sample that begins now, with this many threads.
    pub(crate) fn watch(&self, threads: usize) -> Watch {
        Watch::over(self.time, threads)
    }
}

/// Why a sample does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It did not come to an end.
    Hung,
    /// Some of what came is not what was sent.
    Wrong { wrong: u64, of: u64 },
}

impl From<Hung> for Fault {
    fn from(_: Hung) -> Self {
        Fault::Hung
    }
}

impl std::error::Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Hung => write!(f, "it hung: somebody waited in vain until the sample's deadline"),
            Fault::Wrong { wrong, of } => write!(f, "{wrong} of {of} events came otherwise than they were sent"),
        }
    }
}

/// Whether all that came to this reader was right.
pub(crate) fn correct<R: Ring>(reader: &Subscriber<R>) -> Result<(), Fault> {
    match reader.wrong() {
        0 => Ok(()),
        wrong => Err(Fault::Wrong { wrong, of: reader.next() }),
    }
}

/// What a thread of a sample came to.
pub(crate) fn joined<T>(thread: ScopedJoinHandle<'_, Result<T, Fault>>) -> Result<T, Fault> {
    thread.join().expect("nothing in a sample panics")
}

/// The value in the middle; sorts them. 0 of none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        many => (values[many / 2] + values[(many - 1) / 2]) / 2.0,
    }
}

/// The median of several samples, and their range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    /// None of none.
    pub(crate) fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        let median = median(&mut sorted);
        Some(Spread { median, least: *sorted.first()?, most: *sorted.last()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_a_median_and_its_range() {
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(Spread::of(&[3.0, 1.0, 2.0]), Some(Spread { median: 2.0, least: 1.0, most: 3.0 }));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
