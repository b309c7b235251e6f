//! Sleeping until another thread publishes, at no cost to publishers while nobody sleeps.
//!
//! The sleeper raises a flag and looks again; the publisher publishes and looks at the flag. Each stores, and then loads what
//! the other stores, so without an order between the store and the load both could miss the other. The order costs the
//! publisher nothing: the sleeper makes the kernel put a barrier on every core (see [`barrier`](super::barrier)).

#[cfg(feature = "std")]
use core::task::Waker;
use core::time::Duration;

#[cfg(feature = "std")]
use super::barrier;
use super::kernel::Epoch;
#[cfg(feature = "std")]
use super::wakers::{Registration, Wakers};
#[cfg(feature = "std")]
use crate::sync::Relaxed;
#[cfg(not(feature = "std"))]
use crate::sync::spin_loop;
use crate::{
    foreign::FirstPanic,
    sync::{AtomicU32, const_unless_modelled},
};

/// Where the endpoints that wait for one kind of event sleep. All zero is valid, with nobody asleep.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Notifier {
    /// Which kinds may sleep; the waking thread clears it, so that one arming costs one waking.
    armed: AtomicU32,
    /// Changes whenever threads are woken.
    epoch: Epoch,
    #[cfg(feature = "std")]
    wakers: Wakers,
}
/// Threads sleep here, in the kernel.
#[cfg(feature = "std")]
const THREADS: u32 = 1;
/// Tasks sleep here, and threads in wait sets, by their wakers.
#[cfg(feature = "std")]
const TASKS: u32 = 2;

impl Notifier {
    const_unless_modelled! {
        pub(crate) const fn new() -> Self {
            Notifier {
                armed: AtomicU32::new(0),
                epoch: Epoch::new(),
                #[cfg(feature = "std")]
                wakers: Wakers::new(),
            }
        }
    }

    /// Wakes everything that sleeps here, after a store that the sleepers should see.
    ///
    /// Wakers are foreign code: the caller has finished its own state, and a waker's panic is passed on once all were woken.
    #[inline]
    pub(crate) fn notify(&self) {
        #[cfg(feature = "std")]
        if self.is_armed() {
            self.wake_and_pass_on();
        }
    }

    /// As [`notify`](Self::notify), for a caller that has more to do before a panic is passed on.
    #[inline]
    #[cfg_attr(not(feature = "std"), expect(unused_variables, reason = "without a kernel nobody sleeps"))]
    pub(crate) fn notify_by(&self, panics: &mut FirstPanic) {
        #[cfg(feature = "std")]
        if self.is_armed() {
            self.wake(panics);
        }
    }

    /// Whether a sleeper may need to see what this thread has stored.
    #[cfg(feature = "std")]
    #[inline]
    fn is_armed(&self) -> bool {
        barrier::light();
        self.armed.load(Relaxed) != 0
    }

    #[cfg(feature = "std")]
    #[cold]
    fn wake_and_pass_on(&self) {
        let mut panics = FirstPanic::default();
        self.wake(&mut panics);
        panics.pass_on();
    }

    #[cfg(feature = "std")]
    #[cold]
    fn wake(&self, panics: &mut FirstPanic) {
        // Of several publishers one wakes. Relaxed: EPOCH, and the lock of the wakers, order the exchange before the next
        // arming.
        let armed = self.armed.swap(0, Relaxed);
        if armed & THREADS != 0 {
            self.epoch.wake_all();
        }
        if armed & TASKS != 0 {
            self.wakers.wake_all(panics);
        }
    }

    /// Has threads of several processes sleep and wake here, this one's from here on.
    #[cfg(not(any(loom, shuttle)))]
    pub(crate) fn share(&self) {
        #[cfg(feature = "std")]
        self.epoch.share(barrier::take_part_among_processes());
    }

    /// Sleeps until notified, for at most `timeout`, unless `idle` says that there is something after all.
    #[cfg(feature = "std")]
    pub(crate) fn sleep(&self, timeout: Duration, idle: impl Fn() -> bool) {
        self.sleep_ordered_by(self.barrier(self.epoch.is_shared()), timeout, idle);
    }

    /// Whether somebody said that processes share it.
    pub(crate) fn is_shared(&self) -> bool {
        #[cfg(feature = "std")]
        return self.epoch.is_shared();
        #[cfg(not(feature = "std"))]
        false
    }

    /// Whether a barrier of one process reaches all that share it.
    #[cfg(feature = "std")]
    pub(super) fn is_ordered(&self) -> bool {
        self.epoch.is_ordered()
    }

