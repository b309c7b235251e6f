//! Numbers of things.

use pyo3::{exceptions::PyOverflowError, prelude::*, types::PyBool};

use crate::errors;

/// An argument that is a number of slots, keys, bytes or events.
pub(crate) fn count(number: &Bound<'_, PyAny>) -> PyResult<usize> {
    let wrong = || errors::bad_argument(number.py(), &format!("{number} is no number of things: give one, from 0 on"));
    if number.is_instance_of::<PyBool>() {
        return Err(wrong());
    }
    number
        .extract()
        .map_err(|error: PyErr| if error.is_instance_of::<PyOverflowError>(number.py()) { wrong() } else { error })
}
