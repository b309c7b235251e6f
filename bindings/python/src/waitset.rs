//! Wait sets: several readers at once.

use pyo3::{prelude::*, types::PyTuple};
use rusted_ring_ffi::{status::RUSTED_RING_EMPTY, types};

use crate::{
    abi, errors,
    handle::{Entered, Handle},
    patience::Patience,
    reader::Reader,
};

/// Waits for several readers, on rings of any kinds. It has no members of its own: each wait is given its readers. One thread at a time may
/// use it, and another is told Busy.
#[pyclass(frozen, module = "rusted_ring")]
pub(crate) struct WaitSet {
    handle: Handle<types::WaitSet>,
}

#[pymethods]
impl WaitSet {
    #[new]
    fn new(py: Python<'_>) -> PyResult<Self> {
        let raw = abi::wait_set_new().map_err(|status| errors::of(py, status))?;
        Ok(WaitSet { handle: Handle::of_one(raw) })
    }

    /// Waits until one of the readers is ready, and returns that one: its next read would not raise Empty. When the time is over it raises
    /// Empty.
    ///
    /// The reader of a closed ring stays ready: leave it out. As long as the readers stay the same, in the same order, each that is ready
    /// has its turn. To other threads
    /// they are busy meanwhile.
    #[pyo3(signature = (readers, timeout=None))]
    fn wait(&self, py: Python<'_>, readers: Vec<Py<Reader>>, timeout: Option<f64>) -> PyResult<Py<Reader>> {
        let set = self.handle.enter(py)?;
        let entered = readers.iter().map(|reader| reader.get().endpoint.handle.enter(py));
        let entered: Vec<Entered<'_, _>> = entered.collect::<PyResult<_>>()?;
        let patience = Patience::new(py, timeout)?;
        if let Some(reader) = readers.iter().find(|reader| reader.get().endpoint.kept.sequences().is_some()) {
            return Ok(reader.clone_ref(py));
        }
        let mut found = abi::wait(&set, &entered, 0);
        while let (Err(RUSTED_RING_EMPTY), Some(slice)) = (found, patience.slice()) {
            py.check_signals()?;
            found = py.detach(|| abi::wait(&set, &entered, slice));
        }
        found.map(|index| readers[index].clone_ref(py)).map_err(|status| errors::of(py, status))
    }

    /// Closes it. A second time it does nothing; while another thread waits by it, it raises Busy.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.handle.close(py)
    }

    fn __enter__(this: Py<Self>) -> Py<Self> {
        this
    }

    #[pyo3(signature = (*error))]
    fn __exit__(&self, py: Python<'_>, error: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.handle.exit(py, error)
    }

    fn __reduce_ex__(this: &Bound<'_, Self>, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(errors::not_copied(this))
    }
}
