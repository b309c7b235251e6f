//! What wakes the actors: each rests while it has nothing to do, and is woken by whoever gives it something.

use std::sync::atomic::{AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Thread};
use std::time::Duration;

/// A bell that many ring and many listen to; a clone is the same bell.
///
/// Nobody sleeps through a ring: who listens says so before it looks a last time, and who rings has made its change
/// before it looks for listeners; between the two steps of each stands a fence, so at least one sees the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bell(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// How many listen, so that ringing for nobody takes no lock.
    listeners: AtomicUsize,
    threads: Mutex<Vec<Thread>>,
}

impl Bell {
    /// Wakes everyone who listens. What they are to see has been done before.
    pub(crate) fn ring(&self) {
        fence(Ordering::SeqCst);
        if self.0.listeners.load(Ordering::Relaxed) > 0 {
            for thread in self.threads().drain(..) {
                thread.unpark();
            }
        }
    }

    /// Sleeps until the bell rings, but no longer than `most`; not at all if `ready` finds something to do. May wake
    /// without a ring.
    pub(crate) fn wait_unless(&self, most: Duration, ready: impl FnOnce() -> bool) {
        let me = thread::current();
        self.threads().push(me.clone());
        self.0.listeners.fetch_add(1, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if !ready() {
            thread::park_timeout(most);
        }
        self.0.listeners.fetch_sub(1, Ordering::Relaxed);
        self.threads().retain(|thread| thread.id() != me.id());
    }

    fn threads(&self) -> std::sync::MutexGuard<'_, Vec<Thread>> {
        self.0.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::time::Instant;

    use super::*;

    /// Far longer than any wake-up takes.
    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn no_ring_is_slept_through() {
        let (bell, given) = (Bell::default(), Arc::new(AtomicU64::new(0)));
        let begun = Instant::now();
        let taking = thread::spawn({
            let (bell, given) = (bell.clone(), Arc::clone(&given));
            move || {
                for wanted in 1..=20_000 {
                    while given.load(Ordering::Relaxed) < wanted {
                        bell.wait_unless(LONG, || given.load(Ordering::Relaxed) >= wanted);
                    }
                    given.store(0, Ordering::Relaxed);
                }
            }
        });
        for number in 1..=20_000 {
            given.store(number, Ordering::Relaxed);
            bell.ring();
            while given.load(Ordering::Relaxed) != 0 {
                thread::yield_now();
            }
        }
        taking.join().expect("no panic");
        assert!(begun.elapsed() < LONG, "a ring was slept through");
        assert!(bell.threads().is_empty());
    }

    #[test]
    fn who_has_something_to_do_does_not_sleep() {
        let begun = Instant::now();
        Bell::default().wait_unless(LONG, || true);
        assert!(begun.elapsed() < LONG);
    }

    #[test]
    fn all_who_listen_are_woken() {
        let bell = Bell::default();
        let begun = Instant::now();
        let listening: Vec<_> = (0..3)
            .map(|_| {
                let bell = bell.clone();
                thread::spawn(move || bell.wait_unless(LONG, || false))
            })
            .collect();
        while bell.threads().len() < 3 {
            thread::yield_now();
        }
        bell.ring();
        for thread in listening {
            thread.join().expect("no panic");
        }
        assert!(begun.elapsed() < LONG);
    }
}
