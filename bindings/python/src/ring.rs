//! Rings.

use std::{
    ffi::CString,
    path::{Path, PathBuf},
    sync::Arc,
};

use pyo3::{intern, prelude::*, types::PyTuple};
use rusted_ring_ffi::{
    status::RUSTED_RING_MISMATCH,
    types::{
        self, RUSTED_RING_LOSSLESS, RUSTED_RING_NEVER_CLOSES, RUSTED_RING_NEWEST, RUSTED_RING_SHARED, RUSTED_RING_SOLE,
    },
};

use crate::{
    abi,
    count::count,
    errors,
    handle::Handle,
    ledger::{ReaderLine, RingStats},
    publisher::{Publisher, SolePublisher},
    reader::{Consumer, Endpoint, Reader, Subscriber},
    values::Values,
};

/// A ring of so many slots, for events of up to so many bytes, or for values of a dtype. Any threads may use it at once. It lives as long
/// as it or an endpoint is open.
#[pyclass(frozen, module = "rusted_ring")]
pub(crate) struct Ring {
    pub(crate) handle: Handle<types::Ring>,
    values: Option<Values>,
    shape: Shape,
}

/// What a ring is, which does not change.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) slot_bytes: usize,
    pub(crate) slots: u64,
    flags: u32,
}

impl Shape {
    /// What is read without a ring.
    pub(crate) fn of_events(event_bytes: usize) -> Self {
        Shape { slot_bytes: event_bytes, slots: 0, flags: 0 }
    }

    pub(crate) fn has(self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}

/// A name or path, as C wants it.
pub(crate) fn name(py: Python<'_>, name: &Path) -> PyResult<CString> {
    let wrong = || errors::bad_argument(py, "a name is UTF-8 and has no zero in it: give another");
    CString::new(name.to_str().ok_or_else(wrong)?).map_err(|_| wrong())
}

/// The name of a reader, as C wants it.
pub(crate) fn reader_name(py: Python<'_>, name: &str) -> PyResult<CString> {
    CString::new(name).map_err(|_| errors::bad_argument(py, "a name has no zero in it: give another"))
}

/// What a ring, or a cell, is made for: so many bytes, or a dtype.
pub(crate) fn event(event: &Bound<'_, PyAny>) -> PyResult<(usize, Option<Values>)> {
    if event.is_none() {
        let text = "an event, or a value, is to have a number of bytes, or a dtype, and None is neither: give one";
        return Err(errors::bad_argument(event.py(), text));
    }
    if event.hasattr(intern!(event.py(), "__index__"))? {
        return Ok((count(event)?, None));
    }
    let values = Values::of(event)?;
    Ok((values.bytes, Some(values)))
}

fn flags(of: [(bool, u32); 3]) -> u32 {
    of.into_iter().filter(|(is, _)| *is).fold(0, |flags, (_, flag)| flags | flag)
}

impl Ring {
    /// Of a handle that was just opened.
    pub(crate) fn opened(py: Python<'_>, raw: *mut types::Ring, values: Option<Values>) -> PyResult<Self> {
        let handle = Handle::of_many(raw);
        let stats = abi::ring_stats_of_new(raw).map_err(|status| errors::of(py, status))?;
        let shape = Shape { slot_bytes: stats.slot_bytes as usize, slots: stats.slots, flags: stats.flags };
        if let Some(values) = &values
            && values.bytes > shape.slot_bytes
        {
            let text = format!(
                "a value of {} has {} bytes, and an event of this ring up to {}: open it with the dtype of its events",
                values.dtype.bind(py),
                values.bytes,
                shape.slot_bytes
            );
            return Err(errors::said(py, RUSTED_RING_MISMATCH, &text));
        }
        Ok(Ring { handle, values, shape })
    }

