//! How an endpoint waits when there is nothing to do.

mod backoff;
#[cfg(feature = "std")]
mod barrier;
mod grace;
mod kernel;
#[cfg(feature = "std")]
mod member;
mod notifier;
#[cfg(feature = "std")]
mod registry;
#[cfg(feature = "std")]
mod set;
mod until;
#[cfg(feature = "std")]
mod wakers;
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
mod watcher;

pub use backoff::Backoff;
#[cfg(all(loom, test))]
pub(crate) use barrier::model_sleeps;
pub(crate) use grace::Grace;
#[cfg(feature = "std")]
pub(crate) use member::Endpoint;
#[cfg(feature = "async")]
pub(crate) use member::sleep_task;
#[cfg(feature = "std")]
pub use member::{Member, Waitable};
pub(crate) use notifier::Notifier;
#[cfg(feature = "std")]
pub use set::WaitSet;
#[cfg(feature = "async")]
pub(crate) use set::{Asleep, assert_some};
pub(crate) use until::Outcome;
#[cfg(feature = "async")]
pub(crate) use until::poll_until;
#[cfg(feature = "std")]
pub(crate) use wakers::Registration;

use core::time::Duration;
#[cfg(feature = "std")]
use std::time::Instant;

use crate::sync::spin_loop;

/// How long a sleep among processes lasts at most: the one that would wake the sleeper may have ended, or may have written over what a waking needs.
pub(crate) const LONGEST_AMONG_PROCESSES: Duration = Duration::from_millis(50);

/// How a blocking call of an endpoint waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitStrategy {
    /// Looks again at once, with the processor's pause between. The quickest, while it has a core to itself.
    BusySpin,
    /// Yields the core to other threads between looks; without `std`, spins.
    Yield,
    /// Spins, then yields, then sleeps for up to a millisecond at a time; without `std`, spins.
    Backoff,
    /// Spins for a few microseconds, then sleeps in the kernel until there is something; without `std`, spins.
    ///
    /// The default. Publishers execute no memory fence for it, whether anybody sleeps or not. A thread that is stopped right between
    /// lowering the sleepers' flag and waking them keeps them asleep until it resumes, or until a time-out of theirs.
    #[default]
    Park,
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

    /// Waits a little. Returns whether there is time for another look. `park` sleeps for at most the time that it is given.
    pub(crate) fn wait(&mut self, park: impl FnOnce(Duration)) -> bool {
        let Some(left) = self.left() else { return false };
        match self.strategy {
            WaitStrategy::BusySpin => spin_loop(),
            WaitStrategy::Yield => yield_now(),
            WaitStrategy::Park if !self.backoff.is_spinning() => park(left),
            WaitStrategy::Backoff | WaitStrategy::Park => self.backoff.snooze_at_most(left),
        }
        true
    }

    /// Returns the time to the deadline; `None`, when it is over.
    #[cfg(feature = "std")]
    fn left(&self) -> Option<Duration> {
        match self.deadline {
            None => Some(Duration::MAX),
            Some(deadline) => deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()),
        }
    }

    /// Without a clock there is always time.
    #[cfg(not(feature = "std"))]
    fn left(&self) -> Option<Duration> {
        Some(Duration::MAX)
    }
}

#[cfg(feature = "std")]
fn yield_now() {
    crate::sync::thread::yield_now();
}

#[cfg(not(feature = "std"))]
fn yield_now() {
    spin_loop();
}
