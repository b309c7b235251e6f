//! Pinning threads to cores.

/// Returns whether this process can pin its threads to `core`.
#[cfg(target_os = "linux")]
pub(super) fn is_possible(core: usize) -> bool {
    use rustix::thread::{CpuSet, sched_getaffinity};
    core < CpuSet::MAX_CPU && sched_getaffinity(None).is_ok_and(|allowed| allowed.is_set(core))
}

/// Pins the calling thread to `core`. If the system refuses nevertheless, the thread runs on any core.
#[cfg(target_os = "linux")]
pub(super) fn pin(core: usize) {
    use rustix::thread::{CpuSet, sched_setaffinity};
    let mut cores = CpuSet::new();
    cores.set(core);
    let _ = sched_setaffinity(None, &cores);
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_possible(_core: usize) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
pub(super) fn pin(_core: usize) {}
