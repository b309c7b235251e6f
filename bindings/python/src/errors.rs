//! What went wrong, as the exceptions of `python/rusted_ring/errors.py`.

use std::ops::Range;

use pyo3::{intern, prelude::*, sync::PyOnceLock, types::PyString};
use rusted_ring_ffi::status::{
    RUSTED_RING_BAD_ARGUMENT, RUSTED_RING_EMPTY, RUSTED_RING_FULL, RUSTED_RING_NOT_LENT, Status,
};

use crate::{abi, ledger::Blocker};

/// The exception of a status that a call returned. To be called by the thread that made the call, before any other: the text is that
/// thread's.
#[cold]
pub(crate) fn of(py: Python<'_>, status: Status) -> PyErr {
    match status {
        RUSTED_RING_FULL => full(py, 0),
        RUSTED_RING_EMPTY => said(py, status, "no event came in the time given: try again, or give it more time"),
        _ => said(py, status, &abi::error_text()),
    }
}

/// `RUSTED_RING_FULL`, behind so many events that went out.
#[cold]
pub(crate) fn full(py: Python<'_>, sent: usize) -> PyErr {
    let text = abi::error_text();
    let blocker = abi::last_blocker().map(Blocker::from);
    made(py, intern!(py, "full"), (text, blocker, sent))
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
