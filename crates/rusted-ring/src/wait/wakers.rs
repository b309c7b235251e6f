//! Tasks that sleep: their wakers, by where they sleep.

use core::task::Waker;

pub(crate) use imp::{Registration, Wakers};

/// A sleeping task.
struct Sleeper {
    /// Where it sleeps.
    at: usize,
    /// Counts up, over all who come to the same registry.
    ticket: u64,
    waker: Waker,
}

/// Tasks that sleep, at one place or more, and the next ticket.
struct Registry {
    sleepers: Vec<Sleeper>,
    next: u64,
}

impl Registry {
    const fn empty() -> Self {
        Registry { sleepers: Vec::new(), next: 0 }
    }

    /// Adds a task that sleeps at `at`, or renews its waker if it still holds `ticket`; its ticket, and the waker replaced.
    fn register(&mut self, at: usize, ticket: Option<u64>, waker: Waker) -> (u64, Option<Waker>) {
        match self.sleepers.iter_mut().find(|sleeper| ticket == Some(sleeper.ticket)) {
            Some(sleeper) => (sleeper.ticket, Some(core::mem::replace(&mut sleeper.waker, waker))),
            None => {
                let ticket = self.next;
                self.next += 1;
                self.sleepers.push(Sleeper { at, ticket, waker });
                (ticket, None)
            }
        }
    }

    /// Takes out one task that sleeps at `at` with a ticket below `below`.
    fn take(&mut self, at: usize, below: u64) -> Option<Waker> {
        let index = self.sleepers.iter().position(|sleeper| sleeper.at == at && sleeper.ticket < below)?;
        Some(self.sleepers.swap_remove(index).waker)
    }

    fn remove(&mut self, ticket: u64) -> Option<Waker> {
        let index = self.sleepers.iter().position(|sleeper| sleeper.ticket == ticket)?;
        Some(self.sleepers.swap_remove(index).waker)
    }
}

#[cfg(not(any(loom, shuttle)))]
mod imp {
    use std::{
        sync::{Mutex, MutexGuard, PoisonError},
        task::Waker,
        time::Instant,
    };

    use super::Registry;

    /// Sleepers of all rings, in as many registries as make it unlikely that two busy rings share one. They are no part of a
    /// ring, whose memory may be lent, or zero.
    static REGISTRIES: [Mutex<Registry>; 32] = [const { Mutex::new(Registry::empty()) }; 32];

    fn registry(at: usize) -> MutexGuard<'static, Registry> {
        REGISTRIES[at / 64 % REGISTRIES.len()].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tasks that sleep at one place, which its address names.
    #[derive(Debug)]
    pub(crate) struct Wakers;

    impl Wakers {
        pub(crate) const fn new() -> Self {
            Wakers
        }

        /// Has `waker` woken by the next waking here, and keeps in `registration` that it is to be.
        pub(crate) fn register(&self, registration: &mut Registration, waker: &Waker) {
            let at = core::ptr::from_ref(self).addr();
            let waker = waker.clone();
            let known = registration.0.as_ref().filter(|kept| kept.at == at).map(|kept| kept.ticket);
            let (ticket, replaced) = registry(at).register(at, known, waker);
            drop(replaced);
            if known != Some(ticket) {
                // Of another ring, if an endpoint took the place of the one that slept.
                registration.end();
                registration.0 = Some(Registered { at, ticket, since: Instant::now() });
            }
        }

        /// Wakes all who sleep here by now.
        pub(crate) fn wake_all(&self) {
            let at = core::ptr::from_ref(self).addr();
            let below = registry(at).next;
            loop {
                // Not in the condition of a `while let`: a waker is foreign code, and must not find the registry locked.
                let taken = registry(at).take(at, below);
                match taken {
                    Some(waker) => waker.wake(),
                    None => return,
                }
            }
        }
    }

    /// That one future sleeps, and where; dropped, it sleeps no more.
    #[derive(Debug, Default)]
    pub(crate) struct Registration(Option<Registered>);

    #[derive(Debug)]
    struct Registered {
        at: usize,
        ticket: u64,
        since: Instant,
    }

    impl Registration {
        /// Whether its task has been asleep for `time` in one go.
        pub(crate) fn has_lasted(&self, time: std::time::Duration) -> bool {
            self.0.as_ref().is_some_and(|kept| kept.since.elapsed() >= time)
        }

        fn end(&mut self) {
            if let Some(Registered { at, ticket, .. }) = self.0.take() {
                let waker = registry(at).remove(ticket);
                drop(waker);
            }
        }
    }

    impl Drop for Registration {
        fn drop(&mut self) {
            self.end();
        }
    }
}

#[cfg(any(loom, shuttle))]
mod imp {
    use std::{sync::Arc, task::Waker, time::Duration};

    use super::Registry;
    use crate::sync::Mutex;

    /// A model's memory lasts for one execution, so each place has a registry of its own.
    #[derive(Clone)]
    pub(crate) struct Wakers(Arc<Mutex<Registry>>);

    impl core::fmt::Debug for Wakers {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("Wakers")
        }
    }

    impl Wakers {
        pub(crate) fn new() -> Self {
            Wakers(Arc::new(Mutex::new(Registry::empty())))
        }

        pub(crate) fn register(&self, registration: &mut Registration, waker: &Waker) {
            let known = registration.0.as_ref().map(|(_, ticket)| *ticket);
            let (ticket, _) = self.0.lock().unwrap().register(0, known, waker.clone());
            registration.0 = Some((self.clone(), ticket));
        }

        pub(crate) fn wake_all(&self) {
            let below = self.0.lock().unwrap().next;
            loop {
                let taken = self.0.lock().unwrap().take(0, below);
                match taken {
                    Some(waker) => waker.wake(),
                    None => return,
                }
            }
        }
    }

    #[derive(Debug, Default)]
    pub(crate) struct Registration(Option<(Wakers, u64)>);

    impl Registration {
        pub(crate) fn has_lasted(&self, _time: Duration) -> bool {
            true
        }
    }

    impl Drop for Registration {
        fn drop(&mut self) {
            if let Some((wakers, ticket)) = self.0.take() {
                let _ = wakers.0.lock().unwrap().remove(ticket);
            }
        }
    }
}
