//! How an endpoint waits when there is nothing to do.

mod backoff;
mod grace;

pub use backoff::Backoff;
pub(crate) use grace::Grace;

#[cfg(feature = "std")]
use std::time::{Duration, Instant};

use crate::sync::spin_loop;

/// How a blocking call of an endpoint waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitStrategy {
    /// Looks again at once, with the processor's pause between. The quickest, while it has a core to itself.
    BusySpin,
    /// Gives the core to whoever wants it between looks; without `std`, spins.
    Yield,
    /// Spins, then yields, then sleeps for up to a millisecond at a time. The default.
    #[default]
    Backoff,
}

/// One wait, from its beginning to its end.
#[derive(Debug)]
pub(crate) struct Waiter {
    strategy: WaitStrategy,
    backoff: Backoff,
    #[cfg(feature = "std")]
    deadline: Option<Instant>,
}

impl Waiter {
    pub(crate) fn new(strategy: WaitStrategy) -> Self {
        Waiter {
            strategy,
            backoff: Backoff::new(),
            #[cfg(feature = "std")]
            deadline: None,
        }
    }

    /// A wait that ends `timeout` from now; never, if that is beyond what the clock can say.
    #[cfg(feature = "std")]
    pub(crate) fn for_at_most(strategy: WaitStrategy, timeout: Duration) -> Self {
        Waiter { deadline: Instant::now().checked_add(timeout), ..Waiter::new(strategy) }
    }

    /// Waits a little; whether there is time for another look.
    pub(crate) fn wait(&mut self) -> bool {
        #[cfg(feature = "std")]
        let left = match self.deadline {
            None => Duration::MAX,
            Some(deadline) => match deadline.checked_duration_since(Instant::now()) {
                Some(left) if !left.is_zero() => left,
                _ => return false,
            },
        };
        match self.strategy {
            WaitStrategy::BusySpin => spin_loop(),
            WaitStrategy::Yield => yield_now(),
            #[cfg(feature = "std")]
            WaitStrategy::Backoff => self.backoff.snooze_at_most(left),
            #[cfg(not(feature = "std"))]
            WaitStrategy::Backoff => self.backoff.snooze(),
        }
        true
    }
}

#[cfg(all(feature = "std", not(loom)))]
fn yield_now() {
    std::thread::yield_now();
}

#[cfg(loom)]
fn yield_now() {
    loom::thread::yield_now();
}

#[cfg(not(any(feature = "std", loom)))]
fn yield_now() {
    spin_loop();
}
