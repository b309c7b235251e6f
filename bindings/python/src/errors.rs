//! What went wrong, as the exceptions of `python/rusted_ring/errors.py`.

use std::{ops::Range, path::Path, time::Duration};

use pyo3::{exceptions::PyTypeError, intern, prelude::*, sync::PyOnceLock, types::PyString};
use rusted_ring_ffi::{
    status::{
        RUSTED_RING_BAD_ARGUMENT, RUSTED_RING_EMPTY, RUSTED_RING_FULL, RUSTED_RING_NO_MEMORY, RUSTED_RING_NOT_LENT,
        Status,
    },
    types,
};

use crate::{abi, ledger::Blocker};

/// The exception of a status that a call returned. To be called by the thread that made the call, before any other: the text is that
/// thread's.
#[cold]
pub(crate) fn of(py: Python<'_>, status: Status) -> PyErr {
    match status {
        RUSTED_RING_FULL => Full::last().raised(py, Duration::ZERO),
        RUSTED_RING_EMPTY => said(py, status, "no event came in the time given: try again, or give it more time"),
        _ => said(py, status, &abi::error_text()),
    }
}

/// As `of`, of a call about a file of this name.
#[cold]
pub(crate) fn of_file(py: Python<'_>, status: Status, name: &Path) -> PyErr {
    said_of_file(py, status, &abi::error_text(), name)
}

/// The same, with a text that was asked for before.
#[cold]
pub(crate) fn said_of_file(py: Python<'_>, status: Status, text: &str, name: &Path) -> PyErr {
    made(py, intern!(py, "of_file"), (status, text, name))
}

/// As `of`, of the wait set that a reader's first wait makes.
#[cold]
pub(crate) fn no_wait_set(py: Python<'_>, status: Status) -> PyErr {
    let text = format!("nothing was read, because a reader's first wait takes a handle: {}", abi::error_text());
    said(py, status, &text)
}

/// An error of a batch of which so many events went out before it, also one that a signal's handler raised, or who gave the events.
#[cold]
pub(crate) fn behind(py: Python<'_>, error: PyErr, sent: usize) -> PyErr {
    made(py, intern!(py, "behind"), (error, sent))
}

/// That an event could not be copied.
#[cold]
pub(crate) fn no_memory(py: Python<'_>) -> PyErr {
    said(py, RUSTED_RING_NO_MEMORY, "there is no memory to copy an event to: give smaller ones")
}

/// That an object that is open cannot be copied, nor pickled.
#[cold]
pub(crate) fn not_copied(of: &Bound<'_, PyAny>) -> PyErr {
    let name = match of.get_type().name() {
        Ok(name) => name,
        Err(error) => return error,
    };
    PyTypeError::new_err(format!(
        "cannot pickle or copy a {name}, which is open in this process: let the other process open the ring by its name, or give it what was read"
    ))
}

/// What the library says of the last call in this thread, which returned `RUSTED_RING_FULL`.
pub(crate) struct Full {
    text: String,
    blocker: Option<types::Blocker>,
}

impl Full {
    /// As `of`, to be called before any other call, and before Python runs code.
    #[cold]
    pub(crate) fn last() -> Self {
        Full { text: abi::error_text(), blocker: abi::last_blocker() }
    }

    /// The exception, after a wait of several calls.
    #[cold]
    pub(crate) fn raised(self, py: Python<'_>, waited: Duration) -> PyErr {
        let blocker = self
            .blocker
            .map(|blocker| types::Blocker { waited: u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX), ..blocker });
        let text = blocker.as_ref().map_or(self.text, abi::full_text);
        made(py, intern!(py, "full"), (text, blocker.map(Blocker::from)))
    }
}

/// That a Subscriber lost these sequences.
#[cold]
pub(crate) fn lagged(py: Python<'_>, lost: Range<u64>) -> PyErr {
    made(py, intern!(py, "lagged"), (lost.start, lost.end))
}

/// The exception of a status, with another text than the library's.
#[cold]
pub(crate) fn said(py: Python<'_>, status: Status, text: &str) -> PyErr {
    made(py, intern!(py, "of"), (status, text))
}

pub(crate) fn bad_argument(py: Python<'_>, text: &str) -> PyErr {
    said(py, RUSTED_RING_BAD_ARGUMENT, text)
}

/// That a batch has ended.
pub(crate) fn ended(py: Python<'_>) -> PyErr {
    said(py, RUSTED_RING_NOT_LENT, "this batch is not open: use it inside `with consumer.batch() as events`")
}

/// That a child of a fork uses what its parent opened.
#[cold]
pub(crate) fn forked(py: Python<'_>, name: &str) -> PyErr {
    made(py, intern!(py, "forked"), (name,))
}

/// Calls a function of `errors.py` that returns an exception.
fn made<'py>(py: Python<'py>, function: &Bound<'py, PyString>, arguments: impl pyo3::call::PyCallArgs<'py>) -> PyErr {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || py.import("rusted_ring.errors").map(Bound::unbind));
    let error = module.and_then(|module| module.bind(py).getattr(function)?.call1(arguments));
    error.map_or_else(|failed| failed, PyErr::from_value)
}
