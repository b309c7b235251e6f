//! Which interpreters may load this.

use pyo3::{PyResult, exceptions::PyImportError, ffi};

#[cfg(Py_GIL_DISABLED)]
compile_error!(
    "rusted_ring relies on the interpreter's lock, which this build of CPython is without: use a build that has it"
);

/// Refuses every interpreter of the process but the main one: classes and modules are kept in statics, which all would share.
pub(crate) fn check_main() -> PyResult<()> {
    // SAFETY: this thread has an interpreter.
    let interpreter = unsafe { ffi::PyInterpreterState_Get() };
    // SAFETY: it is this thread's, and so it is there.
    match unsafe { ffi::PyInterpreterState_GetID(interpreter) } {
        0 => Ok(()),
        _ => Err(PyImportError::new_err(
            "rusted_ring can be imported by the main interpreter of a process only: use threads or processes, not subinterpreters",
        )),
    }
}
