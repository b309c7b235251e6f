//! Spin, then yield, then sleep.

use core::time::Duration;

use super::yield_now;
use crate::sync::spin_loop;

/// Waits longer each time it is called, for a thread that polls several rings.
///
/// ```
/// # use rusted_ring::wait::Backoff;
/// # let mut rounds = 3;
/// # let mut poll_my_rings = || { rounds -= 1; rounds == 0 };
/// let mut backoff = Backoff::new();
/// while !poll_my_rings() {
///     backoff.snooze();
/// }
/// backoff.reset();
/// ```
#[derive(Debug)]
pub struct Backoff {
    step: u32,
}

/// Steps that spin, for 1, 2, 4 ... pauses.
const SPINS: u32 = 7;
/// Where a wait begins; a model gains nothing from pauses.
const BEGINNING: u32 = if cfg!(any(loom, shuttle)) { SPINS } else { 0 };
/// Steps after the spins that yield.
const YIELDS: u32 = 8;
/// The first sleep; each after it is twice as long, up to the longest.
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
const SHORTEST: Duration = Duration::from_micros(20);
const LONGEST: Duration = Duration::from_millis(1);

impl Backoff {
    /// Returns a back-off that begins by spinning.
    pub const fn new() -> Self {
        Backoff { step: BEGINNING }
    }

    /// Begins again by spinning, because something was found.
    pub fn reset(&mut self) {
        self.step = BEGINNING;
    }

    /// Waits: the first calls spin, the next yield, and the rest sleep for up to a millisecond. Without `std` all spin.
    pub fn snooze(&mut self) {
        self.snooze_at_most(LONGEST);
    }

    /// Whether the next step spins.
    pub(super) fn is_spinning(&self) -> bool {
        self.step < SPINS
    }

    /// As [`snooze`](Self::snooze), but sleeps for at most `left`.
    pub(super) fn snooze_at_most(&mut self, left: Duration) {
        if self.step < SPINS {
            spin(self.step);
        } else if self.step < SPINS + YIELDS {
            yield_now();
        } else {
            sleep(self.step - SPINS - YIELDS, left);
        }
        self.step = self.step.saturating_add(1);
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

fn spin(step: u32) {
    for _ in 0..1 << step {
        spin_loop();
    }
}

#[cfg(all(feature = "std", not(any(loom, shuttle))))]
fn sleep(doublings: u32, left: Duration) {
    std::thread::sleep((SHORTEST * (1 << doublings.min(16))).min(LONGEST).min(left));
}

#[cfg(not(all(feature = "std", not(any(loom, shuttle)))))]
fn sleep(_doublings: u32, _left: Duration) {
    if cfg!(any(loom, shuttle)) { yield_now() } else { spin(SPINS) }
}
