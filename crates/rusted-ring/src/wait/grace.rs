//! How long a stopped owner may keep the others waiting.

use core::time::Duration;
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
use std::time::Instant;

/// With a clock: 200 µs, and the time that a copy may take. That is longer than any copy into a slot, and shorter than the absence
/// of a preempted thread.
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
const GRACE: Duration = Duration::from_micros(200);
/// Without one: this many looks at the same sequence, and one more for each of these nanoseconds that a copy may take.
#[cfg(not(feature = "std"))]
const GRACE_LOOKS: u128 = 4096;
#[cfg(not(feature = "std"))]
const NANOS_A_LOOK: u128 = 4;

/// One reader's patience with the owner of a pending sequence.
#[derive(Debug, Default)]
pub(crate) struct Grace {
    /// The sequence waited for, and since when.
    #[cfg(all(feature = "std", not(any(loom, shuttle))))]
    waiting: Option<(u64, Instant)>,
    /// The sequence waited for, and how often it was looked at.
    #[cfg(not(feature = "std"))]
    waiting: Option<(u64, u32)>,
}

impl Grace {
    /// Whether `sequence`, whose event takes `copying` to write, has now been pending for long enough.
    #[cfg(all(feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn is_over(&mut self, sequence: u64, copying: Duration) -> bool {
        match self.waiting {
            Some((waited_for, since)) if waited_for == sequence => since.elapsed() >= GRACE + copying,
            _ => {
                self.waiting = Some((sequence, Instant::now()));
                false
            }
        }
    }

    /// Whether `sequence` has now been pending for long enough.
    #[cfg(not(feature = "std"))]
    pub(crate) fn is_over(&mut self, sequence: u64, copying: Duration) -> bool {
        let looks = match self.waiting {
            Some((waited_for, looks)) if waited_for == sequence => looks.saturating_add(1),
            _ => 0,
        };
        self.waiting = Some((sequence, looks));
        u128::from(looks) >= GRACE_LOOKS + copying.as_nanos() / NANOS_A_LOOK
    }

    /// Always true: a model has no clock, and its readers may give up at any time.
    #[cfg(all(feature = "std", any(loom, shuttle)))]
    pub(crate) fn is_over(&mut self, _sequence: u64, _copying: Duration) -> bool {
        true
    }

    /// How long an endpoint that waits for `sequence` may sleep before the grace is over; `None` while it has not begun.
    #[cfg(all(feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn left(&self, sequence: u64, copying: Duration) -> Option<Duration> {
        let (waited_for, since) = self.waiting?;
        let grace = GRACE + copying;
        (waited_for == sequence).then(|| grace.saturating_sub(since.elapsed()))
    }

    /// Always `None`: without a clock, and in a model, nobody sleeps through the grace.
    #[cfg(not(all(feature = "std", not(any(loom, shuttle)))))]
    pub(crate) fn left(&self, _sequence: u64, _copying: Duration) -> Option<Duration> {
        None
    }
}
