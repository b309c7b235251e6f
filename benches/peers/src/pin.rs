//! Which thread runs where.

use std::sync::OnceLock;

/// The cores that this process may use.
pub(crate) fn cores() -> &'static [core_affinity::CoreId] {
    static CORES: OnceLock<Vec<core_affinity::CoreId>> = OnceLock::new();
    CORES.get_or_init(|| core_affinity::get_core_ids().unwrap_or_default())
}

/// Puts this thread, the `index`th of its workload, on a core; with more threads than cores, they share.
pub(crate) fn pin(index: usize) {
    if !cores().is_empty() {
        core_affinity::set_for_current(cores()[index % cores().len()]);
    }
}

/// Whether this many threads must share cores.
pub(crate) fn is_crowded(threads: usize) -> bool {
    threads > cores().len()
}