    pub(crate) fn reader(&self, py: Python<'_>, raw: *mut types::Reader) -> Reader {
        let values = self.values.as_ref().map(|values| values.clone_ref(py));
        Reader::new(Arc::new(Endpoint::new(raw, self.shape)), values)
    }
}

#[pymethods]
impl Ring {
    /// Makes a ring in this process. `event` is the most bytes that an event has, or a dtype.
    ///
    /// A `sole` ring has one publisher at a time: it is faster, and has no holes. A `lossless` one is sole and has no Subscribers. One that
    /// `never_closes` stays open when its last publisher leaves.
    #[new]
    #[pyo3(signature = (event, slots, *, sole=false, lossless=false, never_closes=false))]
    fn new(
        py: Python<'_>,
        event: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = count)] slots: usize,
        sole: bool,
        lossless: bool,
        never_closes: bool,
    ) -> PyResult<Self> {
        let (slot_bytes, values) = self::event(event)?;
        let flags = flags([
            (sole || lossless, RUSTED_RING_SOLE),
            (lossless, RUSTED_RING_LOSSLESS),
            (never_closes, RUSTED_RING_NEVER_CLOSES),
        ]);
        let raw = abi::ring_new(slot_bytes, slots, flags).map_err(|status| errors::of(py, status))?;
        Ring::opened(py, raw, values)
    }

    /// Creates a ring between processes, in a file: `name` is that of a ring in /dev/shm, or a path, if there is a `/` in it. The file
    /// stays until `remove`.
    #[staticmethod]
    #[pyo3(signature = (name, event, slots, *, sole=false))]
    fn create(
        py: Python<'_>,
        name: PathBuf,
        event: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = count)] slots: usize,
        sole: bool,
    ) -> PyResult<Self> {
        let ((slot_bytes, values), path) = (self::event(event)?, self::name(py, &name)?);
        let flags = if sole { RUSTED_RING_SOLE } else { 0 };
        let raw =
            abi::ring_create(&path, slot_bytes, slots, flags).map_err(|status| errors::of_file(py, status, &name))?;
        Ring::opened(py, raw, values)
    }

    /// Opens a ring that a process of any language has created. Of the type of its events the file knows nothing: with a `dtype`, each is
    /// to be a value of that.
    #[staticmethod]
    #[pyo3(signature = (name, dtype=None))]
    fn open(py: Python<'_>, name: PathBuf, dtype: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let (values, path) = (dtype.map(Values::of).transpose()?, self::name(py, &name)?);
        let raw = abi::ring_open(&path).map_err(|status| errors::of_file(py, status, &name))?;
        Ring::opened(py, raw, values)
    }

    /// Looks at a ring between processes, of any kind: it has statistics and readers, and no endpoints. Nobody notices.
    #[staticmethod]
    fn observe(py: Python<'_>, name: PathBuf) -> PyResult<Self> {
        let raw = abi::ring_observe(&self::name(py, &name)?).map_err(|status| errors::of_file(py, status, &name))?;
        Ring::opened(py, raw, None)
    }

    /// Removes the file of a ring between processes; unless `even_in_use`, not while a process has it open.
    #[staticmethod]
    #[pyo3(signature = (name, *, even_in_use=false))]
    fn remove(py: Python<'_>, name: PathBuf, even_in_use: bool) -> PyResult<()> {
        abi::ring_remove(&self::name(py, &name)?, even_in_use).map_err(|status| errors::of_file(py, status, &name))
    }

    /// Joins as a publisher: a SolePublisher, if the ring is sole.
    fn publisher(&self, py: Python<'_>) -> PyResult<Py<Publisher>> {
        let ring = self.handle.enter(py)?;
        let raw = abi::publisher_join(&ring).map_err(|status| errors::of(py, status))?;
        let values = self.values.as_ref().map(|values| values.clone_ref(py));
        if !self.shape.has(RUSTED_RING_SOLE) {
            return Py::new(py, Publisher::new(Handle::of_many(raw), values));
        }
        let publisher = Publisher::new(Handle::of_one(raw), values);
        let sole = Bound::new(py, PyClassInitializer::from(publisher).add_subclass(SolePublisher))?;
        Ok(sole.into_super().unbind())
    }

    /// Joins as a Subscriber, which is never waited for, and is told what it lost. `name` is shown in the ledger, cut to 24 bytes; `start`
    /// is a sequence, NEWEST or OLDEST.
    #[pyo3(signature = (name="", start=RUSTED_RING_NEWEST))]
    fn subscribe(&self, py: Python<'_>, name: &str, start: u64) -> PyResult<Py<Subscriber>> {
        let (ring, name) = (self.handle.enter(py)?, reader_name(py, name)?);
        let raw = abi::subscribe(&ring, &name, start).map_err(|status| errors::of(py, status))?;
        Py::new(py, PyClassInitializer::from(self.reader(py, raw)).add_subclass(Subscriber))
    }

    /// Joins as a Consumer, which loses nothing: publishers wait for it until it is closed, or its process ends. Otherwise as `subscribe`.
    #[pyo3(signature = (name="", start=RUSTED_RING_NEWEST))]
    fn consume(&self, py: Python<'_>, name: &str, start: u64) -> PyResult<Py<Consumer>> {
        let (ring, name) = (self.handle.enter(py)?, reader_name(py, name)?);
        let raw = abi::consume(&ring, &name, start).map_err(|status| errors::of(py, status))?;
        Py::new(py, PyClassInitializer::from(self.reader(py, raw)).add_subclass(Consumer))
    }

    /// What the ring is, and how it is. Looks at every slot.
    fn stats(&self, py: Python<'_>) -> PyResult<RingStats> {
        let ring = self.handle.enter(py)?;
        Ok(abi::ring_stats(&ring).map_err(|status| errors::of(py, status))?.into())
    }

    /// The lines of the ring's ledger. Each balances by itself.
    fn readers(&self, py: Python<'_>) -> PyResult<Vec<ReaderLine>> {
        let ring = self.handle.enter(py)?;
        let lines = abi::ring_readers(&ring).map_err(|status| errors::of(py, status))?;
        Ok(lines.into_iter().map(ReaderLine::from).collect())
    }

    /// The type of its events; None, if they are bytes.
    #[getter]
    fn dtype(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.values.as_ref().map(|values| values.dtype.clone_ref(py))
    }

    /// Bytes that an event has at most.
    #[getter]
    fn slot_bytes(&self) -> usize {
        self.shape.slot_bytes
    }

    /// Closes it. Endpoints keep the ring. A second time it does nothing.
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

    fn __repr__(&self, py: Python<'_>) -> String {
        let kind = if self.shape.has(RUSTED_RING_SHARED) { ", shared" } else { "" };
        let of = self.values.as_ref().map(|values| format!(" of {}", values.dtype.bind(py))).unwrap_or_default();
        format!("<rusted_ring.Ring: {} slots of {} bytes{of}{kind}>", self.shape.slots, self.shape.slot_bytes)
    }

    fn __reduce_ex__(this: &Bound<'_, Self>, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(errors::not_copied(this))
    }
}
