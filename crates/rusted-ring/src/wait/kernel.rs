//! Sleeping while a word has a value, and waking the sleepers.

pub(super) use imp::Epoch;
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
pub(super) use several::{Watched, Woken, sleep_on_several};

#[cfg(not(any(loom, shuttle)))]
mod imp {
    use core::sync::atomic::AtomicU32;
    #[cfg(feature = "std")]
    use core::{
        sync::atomic::Ordering::{Acquire, Relaxed, Release},
        time::Duration,
    };

    /// A word that changes at every waking; all zero is valid, and for the threads of one process.
    #[derive(Debug)]
    #[cfg_attr(not(feature = "std"), expect(dead_code, reason = "a ring has one layout, with a kernel or without"))]
    pub(crate) struct Epoch {
        word: AtomicU32,
        /// Who sleeps and wakes here: `SHARED`, `UNORDERED`, or neither.
        reach: AtomicU32,
    }

    /// Threads of several processes.
    #[cfg(feature = "std")]
    const SHARED: u32 = 1;
    /// The same, of which one was refused the kernel's barrier.
    #[cfg(feature = "std")]
    const UNORDERED: u32 = 2;

    impl Epoch {
        pub(crate) const fn new() -> Self {
            Epoch { word: AtomicU32::new(0), reach: AtomicU32::new(0) }
        }
    }

    #[cfg(feature = "std")]
    impl Epoch {
        /// Has threads of several processes sleep and wake here; `ordered`, if the caller's takes part in the barriers of the others.
        pub(crate) fn share(&self, ordered: bool) {
            self.reach.fetch_max(if ordered { SHARED } else { UNORDERED }, Relaxed);
        }

        /// Whether threads of several processes sleep here.
        pub(crate) fn is_shared(&self) -> bool {
            self.reach.load(Relaxed) != 0
        }

        /// Whether a barrier of one process reaches all the others.
        pub(crate) fn is_ordered(&self) -> bool {
            self.reach.load(Relaxed) < UNORDERED
        }

        pub(crate) fn now(&self) -> u32 {
            // EPOCH-SEEN: Acquire, with EPOCH: who sees the new epoch sees what was published.
            self.word.load(Acquire)
        }

        /// The word as it is now, to be waited for among others.
        pub(crate) fn watched(&self) -> super::Watched {
            super::Watched::new(&self.word, self.is_shared(), self.now())
        }

        /// Changes the word and wakes all that sleep on it.
        pub(crate) fn wake_all(&self) {
            // EPOCH: Release, with EPOCH-SEEN.
            self.word.fetch_add(1, Release);
            super::system::wake_all(&self.word, self.is_shared());
        }

        /// Sleeps while the word is `epoch`, for at most `timeout`; may return early.
        pub(crate) fn sleep(&self, epoch: u32, timeout: Duration) {
            super::system::sleep(&self.word, self.is_shared(), epoch, timeout);
        }
    }
}

/// Waiting for several words at once.
#[cfg(all(feature = "std", not(any(loom, shuttle))))]
mod several {
    use std::{sync::atomic::AtomicU32, time::Duration};

    use super::Epoch;

