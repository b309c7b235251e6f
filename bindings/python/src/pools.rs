//! Sets of five pools, one for each size of event.

use std::path::PathBuf;

use pyo3::{prelude::*, types::PyTuple};
use rusted_ring_ffi::{
    status::Status,
    types::{self, Capacities, RUSTED_RING_MOBILE, RUSTED_RING_PRODUCTION, RUSTED_RING_SERVER},
};

use crate::{
    abi, bytes,
    count::count,
    errors,
    handle::Handle,
    ledger::PoolStats,
    publisher::in_groups,
    ring::{self, Ring},
    values::Values,
};

/// Five rings, for events of up to 64, 256, 1,024, 4,096 and 16,384 bytes, which never close. Any threads may use it at once.
#[pyclass(frozen, module = "rusted_ring")]
pub(crate) struct Pools {
    handle: Handle<types::Pools>,
}

impl Pools {
    /// Of a call that opens a set.
    fn opened(raw: Result<*mut types::Pools, Status>, error: impl FnOnce(Status) -> PyErr) -> PyResult<Self> {
        Ok(Pools { handle: Handle::of_many(raw.map_err(error)?) })
    }
}

#[pymethods]
impl Pools {
    /// Makes a set in this process, with so many slots in each pool.
    #[new]
    #[pyo3(signature = (*, xs, s, m, l, xl))]
    fn new(
        py: Python<'_>,
        #[pyo3(from_py_with = count)] xs: usize,
        #[pyo3(from_py_with = count)] s: usize,
        #[pyo3(from_py_with = count)] m: usize,
        #[pyo3(from_py_with = count)] l: usize,
        #[pyo3(from_py_with = count)] xl: usize,
    ) -> PyResult<Self> {
        Self::opened(abi::pools_new(&Capacities { xs, s, m, l, xl }), |status| errors::of(py, status))
    }

    /// This process's set for mobile devices: 500, 250, 100, 20 and 5 slots.
    #[staticmethod]
    fn mobile(py: Python<'_>) -> PyResult<Self> {
        Self::opened(abi::pools_static(RUSTED_RING_MOBILE), |status| errors::of(py, status))
    }

    /// This process's set for production: 2000, 1000, 300, 60 and 15 slots.
    #[staticmethod]
    fn production(py: Python<'_>) -> PyResult<Self> {
        Self::opened(abi::pools_static(RUSTED_RING_PRODUCTION), |status| errors::of(py, status))
    }

    /// This process's set for servers: 4000, 2000, 600, 120 and 30 slots.
    #[staticmethod]
    fn server(py: Python<'_>) -> PyResult<Self> {
        Self::opened(abi::pools_static(RUSTED_RING_SERVER), |status| errors::of(py, status))
    }

    /// Creates a set between processes, in five files whose names end in .xs to .xl: `name` is as in `Ring.create`.
    #[staticmethod]
    #[pyo3(signature = (name, *, xs, s, m, l, xl))]
    fn create(
        py: Python<'_>,
        name: PathBuf,
        #[pyo3(from_py_with = count)] xs: usize,
        #[pyo3(from_py_with = count)] s: usize,
        #[pyo3(from_py_with = count)] m: usize,
        #[pyo3(from_py_with = count)] l: usize,
        #[pyo3(from_py_with = count)] xl: usize,
    ) -> PyResult<Self> {
        let raw = abi::pools_create(&ring::name(py, &name)?, &Capacities { xs, s, m, l, xl });
        Self::opened(raw, |status| errors::of_file(py, status, &name))
    }

    /// Opens a set that a process of any language has created.
    #[staticmethod]
    fn open(py: Python<'_>, name: PathBuf) -> PyResult<Self> {
        let raw = abi::pools_open(&ring::name(py, &name)?);
        Self::opened(raw, |status| errors::of_file(py, status, &name))
    }

    /// Removes the files of a set; unless `even_in_use`, not while a process has one of them open.
    #[staticmethod]
    #[pyo3(signature = (name, *, even_in_use=false))]
    fn remove(py: Python<'_>, name: PathBuf, even_in_use: bool) -> PyResult<()> {
        abi::pools_remove(&ring::name(py, &name)?, even_in_use).map_err(|status| errors::of_file(py, status, &name))
    }

    /// Publishes a copy of bytes in the smallest pool that holds them, and returns the pool and the sequence there. It never waits: if a
    /// Consumer is in the way, it raises Full.
    #[pyo3(signature = (data, event_type=0))]
    fn emit(&self, py: Python<'_>, data: &Bound<'_, PyAny>, event_type: u32) -> PyResult<(u32, u64)> {
        let pools = self.handle.enter(py)?;
        bytes::with(data, |event| abi::emit(&pools, event, event_type))?.map_err(|status| errors::of(py, status))
    }

    /// Emits several events of one type, each as `emit` does, in order, and returns how many: all. The first that is refused raises, and every
    /// error, once events began to go out, has `sent`: how many did. They are taken in groups, as `publish_batch` takes them.
    #[pyo3(signature = (events, event_type=0))]
    fn emit_batch(&self, py: Python<'_>, events: &Bound<'_, PyAny>, event_type: u32) -> PyResult<usize> {
        in_groups(events, event_type, |group, sent| {
            let (emitted, outcome) = abi::emit_batch(&self.handle.enter(py)?, group);
            *sent += emitted;
            outcome.map_err(|status| errors::of(py, status))
        })
    }

    /// The ring of one pool, XS to XL, to be joined as any other; with a `dtype`, each of its events is to be a value of that.
    #[pyo3(signature = (pool, dtype=None))]
    fn ring(&self, py: Python<'_>, pool: u32, dtype: Option<&Bound<'_, PyAny>>) -> PyResult<Ring> {
        let values = dtype.map(Values::of).transpose()?;
        let pools = self.handle.enter(py)?;
        Ring::opened(py, abi::pools_ring(&pools, pool).map_err(|status| errors::of(py, status))?, values)
    }

    /// How full the five pools are, smallest slots first.
    fn stats(&self, py: Python<'_>) -> PyResult<Vec<PoolStats>> {
        let pools = self.handle.enter(py)?;
        let stats = abi::pools_stats(&pools).map_err(|status| errors::of(py, status))?;
        Ok(stats.into_iter().map(PoolStats::from).collect())
    }

    /// Closes it. Rings keep their pools. A second time it does nothing.
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
