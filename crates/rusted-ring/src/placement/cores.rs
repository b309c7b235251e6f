//! The cores that this process may use, and pinning threads to them.

use std::{io, vec::Vec};

/// Pins the calling thread to `core`, by the system's number. Linux only.
///
/// # Errors
///
/// If this process may not use the core, or there is none of this number. On other systems always, with
/// [`Unsupported`](io::ErrorKind::Unsupported).
pub fn pin_thread(core: usize) -> io::Result<()> {
    pin(core).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => io::Error::new(
            io::ErrorKind::InvalidInput,
            std::format!("this process may not use core {core}: choose one of its cores, {:?}", usable()),
        ),
        _ => error,
    })
}

/// The cores that this process may use, which a control group may have cut; none where the system does not say.
#[cfg(target_os = "linux")]
pub(super) fn usable() -> Vec<usize> {
    use rustix::thread::{CpuSet, sched_getaffinity};
    let Ok(set) = sched_getaffinity(None) else { return Vec::new() };
    (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect()
}

/// Whether this process can pin its threads to `core`.
#[cfg(target_os = "linux")]
pub(crate) fn is_usable(core: usize) -> bool {
    use rustix::thread::{CpuSet, sched_getaffinity};
    core < CpuSet::MAX_CPU && sched_getaffinity(None).is_ok_and(|allowed| allowed.is_set(core))
}

/// Pins the calling thread to `core`.
#[cfg(target_os = "linux")]
pub(crate) fn pin(core: usize) -> io::Result<()> {
    use rustix::thread::{CpuSet, sched_setaffinity};
    if core >= CpuSet::MAX_CPU {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut cores = CpuSet::new();
    cores.set(core);
    Ok(sched_setaffinity(None, &cores)?)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn usable() -> Vec<usize> {
    Vec::new()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_usable(_core: usize) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn pin(_core: usize) -> io::Result<()> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "threads are pinned to cores on Linux only: leave the placement out",
    ))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_pinned_to_cores_of_its_process_alone() {
        std::thread::spawn(|| {
            let all = usable();
            assert!(!all.is_empty() && all.iter().all(|core| is_usable(*core)));
            let last = all[all.len() - 1];
            pin_thread(last).unwrap();
            assert_eq!(usable(), [last]);
            for core in [usize::MAX, 1023] {
                let refused = pin_thread(core).unwrap_err();
                assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
                assert!(refused.to_string().contains(&std::format!("may not use core {core}")), "{refused}");
            }
        })
        .join()
        .unwrap();
    }
}
