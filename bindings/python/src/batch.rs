//! Batches of events that are lent in place, and the views of them.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::{
    intern,
    prelude::*,
    types::{PyDict, PyTuple},
};
use rusted_ring_ffi::status::{RUSTED_RING_LENT, RUSTED_RING_MISMATCH};

use crate::{
    abi::{self, Head},
    errors,
    handle::is_failing,
    loan::Loan,
    reader::{Endpoint, Event, no_value},
    values::{Values, numpy},
};

/// The memory of lent events, as numpy's array interface describes it. An array made of it refers to it, and none of its methods can end
/// that, as `release` of a memoryview would.
#[pyclass(frozen, module = "rusted_ring")]
pub(crate) struct View {
    _loan: Arc<Loan>,
    address: usize,
    count: usize,
    stride: usize,
    bytes: usize,
}

#[pymethods]
impl View {
    /// Rows of bytes, which cannot be written.
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let interface = PyDict::new(py);
        interface.set_item(intern!(py, "version"), 3)?;
        interface.set_item(intern!(py, "typestr"), "|u1")?;
        interface.set_item(intern!(py, "shape"), (self.count, self.bytes))?;
        interface.set_item(intern!(py, "strides"), (self.stride, 1))?;
        interface.set_item(intern!(py, "data"), (self.address, true))?;
        Ok(interface)
    }

    fn __reduce_ex__(this: &Bound<'_, Self>, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(errors::not_copied(this))
    }
}

/// Events that a Consumer lends, inside a `with` block.
#[pyclass(frozen, module = "rusted_ring")]
pub(crate) struct Batch {
    endpoint: Arc<Endpoint>,
    values: Option<Values>,
    most: usize,
    timeout: Option<f64>,
    loan: Mutex<Option<Arc<Loan>>>,
}

impl Batch {
    pub(crate) fn new(endpoint: Arc<Endpoint>, values: Option<Values>, most: usize, timeout: Option<f64>) -> Self {
        Batch { endpoint, values, most, timeout, loan: Mutex::new(None) }
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Arc<Loan>>> {
        self.loan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn loan(&self, py: Python<'_>) -> PyResult<Arc<Loan>> {
        self.slot().clone().ok_or_else(|| errors::ended(py))
    }

    /// A view of events of one length, whose places are one stride apart.
    fn view<'py>(py: Python<'py>, loan: &Arc<Loan>, heads: &[Head]) -> PyResult<Bound<'py, PyAny>> {
        let first = heads[0];
        let stride = heads.get(1).map_or(first.len, |second| second.address.wrapping_sub(first.address));
        let view = View { _loan: loan.clone(), address: first.address, count: heads.len(), stride, bytes: first.len };
        numpy(py, intern!(py, "asarray"))?.call1((Bound::new(py, view)?,))
    }
}

#[pymethods]
impl Batch {
    fn __enter__(this: Py<Self>, py: Python<'_>) -> PyResult<Py<Self>> {
        let batch = this.get();
        let slots = batch.endpoint.shape.slots;
        let mut kept = None;
        let (heads, reader) = batch.endpoint.when_ready(py, batch.timeout, |reader| {
            kept = batch.endpoint.kept.sequences();
            if kept.is_some() {
                return Ok(Vec::new());
            }
            // Up to the ring's end: so they lie in a row.
            let left = slots - abi::reader_stats(reader)?.position % slots;
            abi::try_borrow(reader, batch.most.min(usize::try_from(left).unwrap_or(usize::MAX)))
        })?;
        if let Some((first, last)) = kept {
            let text = format!(
                "the events {first} to {last} were copied by a call that ended before them, and are not in place: read them first"
            );
            return Err(errors::said(py, RUSTED_RING_MISMATCH, &text));
        }
        *batch.slot() = Some(Arc::new(Loan::new(&batch.endpoint, reader, heads)));
        Ok(this)
    }

    #[pyo3(signature = (*error))]
    fn __exit__(&self, py: Python<'_>, error: &Bound<'_, PyTuple>) -> PyResult<()> {
        let Some(loan) = self.slot().take() else {
            return if is_failing(error) { Ok(()) } else { Err(errors::ended(py)) };
        };
        // The last share ends the loan. What an exception refers to, such as the block's own names, is not told of here: it would hide the
        // exception.
        if Arc::into_inner(loan).is_some() || is_failing(error) {
            return Ok(());
        }
        let text = "an array of this batch is still referred to: its events stay lent, and publishers wait for them, until it is gone; \
                    copy what is to be kept, and `del` names of arrays before the block ends";
        Err(errors::said(py, RUSTED_RING_LENT, text))
    }

    /// The events as one array that cannot be written: of the ring's dtype; or of rows of bytes, if it has none and all events are of one
    /// length.
    fn array<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let loan = self.loan(py)?;
        let bytes = self.values.as_ref().map_or(loan.heads()[0].len, |values| values.bytes);
        if let Some(other) = loan.heads().iter().find(|head| head.len != bytes) {
            let Some(values) = &self.values else {
                let text = format!(
                    "event {} has {} bytes, and the first {bytes}: go over them, or take `rows`",
                    other.sequence, other.len
                );
                return Err(errors::said(py, RUSTED_RING_MISMATCH, &text));
            };
            return Err(no_value(py, other, values));
        }
        let rows = Self::view(py, &loan, loan.heads())?;
        match &self.values {
            None => Ok(rows),
            Some(values) => {
                rows.call_method1(intern!(py, "view"), (&values.dtype,))?.call_method1(intern!(py, "reshape"), (-1,))
            }
        }
    }

    /// The bytes of each event as an array that cannot be written.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let loan = self.loan(py)?;
        let row = |head: &Head| Self::view(py, &loan, &[*head])?.call_method1(intern!(py, "reshape"), (-1,));
        loan.heads().iter().map(row).collect()
    }

    /// The events' sequences: a copy.
    #[getter]
    fn sequences<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let sequences: Vec<u64> = self.loan(py)?.heads().iter().map(|head| head.sequence).collect();
        numpy(py, intern!(py, "array"))?.call1((sequences, "u8"))
    }

    /// The events' types: a copy.
    #[getter]
    fn event_types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let types: Vec<u32> = self.loan(py)?.heads().iter().map(|head| head.event_type).collect();
        numpy(py, intern!(py, "array"))?.call1((types, "u4"))
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.loan(py)?.heads().len())
    }

    /// What the array has under this key: a field, an element, a part.
    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.array(py)?.get_item(key)
    }

    /// The array, for `numpy.asarray(batch)`.
    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let array = self.array(py)?;
        if dtype.is_none() && copy != Some(true) {
            return Ok(array);
        }
        let keywords = PyDict::new(py);
        keywords.set_item(intern!(py, "dtype"), dtype)?;
        keywords.set_item(intern!(py, "copy"), copy)?;
        numpy(py, intern!(py, "array"))?.call((array,), Some(&keywords))
    }

    /// Copies of the events.
    fn events(&self, py: Python<'_>) -> PyResult<Vec<Event>> {
        let loan = self.loan(py)?;
        Ok(loan.events().map(|(head, bytes)| Event::new(py, head, bytes)).collect())
    }

    /// Goes over copies of the events.
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.events(py)?.into_pyobject(py)?.call_method0(intern!(py, "__iter__"))
    }

    fn __reduce_ex__(this: &Bound<'_, Self>, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(errors::not_copied(this))
    }
}
