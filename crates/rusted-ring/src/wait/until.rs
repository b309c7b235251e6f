//! The one loop of every endpoint that waits: attempt, wait, attempt again.

#[cfg(feature = "async")]
use core::task::Poll;
use core::time::Duration;

use super::Waiter;

/// What an attempt came to.
pub(crate) trait Outcome {
    /// Whether this is an answer. If not, a later attempt may have one.
    fn is_final(&self) -> bool;
}

impl<T> Outcome for Option<T> {
    fn is_final(&self) -> bool {
        self.is_some()
    }
}

impl Waiter {
    /// Attempts until an outcome is final or the wait is over, and returns the last outcome. Between attempts, `park` sleeps for at
    /// most the time that it is given.
    pub(crate) fn until<C: ?Sized, O: Outcome>(
        mut self,
        context: &mut C,
        mut attempt: impl FnMut(&mut C) -> O,
        mut park: impl FnMut(&mut C, Duration),
    ) -> O {
        loop {
            let outcome = attempt(context);
            if outcome.is_final() || !self.wait(|timeout| park(context, timeout)) {
                return outcome;
            }
        }
    }
}

/// Attempts until an outcome is final or `sleep` has registered the task to be woken. `sleep` returns false if there may be an answer by
/// now.
#[cfg(feature = "async")]
pub(crate) fn poll_until<C: ?Sized, O: Outcome>(
    context: &mut C,
    mut attempt: impl FnMut(&mut C) -> O,
    mut sleep: impl FnMut(&mut C) -> bool,
) -> Poll<O> {
    loop {
        let outcome = attempt(context);
        if outcome.is_final() {
            return Poll::Ready(outcome);
        }
        if sleep(context) {
            return Poll::Pending;
        }
    }
}
