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

/// Bytes of an object that may be written, which stay where they are as long as this does.
pub(crate) struct Room(PyUntypedBuffer);

impl Room {
    /// Of what has a buffer that lies in a row.
    pub(crate) fn of(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let buffer = in_a_row(data)?;
        if buffer.readonly() {
            return Err(PyBufferError::new_err("the array cannot be written: give one that can"));
        }
        Ok(Room(buffer))
    }

    /// How many bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len_bytes()
    }

    /// Calls `work` with the bytes: as `with`.
    pub(crate) fn write<R>(&mut self, _py: Python<'_>, work: impl FnOnce(&mut [u8]) -> R) -> R {
        if self.len() == 0 {
            return work(&mut []);
        }
        // SAFETY: Y, as above; and nobody reads it either.
        work(unsafe { slice::from_raw_parts_mut(self.0.buf_ptr().cast(), self.len()) })
    }
}

fn in_a_row(data: &Bound<'_, PyAny>) -> PyResult<PyUntypedBuffer> {
    let buffer = PyUntypedBuffer::get(data)?;
    if buffer.format().to_bytes().contains(&b'O') {
        // Their bytes are addresses of this process, and no events.
        return Err(PyBufferError::new_err(
            "it holds objects of Python, whose bytes are addresses: give a copy as bytes",
        ));
    }
    if buffer.is_c_contiguous() {
        return Ok(buffer);
    }
    Err(PyBufferError::new_err("the bytes do not lie in a row: give a copy of them"))
}
