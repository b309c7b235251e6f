//! Values: numpy's dtypes, and its arrays as bytes.

use pyo3::{intern, prelude::*, sync::PyOnceLock, types::PyString};
use rusted_ring_ffi::status::RUSTED_RING_UNSUPPORTED;

use crate::errors;

/// A function of numpy.
pub(crate) fn numpy<'py>(py: Python<'py>, function: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyAny>> {
    static NUMPY: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    NUMPY.get_or_try_init(py, || py.import("numpy").map(Bound::unbind))?.bind(py).getattr(function)
}

/// The type of a ring's events, each of which is one value of it.
pub(crate) struct Values {
    pub(crate) dtype: Py<PyAny>,
    /// Bytes of a value.
    pub(crate) bytes: usize,
}

impl Values {
    /// Of a dtype, or what numpy makes one of.
    pub(crate) fn of(dtype: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = dtype.py();
        let dtype = numpy(py, intern!(py, "dtype"))?.call1((dtype,))?;
        let bytes: usize = dtype.getattr(intern!(py, "itemsize"))?.extract()?;
        let refused =
            |why: &str| Err(errors::bad_argument(py, &format!("{dtype} cannot be the type of events: {why}")));
        if dtype.getattr(intern!(py, "hasobject"))?.extract()? {
            return refused("it refers to objects of this process; use numbers, and structures and arrays of them");
        }
        if !dtype.getattr(intern!(py, "subdtype"))?.is_none() {
            return refused("it is an array; use a structure with that as its field");
        }
        if bytes == 0 {
            return refused("it has no bytes");
        }
        Ok(Values { dtype: dtype.unbind(), bytes })
    }

    pub(crate) fn clone_ref(&self, py: Python<'_>) -> Self {
        Values { dtype: self.dtype.clone_ref(py), bytes: self.bytes }
    }

    /// The bytes of values that lie in a row: of an array of this type, or of what numpy makes one of. What has another dtype is converted
    /// where nothing but precision is lost, and refused otherwise.
    pub(crate) fn to_send<'py>(&self, values: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = values.py();
        let dtype = self.dtype.bind(py);
        if let Some(given) = values.getattr_opt(intern!(py, "dtype"))?
            && given.is_instance(&numpy(py, intern!(py, "dtype"))?)?
            && !(given.eq(dtype)? || is_converted(&given, dtype)?)
        {
            let text = format!("values of {given} are not those of {dtype}: convert them, such as by `astype`");
            return Err(errors::bad_argument(py, &text));
        }
        let array = numpy(py, intern!(py, "ascontiguousarray"))?.call1((values, dtype))?;
        array.call_method1(intern!(py, "reshape"), (-1,))?.call_method1(intern!(py, "view"), ("u1",))
    }

    /// The bytes of an array of this type that values are to be copied to.
    pub(crate) fn to_fill<'py>(&self, array: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = array.py();
        let ndarray = numpy(py, intern!(py, "ndarray"))?;
        let wrong = || {
            let text = format!("values are copied to an array of {}: give one", self.dtype.bind(py));
            errors::bad_argument(py, &text)
        };
        if !array.is_instance(&ndarray)? {
            return Err(wrong());
        }
        // As what it is, whatever a subclass says of itself.
        let array = ndarray.call_method1(intern!(py, "view"), (array, &ndarray))?;
        if !array.getattr(intern!(py, "dtype"))?.eq(&self.dtype)? {
            return Err(wrong());
        }
        let in_a_row: bool = array.getattr(intern!(py, "flags"))?.getattr(intern!(py, "c_contiguous"))?.extract()?;
        if !in_a_row || array.getattr(intern!(py, "ndim"))?.extract::<usize>()? != 1 || array.len()? == 0 {
            return Err(errors::bad_argument(
                py,
                "values are copied to an array of one dimension, one at least, which lie in a row: give such a one",
            ));
        }
        array.call_method1(intern!(py, "view"), ("u1",))
    }

    /// An array of this type with room for so many.
    pub(crate) fn room<'py>(&self, py: Python<'py>, most: usize) -> PyResult<Bound<'py, PyAny>> {
        numpy(py, intern!(py, "empty"))?.call1((most, self.dtype.bind(py)))
    }

    /// These of a ring with them, or why it has none.
    pub(crate) fn wanted<'v>(py: Python<'_>, values: &'v Option<Self>) -> PyResult<&'v Self> {
        values.as_ref().ok_or_else(|| {
            let text = "this ring has no type of events: make or open it with a dtype, or publish and read bytes";
            errors::said(py, RUSTED_RING_UNSUPPORTED, text)
        })
    }
}

/// Whether numpy converts values of one dtype to another by more than their bits: structures field by field, of the same names.
fn is_converted(from: &Bound<'_, PyAny>, to: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = from.py();
    Ok(has_fields_of(from, to)? && numpy(py, intern!(py, "can_cast"))?.call1((from, to, "same_kind"))?.extract()?)
}

/// Whether two dtypes have fields of the same names, in the same order, also within their fields.
fn has_fields_of(one: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = one.py();
    let names = one.getattr(intern!(py, "names"))?;
    if !names.eq(other.getattr(intern!(py, "names"))?)? {
        return Ok(false);
    }
    if names.is_none() {
        return Ok(true);
    }
    for name in names.try_iter()? {
        let name = name?;
        let [one, other] = [one, other].map(|dtype| dtype.get_item(&name)?.getattr(intern!(py, "base")));
        if !has_fields_of(&one?, &other?)? {
            return Ok(false);
        }
    }
    Ok(true)
}
