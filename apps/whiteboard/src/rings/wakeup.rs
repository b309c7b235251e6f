//! Wakes an actor for what arrives outside the pools: a small ring, whose reader is a member of the actor's wait set.

use rusted_ring::wait::{Member, Waitable};
use rusted_ring::{ClosePolicy, HeapTypedRing, Publisher, Start, Subscriber, subscriber::TryRecvError};

/// The most wake-ups that are kept. One is enough, however many are lost.
const KEPT: usize = 8;

/// Wakes one actor; a clone wakes the same.
#[derive(Clone, Debug)]
pub(crate) struct WakeUp(Publisher<HeapTypedRing<u8>>);

/// The wake-ups of one actor. The actor forgets them, and then looks for what they announced.
#[derive(Debug)]
pub(crate) struct WakeUps(Subscriber<HeapTypedRing<u8>>);

/// Returns what wakes an actor, and what the actor waits for.
pub(crate) fn pair() -> (WakeUp, WakeUps) {
    let ring = HeapTypedRing::closing(KEPT, ClosePolicy::Never);
    let wake_ups = WakeUps(Subscriber::join(ring.clone(), Start::Newest));
    (WakeUp(Publisher::join(ring).expect("it never closes")), wake_ups)
}

impl WakeUp {
    /// Wakes the actor. Whatever it should see must be done before.
    pub(crate) fn send(&self) {
        let _ = self.0.send(&0);
    }
}

impl WakeUps {
    /// Forgets those that came. What was done before one of them is visible after this.
    pub(crate) fn forget(&mut self) {
        while !matches!(self.0.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
    }
}

impl Waitable for WakeUps {
    fn member(&mut self) -> Member<'_> {
        self.0.member()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;
    use std::time::{Duration, Instant};

    use rusted_ring::wait::WaitSet;

    use super::*;

    /// Far longer than any wake-up takes.
    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn no_wake_up_is_slept_through() {
        let ((wake_up, mut wake_ups), given) = (pair(), &AtomicU64::new(0));
        let begun = Instant::now();
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut set = WaitSet::new();
                for wanted in 1..=20_000 {
                    while given.load(Ordering::Relaxed) < wanted {
                        set.wait_timeout(&mut [&mut wake_ups], LONG);
                        wake_ups.forget();
                    }
                    given.store(0, Ordering::Relaxed);
                }
            });
            for number in 1..=20_000 {
                given.store(number, Ordering::Relaxed);
                wake_up.send();
                while given.load(Ordering::Relaxed) != 0 {
                    thread::yield_now();
                }
            }
        });
        assert!(begun.elapsed() < LONG, "a wake-up was slept through");
    }

    #[test]
    fn any_number_of_wake_ups_is_forgotten_at_once() {
        let (wake_up, mut wake_ups) = pair();
        let mut set = WaitSet::new();
        for number in [0, 1, KEPT, 3 * KEPT] {
            (0..number).for_each(|_| wake_up.send());
            assert_eq!(set.try_wait(&mut [&mut wake_ups]).is_some(), number > 0);
            wake_ups.forget();
            assert_eq!(set.try_wait(&mut [&mut wake_ups]), None);
        }
    }
}
