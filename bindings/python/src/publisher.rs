//! Publishers.

use pyo3::{
    prelude::*,
    types::{PyIterator, PyTuple},
};
use rusted_ring_ffi::{
    status::{RUSTED_RING_FULL, Status},
    types,
};

use crate::{
    abi::{self, COPIED, Outgoing},
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

    /// After a call that found no room, makes calls that wait for it, until all events went out, or the time is over. Each call says how many more
    /// did, which is added to `sent`.
    fn send_rest(
        py: Python<'_>,
        patience: &Patience,
        sent: &mut usize,
        mut call: impl FnMut(u64) -> (usize, Result<(), Status>) + Send,
    ) -> PyResult<()> {
        let mut full = errors::Full::last();
        while let Some(slice) = patience.slice() {
            let (more, outcome) = py.detach(|| call(slice));
            *sent += more;
            match outcome {
                Ok(()) => return Ok(()),
                Err(RUSTED_RING_FULL) => full = errors::Full::last(),
                Err(status) => return Err(errors::of(py, status)),
            }
            py.check_signals()?;
        }
        Err(full.raised(py, patience.waited()))
    }

    /// Publishes records of so many bytes, which lie in a row in `array`, and adds to `sent` how many.
    fn send_records(
        &self,
        array: &Bound<'_, PyAny>,
        bytes: usize,
        event_type: u32,
        timeout: Option<f64>,
        sent: &mut usize,
    ) -> PyResult<()> {
        let py = array.py();
        let publisher = self.handle.enter(py)?;
        let patience = Patience::new(py, timeout)?;
        loop {
            // What there is no room for waits as a copy, in parts, so that no call takes memory as its array does.
            let (outcome, part) = bytes::with(array, |records| {
                let rest = records.get(*sent * bytes..).unwrap_or_default();
                let (more, outcome) = abi::publish_records(&publisher, rest, bytes, event_type, 0);
                *sent += more;
                let rest = &rest[more * bytes..];
                let waits = outcome == Err(RUSTED_RING_FULL) && patience.slice().is_some();
                let part = if waits { rest.chunks((COPIED / bytes).max(1) * bytes).next() } else { None };
                (outcome, part.map(<[u8]>::to_vec))
            })?;
            let Some(part) = part else { return outcome.map_err(|status| errors::of(py, status)) };
            let mut at = 0;
            Self::send_rest(py, &patience, sent, |slice| {
                let (more, outcome) = abi::publish_records(&publisher, &part[at..], bytes, event_type, slice);
                at += more * bytes;
                (more, outcome)
            })?;
        }
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
        Self::send_rest(py, &patience, &mut 0, |slice| match abi::publish(&publisher, &copy, event_type, slice) {
            Ok(at) => {
                sequence = at;
                (1, Ok(()))
            }
            Err(status) => (0, Err(status)),
        })?;
        Ok(sequence)
    }

    /// Publishes copies of several events of one type, in order, each once there is room, and returns how many: all. When the time is over
    /// it raises Full. Once events began to go out, every error, also that of Ctrl-C, has `sent`: how many did.
    ///
    /// They are taken and sent in groups of 1,024, or of a mebibyte: of a group in which one is too large, or which cannot be taken whole, none
    /// goes out. Other publishers' events may come in between.
    #[pyo3(signature = (events, event_type=0, timeout=None))]
    fn publish_batch(
        &self,
        py: Python<'_>,
        events: &Bound<'_, PyAny>,
        event_type: u32,
        timeout: Option<f64>,
    ) -> PyResult<usize> {
        let mut patience = None;
        in_groups(events, event_type, |group, sent| {
            let publisher = self.handle.enter(py)?;
            let patience = match &mut patience {
                Some(patience) => patience,
                none => none.insert(Patience::new(py, timeout)?),
            };
            let (mut at, outcome) = abi::publish_batch(&publisher, group, 0, 0);
            *sent += at;
            match outcome {
                Ok(()) => Ok(()),
                Err(RUSTED_RING_FULL) => Self::send_rest(py, patience, sent, |slice| {
                    let (more, outcome) = abi::publish_batch(&publisher, group, at, slice);
                    at += more;
                    (more, outcome)
                }),
                Err(status) => Err(errors::of(py, status)),
            }
        })
    }

    /// Publishes values of the ring's dtype, each as an event, as `publish_batch` does; if one is too large, all are. They are an array of it, or
    /// what numpy makes one of.
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
        let mut sent = 0;
        match self.send_records(&array, of.bytes, event_type, timeout, &mut sent) {
            Ok(()) => Ok(sent),
            Err(error) => Err(errors::behind(py, error, sent)),
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

    fn __reduce_ex__(this: &Bound<'_, Self>, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(errors::not_copied(this))
    }
}

/// Takes events of Python's objects, and has them sent, group by group, by a function that adds to how many went out. Returns how many: all.
pub(crate) fn in_groups(
    events: &Bound<'_, PyAny>,
    event_type: u32,
    mut send: impl FnMut(&Outgoing, &mut usize) -> PyResult<()>,
) -> PyResult<usize> {
    let py = events.py();
    let mut events = events.try_iter()?;
    let mut sent = 0;
    let mut group = group_of(&mut events, event_type)?;
    loop {
        let next = send(&group, &mut sent).and_then(|()| {
            if !group.is_enough() {
                return Ok(None);
            }
            // Other threads have their turn, too.
            py.detach(|| ());
            py.check_signals()?;
            let next = group_of(&mut events, event_type)?;
            Ok((next.len() > 0).then_some(next))
        });
        match next {
            Ok(Some(next)) => group = next,
            Ok(None) => return Ok(sent),
            Err(error) => return Err(errors::behind(py, error, sent)),
        }
    }
}

/// Copies the next events, as many as make a group.
fn group_of(events: &mut Bound<'_, PyIterator>, event_type: u32) -> PyResult<Outgoing> {
    let mut group = Outgoing::of_type(event_type);
    while !group.is_enough()
        && let Some(event) = events.next()
    {
        let event = event?;
        if bytes::with(&event, |bytes| group.push(bytes))?.is_err() {
            return Err(errors::no_memory(event.py()));
        }
    }
    Ok(group)
}
