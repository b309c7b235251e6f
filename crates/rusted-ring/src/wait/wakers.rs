//! Sleeping tasks: their wakers, by where they sleep.
//!
//! Wakers are foreign code when they are cloned, woken and dropped: a registry is not locked meanwhile.

pub(crate) use imp::{Registration, Wakers};

#[cfg(not(any(loom, shuttle)))]
mod imp {
    #[cfg(feature = "async")]
    use std::time::Instant;
    use std::{
        sync::{Mutex, MutexGuard, PoisonError},
        task::Waker,
    };

    use super::super::{
        kernel::Watched,
        registry::{Registry, Ticket},
        watcher::WATCHER,
    };
    use crate::foreign::{FirstPanic, part_with};

    /// Sleepers of all rings, in enough registries to make it unlikely that two busy rings share one. They are not part of a
    /// ring, whose memory may be borrowed, or zero.
    static REGISTRIES: [Mutex<Registry>; 32] = [const { Mutex::new(Registry::empty()) }; 32];

    fn registry(at: usize) -> MutexGuard<'static, Registry> {
        REGISTRIES[at / 64 % REGISTRIES.len()].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tasks that sleep at one place, which is named by its address.
    #[derive(Debug)]
    pub(crate) struct Wakers;

    impl Wakers {
        pub(crate) const fn new() -> Self {
            Wakers
        }

        /// Registers `waker` for the next waking here; `registration` keeps the sleep.
        pub(crate) fn register(&self, registration: &mut Registration, waker: &Waker) {
            let at = core::ptr::from_ref(self).addr();
            let known = match registration.place() {
                Some(Place::Here(place, ticket)) if place == at => Some(ticket),
                _ => None,
            };
            if known.is_some_and(|ticket| registry(at).has(ticket, waker)) {
                return;
            }
            let waker = waker.clone();
            let (ticket, mut replaced) = registry(at).register(at, known, waker);
            if known != Some(ticket) {
                // It is another ring's if an endpoint took the place of the one that slept.
                replaced = registration.begin(Place::Here(at, ticket));
            }
            part_with(replaced);
        }

        /// Wakes everything that sleeps here by now.
        pub(crate) fn wake_all(&self, panics: &mut FirstPanic) {
            let at = core::ptr::from_ref(self).addr();
            let below = registry(at).next();
            loop {
                // Not in the condition of a `while let`, which would keep the registry locked.
                let taken = registry(at).take(at, below);
                match taken {
                    Some(waker) => panics.of(|| waker.wake()),
                    None => return,
                }
            }
        }
    }

    /// One future's sleep, and where; dropping it ends the sleep.
    #[derive(Debug, Default)]
    pub(crate) struct Registration(Option<Registered>);

    #[derive(Debug)]
    struct Registered {
        place: Place,
        #[cfg(feature = "async")]
        since: Instant,
    }

    /// Where something sleeps.
    #[derive(Clone, Copy, Debug)]
    enum Place {
        /// At an address, in its registry.
        Here(usize, Ticket),
        /// At a word that processes share, by this ticket.
        Watched(u64),
    }

    impl Registered {
        /// Ends the sleep; returns the waker if it was not woken.
        fn end(self) -> Option<Waker> {
            match self.place {
                Place::Here(at, ticket) => registry(at).remove(ticket),
                Place::Watched(ticket) => WATCHER.remove(ticket),
            }
        }
    }

    impl Registration {
        fn place(&self) -> Option<Place> {
            self.0.as_ref().map(|kept| kept.place)
        }

        /// Begins a sleep; returns what another one, which it ends, has left.
        fn begin(&mut self, place: Place) -> Option<Waker> {
            let kept = Registered {
                place,
                #[cfg(feature = "async")]
                since: Instant::now(),
            };
            self.0.replace(kept).and_then(Registered::end)
        }

        /// Registers `waker` for the next waking at a word that processes share; false, if it cannot be watched.
        pub(crate) fn watch(&mut self, at: Watched, waker: &Waker) -> bool {
            let known = match self.place() {
                Some(Place::Watched(ticket)) => Some(ticket),
                _ => None,
            };
            let ticket = WATCHER.register(at, known, waker);
            if ticket != known {
                part_with(ticket.and_then(|ticket| self.begin(Place::Watched(ticket))));
            }
            ticket.is_some()
        }

        /// Whether its task has been asleep for `time` without a break, if it sleeps here at all.
        #[cfg(feature = "async")]
        pub(crate) fn has_lasted(&self, time: std::time::Duration) -> bool {
            self.0.as_ref().is_none_or(|kept| kept.since.elapsed() >= time)
        }
    }

    impl Drop for Registration {
        fn drop(&mut self) {
            part_with(self.0.take().and_then(Registered::end));
        }
    }
}

#[cfg(any(loom, shuttle))]
mod imp {
    use std::{sync::Arc, task::Waker};

    use super::super::registry::{Registry, Ticket};
    use crate::{
        foreign::{FirstPanic, part_with},
        sync::Mutex,
    };

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
            if known.is_some_and(|ticket| self.0.lock().unwrap().has(ticket, waker)) {
                return;
            }
            let (ticket, replaced) = self.0.lock().unwrap().register(0, known, waker.clone());
            registration.0 = Some((self.clone(), ticket));
            part_with(replaced);
        }

        pub(crate) fn wake_all(&self, panics: &mut FirstPanic) {
            let below = self.0.lock().unwrap().next();
            loop {
                let taken = self.0.lock().unwrap().take(0, below);
                match taken {
                    Some(waker) => panics.of(|| waker.wake()),
                    None => return,
                }
            }
        }
    }

    #[derive(Debug, Default)]
    pub(crate) struct Registration(Option<(Wakers, Ticket)>);

    impl Registration {
        #[cfg(feature = "async")]
        pub(crate) fn has_lasted(&self, _time: std::time::Duration) -> bool {
            true
        }
    }

    impl Drop for Registration {
        fn drop(&mut self) {
            if let Some((wakers, ticket)) = self.0.take() {
                let woken = wakers.0.lock().unwrap().remove(ticket);
                part_with(woken);
            }
        }
    }
}
