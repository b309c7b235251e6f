//! Latest-value cells: what the value of a key is now.

use pyo3::{
    intern,
    prelude::*,
    types::{PyBytes, PyTuple},
};
use rusted_ring_ffi::{status::RUSTED_RING_EMPTY, types};

use crate::{
    abi, bytes,
    count::count,
    errors,
    handle::Handle,
    ring,
    values::{Values, numpy},
};

/// Cells in this process, one for each of `keys` keys, for up to `readers` readers at a time. A value is so many bytes, up to 4,096, or one
/// of a dtype. Any threads may use it at once.
#[pyclass(frozen, module = "rusted_ring")]
pub(crate) struct Latest {
    handle: Handle<types::Latest>,
    values: Option<Values>,
    value_bytes: usize,
}

/// Updates cells. One thread at a time may use it, and another is told Busy.
#[pyclass(frozen, module = "rusted_ring")]
pub(crate) struct LatestWriter {
    handle: Handle<types::LatestWriter>,
    values: Option<Values>,
}

/// Reads cells. One thread at a time may use it, and another is told Busy.
#[pyclass(frozen, module = "rusted_ring")]
pub(crate) struct LatestReader {
    handle: Handle<types::LatestReader>,
    values: Option<Values>,
    value_bytes: usize,
}

#[pymethods]
impl Latest {
    /// Makes cells. `value` is the bytes that each value has, or a dtype.
    #[new]
    fn new(
        py: Python<'_>,
        value: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = count)] keys: usize,
        #[pyo3(from_py_with = count)] readers: usize,
    ) -> PyResult<Self> {
        let (value_bytes, values) = ring::event(value)?;
        let raw = abi::latest_new(value_bytes, keys, readers).map_err(|status| errors::of(py, status))?;
        Ok(Latest { handle: Handle::of_many(raw), values, value_bytes })
    }

    /// Joins as the writer, of which there is one at a time.
    fn writer(&self, py: Python<'_>) -> PyResult<LatestWriter> {
        let latest = self.handle.enter(py)?;
        let raw = abi::latest_writer(&latest).map_err(|status| errors::of(py, status))?;
        let values = self.values.as_ref().map(|values| values.clone_ref(py));
        Ok(LatestWriter { handle: Handle::of_one(raw), values })
    }

    /// Joins as a reader.
    fn reader(&self, py: Python<'_>) -> PyResult<LatestReader> {
        let latest = self.handle.enter(py)?;
        let raw = abi::latest_reader(&latest).map_err(|status| errors::of(py, status))?;
        let values = self.values.as_ref().map(|values| values.clone_ref(py));
        Ok(LatestReader { handle: Handle::of_one(raw), values, value_bytes: self.value_bytes })
    }

    /// Closes it. Its writer and readers keep the cells. A second time it does nothing.
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

#[pymethods]
impl LatestWriter {
    /// Updates the value of a key, and returns the update's number. Wait-free.
    fn update(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = count)] key: usize,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<u64> {
        let value = match &self.values {
            Some(values) => values.to_send(value)?,
            None => value.clone(),
        };
        let writer = self.handle.enter(py)?;
        bytes::with(&value, |value| abi::latest_update(&writer, key, value))?.map_err(|status| errors::of(py, status))
    }

    /// Closes it. A second time it does nothing.
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

#[pymethods]
impl LatestReader {
    /// The version and the value of a key, if it is newer than a version; with 0, if there is one at all. None, if there is none.
    /// Wait-free.
    #[pyo3(signature = (key, newer_than=0))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        #[pyo3(from_py_with = count)] key: usize,
        newer_than: u64,
    ) -> PyResult<Option<(u64, Bound<'py, PyAny>)>> {
        let reader = self.handle.enter(py)?;
        let mut value = vec![0; self.value_bytes];
        let version = match abi::latest_get(&reader, key, newer_than, &mut value) {
            Ok(version) => version,
            Err(RUSTED_RING_EMPTY) => return Ok(None),
            Err(status) => return Err(errors::of(py, status)),
        };
        let value = PyBytes::new(py, &value).into_any();
        match &self.values {
            None => Ok(Some((version, value))),
            Some(values) => {
                Ok(Some((version, numpy(py, intern!(py, "frombuffer"))?.call1((value, &values.dtype))?.get_item(0)?)))
            }
        }
    }

    /// Closes it. A second time it does nothing.
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
