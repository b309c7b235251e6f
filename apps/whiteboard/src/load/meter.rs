//! What all clients count together, while they run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

/// The longest latency that is distinguished from longer ones.
const LATENCY_MAX: Duration = Duration::from_secs(3600);

/// Counters that only rise, and latencies.
#[derive(Debug)]
pub(super) struct Meter {
    /// Clients that are live.
    pub(super) joined: AtomicU64,
    /// Clients that have everything and left.
    pub(super) done: AtomicU64,
    /// Actions sent, each once.
    pub(super) sent: AtomicU64,
    /// Actions acknowledged, each once.
    pub(super) acknowledged: AtomicU64,
    /// Actions refused, each once.
    pub(super) refused: AtomicU64,
    /// Busy answers.
    pub(super) busy: AtomicU64,
    /// Actions that clients were told they missed.
    pub(super) missed: AtomicU64,
    /// Connections that were lost.
    pub(super) lost: AtomicU64,
    /// The highest revision that was acknowledged.
    pub(super) highest: AtomicU64,
    /// From an action's due time to its acknowledgement.
    pub(super) latency: Times,
    /// The same of clients that stall.
    pub(super) stalled: Times,
    /// From an action's due time to its first sending.
    pub(super) late: Times,
    /// Why the first refused action was refused.
    pub(super) refusal: OnceLock<String>,
    /// Why the run cannot go on.
    pub(super) failure: OnceLock<String>,
}

impl Meter {
    /// All at zero.
    pub(super) fn new() -> Self {
        Meter {
            joined: AtomicU64::new(0),
            done: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            missed: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            highest: AtomicU64::new(0),
            latency: Times::new(),
            stalled: Times::new(),
            late: Times::new(),
            refusal: OnceLock::new(),
            failure: OnceLock::new(),
        }
    }

    /// The counters now.
    pub(super) fn counts(&self) -> Counts {
        let now = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        // Answers are read before the actions sent, so that no more are answered than were sent.
        let (acknowledged, refused) = (now(&self.acknowledged), now(&self.refused));
        Counts { sent: now(&self.sent), acknowledged, refused, busy: now(&self.busy), missed: now(&self.missed) }
    }
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) sent: u64,
    pub(super) acknowledged: u64,
    pub(super) refused: u64,
    pub(super) busy: u64,
    pub(super) missed: u64,
}

impl Counts {
    /// Actions without an answer.
    pub(super) fn open(&self) -> u64 {
        self.sent - self.acknowledged - self.refused
    }
}

/// One more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Times, to a thousandth of each.
#[derive(Debug)]
pub(super) struct Times(Mutex<Histogram<u64>>);

impl Times {
    fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, LATENCY_MAX.as_micros() as u64, 3);
        Times(Mutex::new(histogram.expect("bounds and digits that a histogram can have")))
    }

    /// One more.
    pub(super) fn record(&self, time: Duration) {
        self.lock().saturating_record(time.as_micros().try_into().unwrap_or(u64::MAX));
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        self.lock().len()
    }

    /// Returns the time, in milliseconds, that this part of them does not exceed.
    pub(super) fn ms(&self, quantile: f64) -> f64 {
        self.lock().value_at_quantile(quantile) as f64 / 1000.0
    }

    fn lock(&self) -> MutexGuard<'_, Histogram<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
