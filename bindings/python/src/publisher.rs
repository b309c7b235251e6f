//! Publishers.

use pyo3::{prelude::*, types::PyTuple};
use rusted_ring_ffi::{
    status::{RUSTED_RING_FULL, Status},
    types,
};

use crate::{
    abi::{self, Outgoing},
    bytes, errors,
    handle::Handle,
    patience::Patience,
    values::Values,
};

/// Publishes to a ring. Any threads may use it at once.
#[pyclass(frozen, subclass, module = "rusted_ring")]
pub(crate) struct Publisher {
    handle: Handle<types::Publisher>,
    values: Option<Values>,
}

/// The publisher of a sole ring: one thread at a time may use it, and another is told Busy.
#[pyclass(frozen, extends = Publisher, module = "rusted_ring")]
pub(crate) struct SolePublisher;

impl Publisher {
    pub(crate) fn new(handle: Handle<types::Publisher>, values: Option<Values>) -> Self {
        Publisher { handle, values }
    }

    /// After a call that found no room, makes calls that wait for it, until all `count` events went out behind the first `sent`, or the time
    /// is over.
    fn send_rest(
        py: Python<'_>,
        patience: &Patience,
        count: usize,
        mut sent: usize,
        mut call: impl FnMut(usize, u64) -> (usize, Result<(), Status>) + Send,
    ) -> PyResult<usize> {
        let mut full = errors::Full::last();
        while let Some(slice) = patience.slice() {
            let (more, outcome) = py.detach(|| call(sent, slice));
            sent += more;
            match outcome {
                Ok(()) => return Ok(count),
                Err(RUSTED_RING_FULL) => full = errors::Full::last(),
                Err(status) => return Err(errors::behind(py, errors::of(py, status), sent, count)),
            }
            py.check_signals().map_err(|error| errors::behind(py, error, sent, count))?;
        }
        Err(full.raised(py, sent, patience.waited()))
    }
}

#[pymethods]
impl Publisher {
    /// Publishes a copy of bytes, once there is room, and returns the event's sequence. With a `timeout` of 0 it does not wait; when the
    /// time is over it raises Full.
    #[pyo3(signature = (data, event_type=0, timeout=None))]
    fn publish(&self, py: Python<'_>, data: &Bound<'_, PyAny>, event_type: u32, timeout: Option<f64>) -> PyResult<u64> {
        let publisher = self.handle.enter(py)?;
        let patience = Patience::new(py, timeout)?;
        let (outcome, copy) = bytes::with(data, |event| match abi::try_publish(&publisher, event, event_type) {
            Err(RUSTED_RING_FULL) if patience.slice().is_some() => (Err(RUSTED_RING_FULL), Some(event.to_vec())),
            outcome => (outcome, None),
        })?;
        let Some(copy) = copy else { return outcome.map_err(|status| errors::of(py, status)) };
        let mut sequence = u64::MAX;
        Self::send_rest(py, &patience, 1, 0, |_, slice| match abi::publish(&publisher, &copy, event_type, slice) {
            Ok(at) => {
                sequence = at;
                (1, Ok(()))
            }
            Err(status) => (0, Err(status)),
        })?;
        Ok(sequence)
    }

    /// Publishes copies of several events of one type, in order, each once there is room, and returns how many: all. When the time is over
    /// it raises Full. Every error, also that of Ctrl-C, has `sent`: how many went out.
    /// If one is too large, none goes out. Other publishers' events may come in between.
    #[pyo3(signature = (events, event_type=0, timeout=None))]
    fn publish_batch(
        &self,
        py: Python<'_>,
        events: &Bound<'_, PyAny>,
        event_type: u32,
        timeout: Option<f64>,
    ) -> PyResult<usize> {
        let outgoing = outgoing(events, event_type)?;
        let publisher = self.handle.enter(py)?;
        let patience = Patience::new(py, timeout)?;
        let count = outgoing.len();
        match abi::publish_batch(&publisher, &outgoing, 0, 0) {
            (_, Ok(())) => Ok(count),
            (sent, Err(RUSTED_RING_FULL)) => Self::send_rest(py, &patience, count, sent, |sent, slice| {
                abi::publish_batch(&publisher, &outgoing, sent, slice)
            }),
            (sent, Err(status)) => Err(errors::behind(py, errors::of(py, status), sent, count)),
        }
    }

    /// Publishes values of the ring's dtype, each as an event, as `publish_batch` does. They are an array of it, or what numpy makes one
    /// of.
    #[pyo3(signature = (values, event_type=0, timeout=None))]
    fn send(
        &self,
        py: Python<'_>,
        values: &Bound<'_, PyAny>,
        event_type: u32,
        timeout: Option<f64>,
    ) -> PyResult<usize> {
        let of = Values::wanted(py, &self.values)?;
        let array = of.to_send(values)?;
        let publisher = self.handle.enter(py)?;
        let patience = Patience::new(py, timeout)?;
        let (count, sent, outcome, rest) = bytes::with(&array, |records| {
            let (sent, outcome) = abi::publish_records(&publisher, records, of.bytes, event_type, 0);
            let rest = match outcome {
                Err(RUSTED_RING_FULL) if patience.slice().is_some() => records[sent * of.bytes..].to_vec(),
                _ => Vec::new(),
            };
            (records.len() / of.bytes, sent, outcome, rest)
        })?;
        match outcome {
            Ok(()) => Ok(count),
            Err(RUSTED_RING_FULL) if !rest.is_empty() => Self::send_rest(py, &patience, count, sent, |now, slice| {
                abi::publish_records(&publisher, &rest[(now - sent) * of.bytes..], of.bytes, event_type, slice)
            }),
            Err(RUSTED_RING_FULL) => Err(errors::full(py, sent)),
            Err(status) => Err(errors::behind(py, errors::of(py, status), sent, count)),
        }
    }

    /// Closes it. A second time it does nothing; while another thread publishes by it, it raises Busy.
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
}

/// Copies events that Python's objects have.
pub(crate) fn outgoing(events: &Bound<'_, PyAny>, event_type: u32) -> PyResult<Outgoing> {
    let mut outgoing = Outgoing::of_type(event_type);
    for event in events.try_iter()? {
        bytes::with(&event?, |bytes| outgoing.push(bytes))?;
    }
    Ok(outgoing)
}
