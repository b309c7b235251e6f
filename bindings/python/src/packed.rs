//! Large events, compressed because their publisher wants it.

use pyo3::{prelude::*, types::PyBytes};

use crate::{abi::packed, bytes, count::count, errors};

/// Returns an event, and its type, as they are to be published: compressed by LZ4, with `PACKED` in the type; or as they are, if it has less than 1,025 bytes, or does not
/// shrink.
#[pyfunction]
#[pyo3(signature = (data, event_type = 0))]
pub(crate) fn pack<'py>(
    py: Python<'py>,
    data: &Bound<'py, PyAny>,
    event_type: u32,
) -> PyResult<(Bound<'py, PyBytes>, u32)> {
    bytes::with(data, |event| {
        let mut room = vec![0; event.len()];
        let (len, packed) = packed::pack(event, event_type, &mut room)?;
        Ok((PyBytes::new(py, &room[..len]), packed))
    })?
    .map_err(|status| errors::of(py, status))
}

/// Returns an event, and its type, as they were before `pack`, whether it is packed or not. One that says that it has more bytes than `longest` is TooLarge.
#[pyfunction]
#[pyo3(signature = (data, event_type, *, longest = 1_048_576))]
pub(crate) fn unpack<'py>(
    py: Python<'py>,
    data: &Bound<'py, PyAny>,
    event_type: u32,
    #[pyo3(from_py_with = count)] longest: usize,
) -> PyResult<(Bound<'py, PyBytes>, u32)> {
    bytes::with(data, |event| {
        // What is not packed is as long as it is.
        let most = if event_type & packed::PACKED == 0 { event.len() } else { longest };
        let mut room = vec![0; most];
        let (len, unpacked) = packed::unpack(event, event_type, &mut room)?;
        Ok((PyBytes::new(py, &room[..len]), unpacked))
    })?
    .map_err(|status| errors::of(py, status))
}
