//! Bytes of Python's objects.

use std::slice;

use pyo3::{buffer::PyUntypedBuffer, exceptions::PyBufferError, prelude::*, types::PyBytes};

/// Calls `work` with the bytes of an object: of `bytes`, or of what has a buffer that lies in a row, such as a bytearray, a memoryview, an
/// array.
///
/// `work` must neither run Python code nor let go of the interpreter, for then others could write the bytes.
#[inline]
pub(crate) fn with<R>(data: &Bound<'_, PyAny>, work: impl FnOnce(&[u8]) -> R) -> PyResult<R> {
    if let Ok(bytes) = data.cast::<PyBytes>() {
        return Ok(work(bytes.as_bytes()));
    }
    let buffer = in_a_row(data)?;
    if buffer.len_bytes() == 0 {
        return Ok(work(&[]));
    }
    // SAFETY: Y: the buffer is in a row of so many bytes, stays there as long as `buffer`, and nobody writes it while this thread has the
    // interpreter.
    Ok(work(unsafe { slice::from_raw_parts(buffer.buf_ptr().cast(), buffer.len_bytes()) }))
}

/// As `with`, with bytes that may be written.
pub(crate) fn with_mut<R>(data: &Bound<'_, PyAny>, work: impl FnOnce(&mut [u8]) -> R) -> PyResult<R> {
    let buffer = in_a_row(data)?;
    if buffer.readonly() {
        return Err(PyBufferError::new_err("the array cannot be written: give one that can"));
    }
    if buffer.len_bytes() == 0 {
        return Ok(work(&mut []));
    }
    // SAFETY: Y, as above; and nobody reads it either.
    Ok(work(unsafe { slice::from_raw_parts_mut(buffer.buf_ptr().cast(), buffer.len_bytes()) }))
}

fn in_a_row(data: &Bound<'_, PyAny>) -> PyResult<PyUntypedBuffer> {
    let buffer = PyUntypedBuffer::get(data)?;
    if buffer.is_c_contiguous() {
        return Ok(buffer);
    }
    Err(PyBufferError::new_err("the bytes do not lie in a row: give a copy of them"))
}
