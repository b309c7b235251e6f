//! Which thread runs where.

use std::sync::OnceLock;

/// The cores that this process may use.
pub(crate) fn cores() -> &'static [core_affinity::CoreId] {
    static CORES: OnceLock<Vec<core_affinity::CoreId>> = OnceLock::new();
    CORES.get_or_init(|| core_affinity::get_core_ids().unwrap_or_default())
}

/// Whether this many threads have a core each; where they do not, the system shares the cores out and none is pinned.
pub(crate) fn has_room_for(threads: usize) -> bool {
    threads <= cores().len()
}

/// Puts this thread, the `index`th of its workload, on a core of its own, if threads are pinned.
pub(crate) fn pin(index: usize, pinned: bool) {
    if let (true, Some(core)) = (pinned, cores().get(index)) {
        core_affinity::set_for_current(*core);
    }
}