    /// A word that is waited for, by its address, which the kernel alone uses: it may be gone by then.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub(crate) struct Watched {
        place: usize,
        is_shared: bool,
        /// What the word was before its sleeper armed.
        was: u32,
    }

    /// What ended a sleep.
    #[derive(Clone, Copy, Debug)]
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "the kernel wakes nobody there"))]
    pub(crate) enum Woken {
        /// Nothing that is waited for.
        Nobody,
        /// A waking at the word of this index.
        At(usize),
        /// Any of the words may have changed.
        Perhaps,
    }

    impl Watched {
        pub(super) fn new(word: &AtomicU32, is_shared: bool, was: u32) -> Self {
            Watched { place: word.as_ptr().expose_provenance(), is_shared, was }
        }

        /// Where the word is.
        pub(crate) fn place(self) -> usize {
            self.place
        }

        /// A word that no process has.
        #[cfg(test)]
        pub(crate) fn nowhere() -> Self {
            Watched { place: 4096, is_shared: true, was: 0 }
        }
    }

    /// Sleeps until `own` is not what it was, or one of `words`, for at most `timeout`. None, if the kernel cannot.
    #[cfg(target_os = "linux")]
    pub(crate) fn sleep_on_several(own: (&Epoch, u32), words: &[Watched], timeout: Duration) -> Option<Woken> {
        use core::ptr;
        use std::vec::Vec;

        use rustix::{
            io::Errno,
            thread::{
                ClockId,
                futex::{self, Timespec, Wait, WaitFlags, WaitPtr, WaitvFlags},
            },
            time::clock_gettime,
        };

        let until = clock_gettime(ClockId::Monotonic).checked_add(Timespec::try_from(timeout).ok()?)?;
        let wait = |word: &Watched| {
            let mut wait = Wait::new();
            wait.val = u64::from(word.was);
            wait.uaddr = WaitPtr::new(ptr::with_exposed_provenance_mut(word.place));
            wait.flags = if word.is_shared { WaitFlags::SIZE_U32 } else { WaitFlags::SIZE_U32 | WaitFlags::PRIVATE };
            wait
        };
        let own_word = Watched { was: own.1, ..own.0.watched() };
        let waits: Vec<Wait> = core::iter::once(&own_word).chain(words).map(wait).collect();
        match futex::waitv(&waits, WaitvFlags::empty(), Some(&until), ClockId::Monotonic) {
            Ok(0) | Err(Errno::INTR) => Some(Woken::Nobody),
            Ok(index) => Some(Woken::At(index - 1)),
            // The own word is looked at afresh, and so are the others then.
            Err(Errno::AGAIN) if own.0.now() != own.1 => Some(Woken::Nobody),
            // One of them has changed, the time is over, or one is gone.
            Err(Errno::AGAIN | Errno::TIMEDOUT | Errno::FAULT) => Some(Woken::Perhaps),
            Err(_) => None,
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn sleep_on_several(_own: (&Epoch, u32), _words: &[Watched], _timeout: Duration) -> Option<Woken> {
        None
    }
}

#[cfg(all(feature = "std", target_os = "linux", not(any(loom, shuttle))))]
mod system {
    use std::{sync::atomic::AtomicU32, time::Duration};

    use rustix::thread::futex::{self, Flags, Timespec};

    pub(super) fn sleep(word: &AtomicU32, is_shared: bool, value: u32, timeout: Duration) {
        // A duration beyond what the kernel's clock can say is for ever.
        let timeout = Timespec::try_from(timeout).ok();
        // Woken, interrupted, timed out, or the value changed: in every case the caller looks again.
        let _ = futex::wait(word, flags(is_shared), value, timeout.as_ref());
    }

    pub(super) fn wake_all(word: &AtomicU32, is_shared: bool) {
        // The only failure is a bad address, which a reference is not.
        let _ = futex::wake(word, flags(is_shared), i32::MAX as u32);
    }

    /// The kernel finds a private word by its address, and a shared one by its place in the file, which costs more.
    fn flags(is_shared: bool) -> Flags {
        if is_shared { Flags::empty() } else { Flags::PRIVATE }
    }
}

#[cfg(all(feature = "std", not(any(target_os = "linux", loom, shuttle))))]
mod system {
    use std::{
        sync::{
            Condvar, Mutex, PoisonError,
            atomic::{AtomicU32, Ordering::Relaxed},
        },
        time::Duration,
    };

    /// Sleepers of all rings, in as many beds as make it unlikely that two busy rings share one.
    static BEDS: [(Mutex<()>, Condvar); 32] = [const { (Mutex::new(()), Condvar::new()) }; 32];

    fn bed(word: &AtomicU32) -> &'static (Mutex<()>, Condvar) {
        &BEDS[core::ptr::from_ref(word).addr() / 64 % BEDS.len()]
    }

    pub(super) fn sleep(word: &AtomicU32, _is_shared: bool, value: u32, timeout: Duration) {
        let (lock, woken) = bed(word);
        let guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        if word.load(Relaxed) == value {
            // Woken, by chance, timed out: in every case the caller looks again.
            drop(woken.wait_timeout(guard, timeout).unwrap_or_else(PoisonError::into_inner));
        }
    }

    pub(super) fn wake_all(word: &AtomicU32, _is_shared: bool) {
        let (lock, woken) = bed(word);
        drop(lock.lock().unwrap_or_else(PoisonError::into_inner));
        woken.notify_all();
    }
}

#[cfg(any(loom, shuttle))]
mod imp {
    use std::time::Duration;

    use crate::sync::{Condvar, Mutex, const_unless_modelled};

    /// A model has no clock: its sleeps end only by a waking, so that a lost one is a deadlock, which is reported.
    #[derive(Debug)]
    pub(crate) struct Epoch {
        value: Mutex<u32>,
        woken: Condvar,
    }

    impl Epoch {
        const_unless_modelled! {
            pub(crate) const fn new() -> Self {
                Epoch { value: Mutex::new(0), woken: Condvar::new() }
            }
        }

        /// A model is one process.
        pub(crate) fn is_shared(&self) -> bool {
            false
        }

        pub(crate) fn is_ordered(&self) -> bool {
            true
        }

        pub(crate) fn now(&self) -> u32 {
            *self.value.lock().unwrap()
        }

        pub(crate) fn wake_all(&self) {
            *self.value.lock().unwrap() += 1;
            self.woken.notify_all();
        }

        pub(crate) fn sleep(&self, epoch: u32, _timeout: Duration) {
            let mut value = self.value.lock().unwrap();
            while *value == epoch {
                value = self.woken.wait(value).unwrap();
            }
        }
    }
}
