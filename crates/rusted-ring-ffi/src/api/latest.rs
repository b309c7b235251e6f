//! Latest-value cells: what the value of a key is now.

use std::ffi::c_void;

use super::opened;
use crate::{
    caller::Caller,
    cells,
    guard::guard,
    handles::{self, Object},
    status::Status,
    types::{Latest, LatestReader, LatestWriter},
};

/// Makes cells in this process for `keys` keys, each with a value of `value_bytes` bytes, up to 4,096, and for up to `readers` readers at a time; stores a handle on them.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_NO_MEMORY`, `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_latest_new(
    value_bytes: usize,
    keys: usize,
    readers: usize,
    latest: *mut *mut Latest,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| opened(caller.out(latest, "latest")?, || Ok(Object::Cells(cells::make(value_bytes, keys, readers)?))))
}

/// Closes a handle on cells. Their writer and readers keep them. Null is nothing to close.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_latest_close(latest: *mut Latest) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| handles::close_cells(caller, latest))
}

/// Makes the writer of cells, and stores a handle on it.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_OCCUPIED` while there is one, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_latest_writer_join(
    latest: *const Latest,
    writer: *mut *mut LatestWriter,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (latest, out) = (caller.cells(latest)?, caller.out(writer, "writer")?);
        opened(out, || Ok(Object::CellsWriter(latest.writer()?)))
    })
}

/// Closes a writer of cells. No thread may be using it. Null is nothing to close.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_latest_writer_close(writer: *mut LatestWriter) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| handles::close_cells_writer(caller, writer))
}

/// Makes a reader of cells, and stores a handle on it.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_TOO_MANY_READERS`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_latest_reader_join(
    latest: *const Latest,
    reader: *mut *mut LatestReader,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (latest, out) = (caller.cells(latest)?, caller.out(reader, "reader")?);
        opened(out, || Ok(Object::CellsReader(latest.reader()?)))
    })
}

/// Closes a reader of cells. No thread may be using it. Null is nothing to close.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_latest_reader_close(reader: *mut LatestReader) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| handles::close_cells_reader(caller, reader))
}

/// Updates the value of `key` to a copy of the `len` bytes at `value`, which are as many as the cells were made for, and stores the update's number, if `version` is not
/// null. Wait-free.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_latest_update(
    writer: *mut LatestWriter,
    key: usize,
    value: *const c_void,
    len: usize,
    version: *mut u64,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (mut writer, value) = (caller.cells_writer(writer)?, caller.bytes(value, len, "value")?);
        let out = caller.wanted(version, "version")?;
        out.put(writer.update(key, value)?);
        Ok(())
    })
}

/// Copies the value of `key` to the `len` bytes at `value`, as many as the cells were made for, if it is newer than `than`: with 0 if it has a value at all. Stores its version,
/// if `version` is not null. Wait-free.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_EMPTY` if there is no newer one, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_latest_get(
    reader: *mut LatestReader,
    key: usize,
    than: u64,
    value: *mut c_void,
    len: usize,
    version: *mut u64,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (mut reader, value) = (caller.cells_reader(reader)?, caller.buffer(value, len, "value")?);
        let out = caller.wanted(version, "version")?;
        out.put(reader.newer(key, than, value)?);
        Ok(())
    })
}
