//! Readers: Subscribers, and Consumers.

use std::sync::{Arc, OnceLock};

use pyo3::{
    intern,
    prelude::*,
    types::{PyBytes, PyTuple},
};
use rusted_ring_ffi::{
    status::{RUSTED_RING_CLOSED, RUSTED_RING_EMPTY, RUSTED_RING_LAGGED, RUSTED_RING_MISMATCH, Status},
    types,
};

use crate::{
    abi::{self, COPIED, Head},
    batch::Batch,
    bytes,
    count::count,
    errors,
    handle::{Entered, Handle},
    kept::Kept,
    ledger::{ReaderLine, Restored, restored},
    patience::Patience,
    ring::Shape,
    values::Values,
};

/// An event that was received: a copy.
#[pyclass(frozen, get_all, module = "rusted_ring")]
pub(crate) struct Event {
    /// Its number on the ring, counted from 0 and never reused.
    sequence: u64,
    /// What it means, to its users.
    event_type: u32,
    /// Its bytes.
    data: Py<PyBytes>,
}

impl Event {
    pub(crate) fn new(py: Python<'_>, head: &Head, bytes: &[u8]) -> Self {
        Event { sequence: head.sequence, event_type: head.event_type, data: PyBytes::new(py, bytes).unbind() }
    }
}

#[pymethods]
impl Event {
    #[new]
    #[pyo3(signature = (*, sequence, event_type, data))]
    fn of(sequence: u64, event_type: u32, data: Py<PyBytes>) -> Self {
        Event { sequence, event_type, data }
    }

    fn __eq__(&self, other: &Self, py: Python<'_>) -> bool {
        (self.sequence, self.event_type, self.data.as_bytes(py))
            == (other.sequence, other.event_type, other.data.as_bytes(py))
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        (self.sequence, self.event_type, self.data.clone_ref(py)).into_pyobject(py)?.hash()
    }

    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<Restored<'py>> {
        restored(this, &["sequence", "event_type", "data"])
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let data = self.data.bind(py).repr()?;
        Ok(format!("Event(sequence={}, event_type={}, data={data})", self.sequence, self.event_type))
    }
}

/// Of a reader, what its views keep too.
pub(crate) struct Endpoint {
    pub(crate) handle: Handle<types::Reader>,
    /// By which it waits.
    wait_set: OnceLock<Handle<types::WaitSet>>,
    pub(crate) kept: Kept,
    pub(crate) shape: Shape,
}

impl Endpoint {
    /// Of a handle that was just opened.
    pub(crate) fn new(raw: *mut types::Reader, shape: Shape) -> Self {
        Endpoint { handle: Handle::of_one(raw), wait_set: OnceLock::new(), kept: Kept::default(), shape }
    }

    /// Copies the next event, one that was kept first, to a place for the longest.
    fn try_read(&self, reader: &Entered<'_, types::Reader>, place: &mut [u8]) -> Result<Head, Status> {
        match self.kept.take(place, self.shape.slot_bytes).pop() {
            Some(head) => Ok(head),
            None => abi::try_read(reader, place),
        }
    }

    /// Copies the events that are kept, or else those that are ready, to places for the longest, as many as there are.
    fn try_read_batch(&self, reader: &Entered<'_, types::Reader>, places: &mut [u8]) -> Result<Vec<Head>, Status> {
        let kept = self.kept.take(places, self.shape.slot_bytes);
        if kept.is_empty() { abi::try_read_batch(reader, places, self.shape.slot_bytes) } else { Ok(kept) }
    }

