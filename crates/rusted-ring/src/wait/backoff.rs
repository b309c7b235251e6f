//! Spin, then yield, then sleep.

#[cfg(feature = "std")]
use std::time::Duration;

#[cfg(feature = "std")]
use super::yield_now;
use crate::sync::spin_loop;

/// Waits longer each time it is asked, for a thread that polls several rings.
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
#[derive(Debug, Default)]
pub struct Backoff {
    step: u32,
}

/// Steps that spin, for 1, 2, 4 .. pauses.
const SPINS: u32 = 7;
/// Steps after these that yield.
#[cfg(feature = "std")]
const YIELDS: u32 = 8;
/// The first sleep; each after it is twice as long, up to the longest.
#[cfg(feature = "std")]
const SHORTEST: Duration = Duration::from_micros(20);
#[cfg(feature = "std")]
const LONGEST: Duration = Duration::from_millis(1);

impl Backoff {
    /// A back-off that begins by spinning.
    pub const fn new() -> Self {
        Backoff { step: 0 }
    }

    /// Begins again by spinning: something was found.
    pub fn reset(&mut self) {
        self.step = 0;
    }

    /// Waits: the first calls spin, the next yield, and the rest sleep for up to a millisecond. Without `std`, spins.
    pub fn snooze(&mut self) {
        #[cfg(feature = "std")]
        self.snooze_at_most(LONGEST);
        #[cfg(not(feature = "std"))]
        {
            self.spin(self.step.min(SPINS));
            self.step = self.step.saturating_add(1);
        }
    }

    #[cfg(feature = "std")]
    pub(crate) fn snooze_at_most(&mut self, left: Duration) {
        match self.step {
            0..SPINS => self.spin(self.step),
            step if step < SPINS + YIELDS || cfg!(loom) => yield_now(),
            step => {
                let doublings = (step - SPINS - YIELDS).min(16);
                std::thread::sleep((SHORTEST * (1 << doublings)).min(LONGEST).min(left));
            }
        }
        self.step = self.step.saturating_add(1);
    }

    fn spin(&self, step: u32) {
        // A model gains nothing from repeated pauses.
        let pauses = if cfg!(loom) { 1 } else { 1 << step };
        for _ in 0..pauses {
            spin_loop();
        }
    }
}