    /// What a sleeper puts between its flag and its last look: where processes share it, in all of them.
    #[cfg(feature = "std")]
    pub(super) fn barrier(&self, is_shared: bool) -> fn() -> bool {
        match () {
            () if !is_shared => barrier::heavy,
            () if self.epoch.is_ordered() => barrier::heavy_among_processes,
            () => barrier::alone,
        }
    }

    /// Pauses: without a kernel there is no sleep.
    #[cfg(not(feature = "std"))]
    pub(crate) fn sleep(&self, _timeout: Duration, _idle: impl Fn() -> bool) {
        spin_loop();
    }

    /// As [`sleep`](Self::sleep); `barrier` returns whether the publishers' cores took part in it.
    #[cfg(feature = "std")]
    fn sleep_ordered_by(&self, barrier: fn() -> bool, timeout: Duration, idle: impl Fn() -> bool) {
        // Read before arming: a waking in between ends the sleep before it begins.
        let epoch = self.epoch.now();
        self.armed.fetch_or(THREADS, Relaxed);
        sleep_on(&self.epoch, epoch, barrier, timeout, idle);
    }

    /// Registers `waker` for the next waking here, and arms. The caller then looks once more, after a barrier. False, if nothing can wake it, so that the
    /// caller looks again and again.
    ///
    /// `registration` keeps the sleep, and dropping it ends the sleep.
    #[cfg(feature = "std")]
    pub(crate) fn register(&self, is_shared: bool, registration: &mut Registration, waker: &Waker) -> bool {
        #[cfg(not(any(loom, shuttle)))]
        if is_shared {
            // Read before arming: a waking in between is one that the watcher finds.
            let watched = self.epoch.watched();
            self.armed.fetch_or(THREADS, Relaxed);
            return registration.watch(watched, waker);
        }
        debug_assert!(!is_shared, "a model is one process");
        // Registered before arming: a publisher that finds the flag finds the waker.
        self.wakers.register(registration, waker);
        self.armed.fetch_or(TASKS, Relaxed);
        true
    }

    /// Registers `waker` for the next waking here, which may come from another process if `is_shared`; returns false if `idle` finds that there is
    /// something after all.
    ///
    /// `registration` keeps the sleep, and dropping it ends the sleep.
    #[cfg(feature = "async")]
    pub(crate) fn sleep_task(
        &self,
        is_shared: bool,
        registration: &mut Registration,
        waker: &Waker,
        idle: impl Fn() -> bool,
    ) -> bool {
        let is_shared = is_shared || self.is_shared();
        self.sleep_task_ordered_by(self.barrier(is_shared), is_shared, registration, waker, idle)
    }

    /// As [`sleep_task`](Self::sleep_task); `barrier` returns whether the publishers' cores took part in it.
    #[cfg(feature = "async")]
    fn sleep_task_ordered_by(
        &self,
        barrier: fn() -> bool,
        is_shared: bool,
        registration: &mut Registration,
        waker: &Waker,
        idle: impl Fn() -> bool,
    ) -> bool {
        if !self.register(is_shared, registration, waker) {
            waker.wake_by_ref();
        }
        stays_asleep(core::slice::from_ref(registration), barrier, waker, idle)
    }
}

/// The last steps of a thread that goes to sleep on `word`, which was `epoch` before it armed: looks once more, and sleeps
/// while the word stays the same, for at most `timeout`.
#[cfg(feature = "std")]
pub(super) fn sleep_on(
    word: &Epoch,
    epoch: u32,
    barrier: fn() -> bool,
    timeout: Duration,
    mut idle: impl FnMut() -> bool,
) {
    let ordered = barrier();
    if !idle() {
        return;
    }
    if !ordered {
        word.sleep(epoch, timeout.min(barrier::SETTLED));
        if timeout <= barrier::SETTLED || !idle() {
            return;
        }
    }
    word.sleep(epoch, timeout);
}

/// The last steps of a task that goes to sleep, once it is registered wherever it is to be woken: looks once more. Returns false
/// if `idle` finds that there is something after all.
#[cfg(feature = "async")]
pub(super) fn stays_asleep(
    registrations: &[Registration],
    barrier: fn() -> bool,
    waker: &Waker,
    mut idle: impl FnMut() -> bool,
) -> bool {
    let ordered = barrier();
    if !idle() {
        return false;
    }
    // A task has no clock of its own, so it is polled until the publishers' stores have settled.
    if !ordered && !registrations.iter().all(|registration| registration.has_lasted(barrier::SETTLED)) {
        waker.wake_by_ref();
    }
    true
}