    /// Tries until something comes of it, waiting for an event in between, or the time is over. To others the reader is busy meanwhile.
    ///
    /// Only `attempt` touches memory of Python's, and it has the interpreter; the wait has neither.
    pub(crate) fn when_ready<T>(
        &self,
        py: Python<'_>,
        timeout: Option<f64>,
        mut attempt: impl FnMut(&Entered<'_, types::Reader>) -> Result<T, Status>,
    ) -> PyResult<(T, Entered<'_, types::Reader>)> {
        let mut reader = [self.handle.enter(py)?];
        let patience = Patience::new(py, timeout)?;
        loop {
            match attempt(&reader[0]) {
                Ok(done) => {
                    let [reader] = reader;
                    return Ok((done, reader));
                }
                Err(RUSTED_RING_EMPTY) => reader = self.wait(py, reader, &patience)?,
                Err(RUSTED_RING_LAGGED) => {
                    let lost = abi::loss(&reader[0]).map_err(|status| errors::of(py, status))?;
                    return Err(errors::lagged(py, lost));
                }
                Err(status) => return Err(errors::of(py, status)),
            }
        }
    }

    fn wait<'e>(
        &self,
        py: Python<'_>,
        reader: [Entered<'e, types::Reader>; 1],
        patience: &Patience,
    ) -> PyResult<[Entered<'e, types::Reader>; 1]> {
        if patience.slice().is_none() {
            return Err(errors::of(py, RUSTED_RING_EMPTY));
        }
        let set = match self.wait_set.get() {
            Some(set) => set,
            None => {
                let raw = abi::wait_set_new().map_err(|status| errors::no_wait_set(py, status))?;
                self.wait_set.get_or_init(|| Handle::of_one(raw))
            }
        };
        let set = set.enter(py)?;
        while let Some(slice) = patience.slice() {
            match py.detach(|| abi::wait(&set, &reader, slice)) {
                Ok(_) => return Ok(reader),
                Err(RUSTED_RING_EMPTY) => py.check_signals()?,
                Err(status) => return Err(errors::of(py, status)),
            }
        }
        Err(errors::of(py, RUSTED_RING_EMPTY))
    }
}

/// Reads a ring. One thread at a time may use it, and another is told Busy.
#[pyclass(frozen, subclass, module = "rusted_ring")]
pub(crate) struct Reader {
    pub(crate) endpoint: Arc<Endpoint>,
    values: Option<Values>,
}

/// A reader that is never waited for, and is told what it lost: a read then raises Lagged, and the next one goes on behind the loss.
#[pyclass(frozen, extends = Reader, module = "rusted_ring")]
pub(crate) struct Subscriber;

/// A reader that loses nothing: publishers wait for it.
#[pyclass(frozen, extends = Reader, module = "rusted_ring")]
pub(crate) struct Consumer;

impl Reader {
    pub(crate) fn new(endpoint: Arc<Endpoint>, values: Option<Values>) -> Self {
        Reader { endpoint, values }
    }

    /// How many events a call copies at once, if so many are wanted.
    fn at_once(&self, most: usize) -> usize {
        most.min((COPIED / self.endpoint.shape.slot_bytes).max(1))
    }
}

/// Refuses to read nothing.
pub(crate) fn check_most(py: Python<'_>, most: usize) -> PyResult<()> {
    if most > 0 { Ok(()) } else { Err(errors::bad_argument(py, "`most` is 0: ask for at least one event")) }
}

/// That an event is no value of the type that was wanted.
pub(crate) fn no_value(py: Python<'_>, head: &Head, values: &Values) -> PyErr {
    let text = format!(
        "event {} has {} bytes, and a value of {} has {}: read it as bytes, or as another type",
        head.sequence,
        head.len,
        values.dtype.bind(py),
        values.bytes
    );
    errors::said(py, RUSTED_RING_MISMATCH, &text)
}

#[pymethods]
impl Reader {
    /// Reads the next event, once there is one. With a `timeout` of 0 it does not wait; when the time is over it raises Empty.
    #[pyo3(signature = (timeout=None))]
    fn read(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Event> {
        let mut place = vec![0; self.endpoint.shape.slot_bytes];
        let (head, _reader) =
            self.endpoint.when_ready(py, timeout, |reader| self.endpoint.try_read(reader, &mut place))?;
        Ok(Event::new(py, &head, &place[..head.len]))
    }

    /// Reads the events that are ready, up to `most` and up to a mebibyte, as a list; waits for the first as `read` does.
    #[pyo3(signature = (most=256, timeout=None))]
    fn read_batch(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = count)] most: usize,
        timeout: Option<f64>,
    ) -> PyResult<Vec<Event>> {
        check_most(py, most)?;
        let stride = self.endpoint.shape.slot_bytes;
        let mut places = vec![0; self.at_once(most) * stride];
        let read = |reader: &Entered<'_, _>| self.endpoint.try_read_batch(reader, &mut places);
        let (heads, _reader) = self.endpoint.when_ready(py, timeout, read)?;
        Ok(heads
            .iter()
            .zip(places.chunks(stride))
            .map(|(head, place)| Event::new(py, head, &place[..head.len]))
            .collect())
    }

