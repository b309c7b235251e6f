//! Forks: a child uses none of the handles that it inherits.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use pyo3::{PyResult, exceptions::PyOSError};

/// How many forks lie between the process that loaded this and the one that runs.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// The generation of the process that runs.
#[inline]
pub(crate) fn generation() -> u32 {
    GENERATION.load(Relaxed)
}

extern "C" fn forked() {
    GENERATION.fetch_add(1, Relaxed);
}

/// Counts forks from now on, whoever makes them.
pub(crate) fn watch() -> PyResult<()> {
    // SAFETY: the function adds to an atomic, which a child may do, and is never unloaded: Python unloads no extension module.
    match unsafe { libc::pthread_atfork(None, None, Some(forked)) } {
        0 => Ok(()),
        error => Err(PyOSError::new_err((error, "forks cannot be noticed"))),
    }
}