#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod tests {
    use std::{
        sync::atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Acquire, Release, SeqCst},
        },
        thread,
        time::{Duration, Instant},
    };

    use super::*;

    #[test]
    fn no_waking_is_lost_with_the_kernels_barrier_or_without() {
        const ROUNDS: u64 = 2_000;
        for barrier in [barrier::heavy, barrier::alone] {
            let (there, back) = (Notifier::new(), Notifier::new());
            let (sent, answered) = (AtomicU64::new(0), AtomicU64::new(0));
            let wait_for = |notifier: &Notifier, value: &AtomicU64, wanted: u64| {
                let deadline = Instant::now() + Duration::from_secs(60);
                while value.load(Acquire) < wanted {
                    assert!(Instant::now() < deadline, "a waking was lost");
                    let timeout = Duration::from_secs(120);
                    notifier.sleep_ordered_by(barrier, timeout, || value.load(Acquire) < wanted);
                }
            };
            let begun = Instant::now();
            thread::scope(|scope| {
                scope.spawn(|| {
                    for round in 1..=ROUNDS {
                        wait_for(&there, &sent, round);
                        answered.store(round, Release);
                        back.notify();
                    }
                });
                for round in 1..=ROUNDS {
                    sent.store(round, Release);
                    there.notify();
                    wait_for(&back, &answered, round);
                }
            });
            assert!(begun.elapsed() < Duration::from_secs(60), "a sleep ended by its time-out, not by a waking");
        }
    }

    #[test]
    fn a_sleep_ends_with_its_time_out() {
        for barrier in [barrier::heavy, barrier::alone] {
            for timeout in [Duration::from_micros(100), Duration::from_millis(5)] {
                let begun = Instant::now();
                Notifier::new().sleep_ordered_by(barrier, timeout, || true);
                assert!(begun.elapsed() >= timeout / 2 && begun.elapsed() < Duration::from_secs(10));
            }
        }
    }

    #[test]
    fn who_finds_something_does_not_sleep() {
        let looked = AtomicBool::new(false);
        let begun = Instant::now();
        Notifier::new().sleep(Duration::from_secs(60), || {
            looked.store(true, SeqCst);
            false
        });
        assert!(looked.load(SeqCst) && begun.elapsed() < Duration::from_secs(30));
    }

    /// Polls `future` whenever it is woken, and fails if a waking is lost.
    #[cfg(feature = "async")]
    fn block_on(future: impl Future<Output = ()>) {
        use std::{
            pin::pin,
            sync::Arc,
            task::{Context, Wake, Waker},
        };

        struct Woken(AtomicBool, thread::Thread);

        impl Wake for Woken {
            fn wake(self: Arc<Self>) {
                self.0.store(true, SeqCst);
                self.1.unpark();
            }
        }

        let woken = Arc::new(Woken(AtomicBool::new(false), thread::current()));
        let waker = Waker::from(Arc::clone(&woken));
        let mut future = pin!(future);
        while future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            let begun = Instant::now();
            while !woken.0.swap(false, SeqCst) {
                assert!(begun.elapsed() < Duration::from_secs(60), "a waking was lost");
                thread::park_timeout(Duration::from_secs(1));
            }
        }
    }

    #[cfg(feature = "async")]
    #[test]
    fn no_waking_of_a_task_is_lost_with_the_kernels_barrier_or_without() {
        use std::{future::poll_fn, task::Poll};

        const ROUNDS: u64 = 500;
        for barrier in [barrier::heavy, barrier::alone] {
            let (there, back) = (Notifier::new(), Notifier::new());
            let (sent, answered) = (AtomicU64::new(0), AtomicU64::new(0));
            let wait_for = |notifier: &Notifier, value: &AtomicU64, wanted: u64| {
                let mut registration = Registration::default();
                let look = poll_fn(|context| {
                    let idle = || value.load(Acquire) < wanted;
                    while idle() {
                        if notifier.sleep_task_ordered_by(barrier, false, &mut registration, context.waker(), idle) {
                            return Poll::Pending;
                        }
                    }
                    Poll::Ready(())
                });
                block_on(look);
            };
            thread::scope(|scope| {
                scope.spawn(|| {
                    for round in 1..=ROUNDS {
                        wait_for(&there, &sent, round);
                        // Now and then long enough for the other to be fast asleep.
                        thread::sleep(Duration::from_millis(if round % 50 == 0 { 3 } else { 0 }));
                        answered.store(round, Release);
                        back.notify();
                    }
                });
                for round in 1..=ROUNDS {
                    sent.store(round, Release);
                    there.notify();
                    wait_for(&back, &answered, round);
                }
            });
        }
    }
}
