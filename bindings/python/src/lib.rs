//! The extension module of the Python package `rusted_ring`, over the C ABI of `rusted-ring-ffi`, which is all that it knows of rings.
//!
//! The Python side, `python/rusted_ring`, has the errors, asynchronous iteration, and the types of all this in `_native.pyi`.

#![deny(unsafe_code)]

#[allow(unsafe_code)]
mod abi;
mod batch;
#[allow(unsafe_code)]
mod bytes;
mod count;
mod errors;
#[allow(unsafe_code)]
mod fork;
mod handle;
#[allow(unsafe_code)]
mod interpreter;
mod journal;
mod kept;
mod latest;
mod ledger;
#[allow(unsafe_code)]
mod loan;
mod packed;
mod patience;
mod pools;
mod publisher;
mod reader;
mod ring;
mod values;
mod waitset;

/// What of the library is not in a class: see `python/rusted_ring`.
#[pyo3::pymodule(gil_used = true)]
mod _native {
    #[pymodule_export]
    use crate::batch::{Batch, View};
    #[pymodule_export]
    use crate::journal::{Journal, Position};
    #[pymodule_export]
    use crate::latest::{Latest, LatestReader, LatestWriter};
    #[pymodule_export]
    use crate::ledger::{Blocker, Confirmed, Damage, Epoch, JournalStats, PoolStats, ReaderLine, RingStats};
    #[pymodule_export]
    use crate::packed::{pack, unpack};
    #[pymodule_export]
    use crate::pools::Pools;
    #[pymodule_export]
    use crate::publisher::{Publisher, SolePublisher};
    #[pymodule_export]
    use crate::reader::{Consumer, Event, Reader, Subscriber};
    #[pymodule_export]
    use crate::ring::Ring;
    #[pymodule_export]
    use crate::waitset::WaitSet;
    use pyo3::{
        prelude::*,
        types::{PyDict, PyType},
    };
    use rusted_ring_ffi::{api::library, types};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::interpreter::check_main()?;
        crate::fork::watch()?;
        module.add("NEWEST", types::RUSTED_RING_NEWEST)?;
        module.add("PACKED", crate::abi::packed::PACKED)?;
        module.add("OLDEST", types::RUSTED_RING_OLDEST)
    }

    /// Makes a copy of what is copied by its attributes: what pickle calls.
    #[pyfunction]
    fn _restored<'py>(kind: &Bound<'py, PyType>, attributes: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
        kind.call((), Some(attributes))
    }

    /// The version of the library, such as "0.6.0".
    #[pyfunction]
    fn version() -> &'static str {
        crate::abi::version()
    }

    /// How many objects of this package are open in this process: for tests that nothing is leaked.
    #[pyfunction]
    fn open_handles() -> usize {
        library::rusted_ring_open_handles()
    }

    /// Does nothing but call the library: for benchmarks of what a call costs.
    #[pyfunction]
    fn abi_version() -> u32 {
        library::rusted_ring_abi_version()
    }
}
