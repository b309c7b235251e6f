//! What went wrong, as the exceptions of `python/rusted_ring/errors.py`.

use std::{ops::Range, time::Duration};

use pyo3::{intern, prelude::*, sync::PyOnceLock, types::PyString};
use rusted_ring_ffi::{
    status::{RUSTED_RING_BAD_ARGUMENT, RUSTED_RING_EMPTY, RUSTED_RING_FULL, RUSTED_RING_NOT_LENT, Status},
    types,
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

    /// The exception, behind so many events that went out, and after a wait of several calls.
    #[cold]
    pub(crate) fn raised(self, py: Python<'_>, sent: usize, waited: Duration) -> PyErr {
        let said = |waited: Duration| format!("no room came in {waited:.1?}");
        let text = match &self.blocker {
            Some(blocker) => self.text.replacen(&said(Duration::from_nanos(blocker.waited)), &said(waited), 1),
            None => self.text,
        };
        made(py, intern!(py, "full"), (text, self.blocker.map(|blocker| Blocker::of(blocker, waited)), sent))
    }
}

/// `RUSTED_RING_FULL` of a call that did not wait, behind so many events that went out.
#[cold]
pub(crate) fn full(py: Python<'_>, sent: usize) -> PyErr {
    Full::last().raised(py, sent, Duration::ZERO)
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
