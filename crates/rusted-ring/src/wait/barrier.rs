//! The two halves of an order between a store and a later load, one of which is free.

use std::time::Duration;

/// Without the kernel's barrier: after this time an earlier store has left its core's store buffer. Buffers drain in
/// well under a microsecond; a sleeper that looks again after this long misses nothing that was stored before it armed.
pub(super) const SETTLED: Duration = Duration::from_millis(1);

/// The publisher's half: keeps the compiler from moving its load of the flag above its store.
#[inline(always)]
pub(super) fn light() {
    // WAKE-CHECK: with SLEEP-CHECK: the store before it comes before the load after it.
    #[cfg(not(loom))]
    core::sync::atomic::compiler_fence(core::sync::atomic::Ordering::SeqCst);
    #[cfg(loom)]
    if FENCING.get() {
        // WAKE-CHECK: a model has no kernel that makes a fence of it.
        loom::sync::atomic::fence(loom::sync::atomic::Ordering::SeqCst);
    }
}

#[cfg(loom)]
std::thread_local! {
    /// Whether the publishers of the model that runs on this thread fence. They do so only where somebody sleeps: the fence
    /// comes after each publish, and would do the work of other orderings, unseen by the models of those.
    static FENCING: core::cell::Cell<bool> = const { core::cell::Cell::new(false) };
}

/// Sets whether somebody sleeps in the model that this thread will run.
#[cfg(all(loom, test))]
pub(crate) fn model_sleeps(sleeps: bool) {
    FENCING.set(sleeps);
}

/// The sleeper's half: orders its store before its load, and puts a barrier between the two of every publisher. Returns whether
/// the publishers' cores took part.
pub(super) fn heavy() -> bool {
    #[cfg(not(loom))]
    {
        // SLEEP-CHECK: with WAKE-CHECK: one of the two sees what the other stored.
        core::sync::atomic::fence(core::sync::atomic::Ordering::SeqCst);
        everywhere()
    }
    #[cfg(loom)]
    {
        assert!(FENCING.get(), "a model whose endpoints sleep says so");
        // SLEEP-CHECK: as above.
        loom::sync::atomic::fence(loom::sync::atomic::Ordering::SeqCst);
        true
    }
}

/// As [`heavy`], where nobody else's core takes part.
pub(super) fn alone() -> bool {
    heavy();
    false
}

/// As [`heavy`], with a barrier between the two of every publisher in every process that [takes part](take_part_among_processes).
pub(super) fn heavy_among_processes() -> bool {
    heavy();
    processes::everywhere()
}

#[cfg(not(any(loom, shuttle)))]
pub(super) use processes::take_part as take_part_among_processes;

#[cfg(all(target_os = "linux", not(any(loom, shuttle))))]
mod registration;

#[cfg(all(target_os = "linux", not(any(loom, shuttle))))]
mod processes {
    use rustix::thread::{MembarrierCommand, membarrier};

    use super::registration::Registration;

    static GLOBAL: Registration = Registration::new(MembarrierCommand::RegisterGlobalExpedited);

    /// Has the barriers of other processes reach this one's threads, from here on; whether the kernel grants that.
    pub(in crate::wait) fn take_part() -> bool {
        GLOBAL.is_granted()
    }

    pub(super) fn everywhere() -> bool {
        membarrier(MembarrierCommand::GlobalExpedited).is_ok()
    }
}

#[cfg(not(all(target_os = "linux", not(any(loom, shuttle)))))]
mod processes {
    #[cfg(not(any(loom, shuttle)))]
    pub(in crate::wait) fn take_part() -> bool {
        false
    }

    pub(super) fn everywhere() -> bool {
        false
    }
}

#[cfg(all(target_os = "linux", not(any(loom, shuttle))))]
fn everywhere() -> bool {
    use registration::Registration;
    use rustix::thread::{MembarrierCommand, membarrier};

    static PRIVATE: Registration = Registration::new(MembarrierCommand::RegisterPrivateExpedited);

    PRIVATE.is_granted() && membarrier(MembarrierCommand::PrivateExpedited).is_ok()
}

#[cfg(not(any(target_os = "linux", loom, shuttle)))]
fn everywhere() -> bool {
    false
}

/// shuttle's threads share one core.
#[cfg(shuttle)]
fn everywhere() -> bool {
    true
}
