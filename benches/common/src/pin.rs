//! Which thread runs where.

use std::sync::OnceLock;

/// Asked once, and first of all: a thread that is pinned is told of its own core alone.
fn ids() -> &'static [core_affinity::CoreId] {
    static IDS: OnceLock<Vec<core_affinity::CoreId>> = OnceLock::new();
    IDS.get_or_init(|| core_affinity::get_core_ids().unwrap_or_default())
}

/// How many cores this process may use; 0 where the system does not tell.
pub fn cores() -> usize {
    ids().len()
}

/// Puts this thread, the `index`th of its workload, on a core; with more threads than cores, they share.
pub fn pin(index: usize) {
    if let Some(core) = index.checked_rem(cores()) {
        core_affinity::set_for_current(ids()[core]);
    }
}

/// Whether this many threads must share cores.
pub fn is_crowded(threads: usize) -> bool {
    threads > cores()
}