    /// Copies values that are ready to an array of the ring's dtype, as many as it has room for, and returns how many; waits for the first
    /// as `read` does.
    ///
    /// It ends before an event of another size. If that is the first, it is left out, and raises Mismatch.
    #[pyo3(signature = (array, timeout=None))]
    fn receive_into(&self, py: Python<'_>, array: &Bound<'_, PyAny>, timeout: Option<f64>) -> PyResult<usize> {
        let of = Values::wanted(py, &self.values)?;
        let mut room = bytes::Room::of(&of.to_fill(array)?)?;
        let stride = self.endpoint.shape.slot_bytes;
        let mut places = vec![0; self.at_once(room.len() / of.bytes) * stride];
        let read = |reader: &Entered<'_, _>| self.endpoint.try_read_batch(reader, &mut places);
        let (heads, _reader) = self.endpoint.when_ready(py, timeout, read)?;
        let count = heads.iter().position(|head| head.len != of.bytes).unwrap_or(heads.len());
        // Behind values, or behind an event that is left out.
        let behind = count.max(1);
        self.endpoint.kept.keep(&heads[behind..], &places[behind * stride..], stride);
        if count == 0 {
            return Err(no_value(py, &heads[0], of));
        }
        room.write(py, |room| {
            for (value, place) in room.chunks_exact_mut(of.bytes).zip(places.chunks(stride)).take(count) {
                value.copy_from_slice(&place[..of.bytes]);
            }
        });
        Ok(count)
    }

    /// Copies values that are ready, up to `most`, to a new array of the ring's dtype; otherwise as `receive_into`.
    #[pyo3(signature = (most=256, timeout=None))]
    fn receive<'py>(
        &self,
        py: Python<'py>,
        #[pyo3(from_py_with = count)] most: usize,
        timeout: Option<f64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        check_most(py, most)?;
        let array = Values::wanted(py, &self.values)?.room(py, self.at_once(most))?;
        let count = self.receive_into(py, &array, timeout)?;
        array.get_item(pyo3::types::PySlice::new(py, 0, count as isize, 1))
    }

    /// What this reader has received and lost, as it knows it itself: without its name.
    fn stats(&self, py: Python<'_>) -> PyResult<ReaderLine> {
        let reader = self.endpoint.handle.enter(py)?;
        Ok(abi::reader_stats(&reader).map_err(|status| errors::of(py, status))?.into())
    }

    /// The type of the ring's events; None, if they are bytes.
    #[getter]
    fn dtype(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.values.as_ref().map(|values| values.dtype.clone_ref(py))
    }

    /// Closes it. A second time it does nothing; while another thread reads by it, it raises Busy. If a view of a batch is alive, it closes
    /// when that has gone.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.endpoint.handle.close(py)
    }

    /// Goes over the events, until the ring is closed. A loss is raised; a new iteration goes on behind it.
    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        let mut place = vec![0; self.endpoint.shape.slot_bytes];
        let read = |reader: &Entered<'_, _>| match self.endpoint.try_read(reader, &mut place) {
            Err(RUSTED_RING_CLOSED) => Ok(None),
            read => read.map(Some),
        };
        let (head, _reader) = self.endpoint.when_ready(py, None, read)?;
        Ok(head.map(|head| Event::new(py, &head, &place[..head.len])))
    }

    /// Goes over the events as `__iter__` does, and waits in a thread of its own.
    fn __aiter__<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = this.py();
        py.import(intern!(py, "rusted_ring._asynchronous"))?.getattr(intern!(py, "Events"))?.call1((this,))
    }

    fn __enter__(this: Py<Self>) -> Py<Self> {
        this
    }

    #[pyo3(signature = (*error))]
    fn __exit__(&self, py: Python<'_>, error: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.endpoint.handle.exit(py, error)
    }

    fn __reduce_ex__(this: &Bound<'_, Self>, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(errors::not_copied(this))
    }
}

#[pymethods]
impl Consumer {
    /// Lends the events that are ready, up to `most`, without a copy, from `with consumer.batch() as events` to the end of that block;
    /// waits for the first as `read` does.
    ///
    /// Of rings in this process. Arrays of the batch are views of the ring: those still referred to at the end make it raise Lent, which is
    /// a BufferError, and the events
    /// stay lent until the last of them is gone.
    #[pyo3(signature = (most=1024, timeout=None))]
    fn batch(
        this: &Bound<'_, Self>,
        #[pyo3(from_py_with = count)] most: usize,
        timeout: Option<f64>,
    ) -> PyResult<Batch> {
        check_most(this.py(), most)?;
        let reader = this.as_super().get();
        let values = reader.values.as_ref().map(|values| values.clone_ref(this.py()));
        Ok(Batch::new(reader.endpoint.clone(), values, most, timeout))
    }
}
