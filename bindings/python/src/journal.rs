//! Journals: every event of a ring in files; and positions, which are what readers confirmed.

use std::{path::PathBuf, ptr, sync::Arc};

use pyo3::{prelude::*, types::PyTuple};
use rusted_ring_ffi::{
    status::{RUSTED_RING_EMPTY, Status},
    types::{
        self, JournalOptions, RUSTED_RING_FULL_DISK_HOLDS, RUSTED_RING_FULL_DISK_LOSES, RUSTED_RING_NEWEST,
        RUSTED_RING_OLDEST, RUSTED_RING_SYNC_EACH_BATCH, RUSTED_RING_SYNC_EVERY, RUSTED_RING_SYNC_NEVER,
    },
};

use crate::{
    abi, errors,
    handle::{Entered, Handle},
    ledger::{Confirmed, Damage, Epoch, JournalStats},
    patience::Patience,
    reader::{Endpoint, Reader, Subscriber},
    ring::{self, Ring, Shape},
};

/// A directory of kept events, which one process has open at a time, until this and its positions are closed. Any threads may use it at once.
#[pyclass(frozen, module = "rusted_ring")]
pub(crate) struct Journal {
    handle: Handle<types::Journal>,
}

/// How far a reader came, under a name: what it confirmed, and nothing else. One thread at a time may use it, and another is told Busy.
#[pyclass(frozen, module = "rusted_ring")]
pub(crate) struct Position {
    handle: Handle<types::Position>,
}

/// Seconds, as nanoseconds; none for 0, which is the default.
fn nanoseconds(py: Python<'_>, seconds: Option<f64>, name: &str) -> PyResult<u64> {
    match seconds {
        None => Ok(0),
        Some(seconds) if seconds > 0.0 && seconds.is_finite() => Ok(((seconds * 1e9) as u64).max(1)),
        Some(seconds) => {
            let text = format!("`{name}` is {seconds}: give seconds, more than 0, or leave it out");
            Err(errors::bad_argument(py, &text))
        }
    }
}

/// When it syncs: seconds between two syncs, "each batch", or "never".
fn sync(sync: &Bound<'_, PyAny>) -> PyResult<(u32, u64)> {
    let py = sync.py();
    if sync.is_none() {
        return Ok((RUSTED_RING_SYNC_EVERY, 0));
    }
    if let Ok(text) = sync.extract::<String>() {
        return match &*text {
            "each batch" => Ok((RUSTED_RING_SYNC_EACH_BATCH, 0)),
            "never" => Ok((RUSTED_RING_SYNC_NEVER, 0)),
            _ => {
                let text = format!("`sync` is {text:?}: give seconds, \"each batch\" or \"never\"");
                Err(errors::bad_argument(py, &text))
            }
        };
    }
    Ok((RUSTED_RING_SYNC_EVERY, nanoseconds(py, Some(sync.extract()?), "sync")?))
}

impl Journal {
    /// Makes a call that may take its time, without the interpreter's lock.
    fn slow<T: Send>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(&Entered<'_, types::Journal>) -> Result<T, Failed> + Send,
    ) -> PyResult<T> {
        let journal = self.handle.enter(py)?;
        py.detach(|| call(&journal)).map_err(|Failed(status, text)| errors::said(py, status, &text))
    }
}

/// A status, and what the library said of it in the thread that called.
struct Failed(Status, String);

impl From<Status> for Failed {
    fn from(status: Status) -> Self {
        Failed(status, abi::error_text())
    }
}

#[pymethods]
impl Journal {
    /// Opens the journal in `directory`, which is made if it is not there. Reads every file once.
    ///
    /// A file ends when it has `segment_bytes`. `sync` is the seconds between two syncs, "each batch", or "never". Old files go beyond
    /// `keep_bytes` and `keep_seconds`. While the disk is full publishers wait, or, if it is `lossy`, events are lost and counted.
    #[new]
    #[pyo3(signature = (directory, *, segment_bytes=0, sync=None, keep_bytes=0, keep_seconds=None, lossy=false))]
    fn new(
        py: Python<'_>,
        directory: PathBuf,
        segment_bytes: u64,
        sync: Option<&Bound<'_, PyAny>>,
        keep_bytes: u64,
        keep_seconds: Option<f64>,
        lossy: bool,
    ) -> PyResult<Self> {
        let (sync, sync_every) = sync.map_or(Ok((RUSTED_RING_SYNC_EVERY, 0)), self::sync)?;
        let options = JournalOptions {
            segment_bytes,
            sync_every,
            keep_bytes,
            keep_for: nanoseconds(py, keep_seconds, "keep_seconds")?,
            sync,
            full_disk: if lossy { RUSTED_RING_FULL_DISK_LOSES } else { RUSTED_RING_FULL_DISK_HOLDS },
        };
        let path = ring::name(py, &directory)?;
        // A handle is a number.
        let opened = py.detach(|| abi::journal_open(&path, &options).map(<*mut _>::addr).map_err(Failed::from));
        let number = opened.map_err(|Failed(status, text)| errors::said_of_file(py, status, &text, &directory))?;
        Ok(Journal { handle: Handle::of_many(ptr::without_provenance_mut(number)) })
    }

    /// Begins an epoch with what the ring has from `start` on, as a Consumer: for a ring in this process's memory.
    #[pyo3(signature = (ring, start=RUSTED_RING_OLDEST, name="journal"))]
    fn record(&self, py: Python<'_>, ring: &Ring, start: u64, name: &str) -> PyResult<()> {
        let (of, name) = (ring.handle.enter(py)?, ring::reader_name(py, name)?);
        self.slow(py, |journal| Ok(abi::journal_record(journal, &of, &name, start)?))
    }

    /// Goes on with the last epoch, where it ends, or begins the first one: for a ring that outlived who recorded it.
    #[pyo3(signature = (ring, name="journal"))]
    fn resume(&self, py: Python<'_>, ring: &Ring, name: &str) -> PyResult<()> {
        let (of, name) = (ring.handle.enter(py)?, ring::reader_name(py, name)?);
        self.slow(py, |journal| Ok(abi::journal_resume(journal, &of, &name)?))
    }

    /// Ends the recording, if there is one, once what was published until now is written.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        self.slow(py, |journal| Ok(abi::journal_stop(journal)?))
    }

    /// Joins a ring as a Subscriber that has from here what publishers overwrite, as one stream. `Lagged` is raised for what the journal
    /// lacks, too. `start` may be a sequence that the ring has no more; `epoch` 0 is the one that is recorded, or else the last.
    #[pyo3(signature = (ring, name="", start=RUSTED_RING_NEWEST, epoch=0))]
    fn subscribe(&self, py: Python<'_>, ring: &Ring, name: &str, start: u64, epoch: u32) -> PyResult<Py<Subscriber>> {
        let (journal, to) = (self.handle.enter(py)?, ring.handle.enter(py)?);
        let name = ring::reader_name(py, name)?;
        let raw =
            abi::subscribe_repaired(&to, &name, start, &journal, epoch).map_err(|status| errors::of(py, status))?;
        Py::new(py, PyClassInitializer::from(ring.reader(py, raw)).add_subclass(Subscriber))
    }

    /// Reads what is in files of an epoch now, without a ring: events of up to so many bytes, or values of a dtype. It never waits; at the
    /// end it is closed. What was removed or damaged raises `Lagged`.
    #[pyo3(signature = (event, start=RUSTED_RING_OLDEST, epoch=0))]
    fn replay(&self, py: Python<'_>, event: &Bound<'_, PyAny>, start: u64, epoch: u32) -> PyResult<Py<Subscriber>> {
        let (journal, (event_bytes, values)) = (self.handle.enter(py)?, ring::event(event)?);
        let raw = abi::journal_replay(&journal, epoch, start, event_bytes).map_err(|status| errors::of(py, status))?;
        let reader = Reader::new(Arc::new(Endpoint::new(raw, Shape::of_events(event_bytes))), values);
        Py::new(py, PyClassInitializer::from(reader).add_subclass(Subscriber))
    }

    /// Opens the position of this name: 1 to 64 ASCII letters, digits, `-` and `_`. One owner at a time has it.
    fn position(&self, py: Python<'_>, name: &str) -> PyResult<Position> {
        let (journal, name) = (self.handle.enter(py)?, ring::reader_name(py, name)?);
        let raw = abi::position_open(&journal, &name).map_err(|status| errors::of(py, status))?;
        Ok(Position { handle: Handle::of_one(raw) })
    }

    /// What was not whole when it was opened.
    fn found(&self, py: Python<'_>) -> PyResult<Vec<Damage>> {
        let journal = self.handle.enter(py)?;
        let found = abi::journal_found(&journal).map_err(|status| errors::of(py, status))?;
        Ok(found.into_iter().map(Damage::from).collect())
    }

    /// The epochs of which there are events, the oldest first.
    fn epochs(&self, py: Python<'_>) -> PyResult<Vec<Epoch>> {
        let journal = self.handle.enter(py)?;
        let epochs = abi::journal_epochs(&journal).map_err(|status| errors::of(py, status))?;
        Ok(epochs.into_iter().map(Epoch::from).collect())
    }

    /// A sequence from which on it has everything of an epoch that was taken at `time`, in seconds since 1970, or later. It is about a
    /// second early. None, if it has nothing yet.
    #[pyo3(signature = (time, epoch=0))]
    fn since(&self, py: Python<'_>, time: f64, epoch: u32) -> PyResult<Option<u64>> {
        let journal = self.handle.enter(py)?;
        if time.is_nan() {
            return Err(errors::bad_argument(py, "`time` is no number: give seconds since 1970"));
        }
        match abi::journal_since(&journal, epoch, (time * 1e9) as u64) {
            Ok(sequence) => Ok(Some(sequence)),
            Err(RUSTED_RING_EMPTY) => Ok(None),
            Err(status) => Err(errors::of(py, status)),
        }
    }

    /// How far it is.
    fn stats(&self, py: Python<'_>) -> PyResult<JournalStats> {
        let journal = self.handle.enter(py)?;
        Ok(abi::journal_stats(&journal).map_err(|status| errors::of(py, status))?.into())
    }

    /// Waits until all below the sequence `end` is synced; when the time is over it raises Empty.
    #[pyo3(signature = (end, timeout=None))]
    fn wait_durable(&self, py: Python<'_>, end: u64, timeout: Option<f64>) -> PyResult<()> {
        let journal = self.handle.enter(py)?;
        let patience = Patience::new(py, timeout)?;
        let mut waited = abi::journal_wait_durable(&journal, end, 0).map_err(Failed::from);
        while let (Err(Failed(RUSTED_RING_EMPTY, _)), Some(slice)) = (&waited, patience.slice()) {
            py.check_signals()?;
            waited = py.detach(|| abi::journal_wait_durable(&journal, end, slice).map_err(Failed::from));
        }
        waited.map_err(|Failed(status, text)| match status {
            RUSTED_RING_EMPTY => errors::said(py, status, "it is not durable in the time given: give it more time"),
            _ => errors::said(py, status, &text),
        })
    }

    /// Closes it. A recording stops, and what went wrong with it is not told. A second time it does nothing; while a call uses it, it raises
    /// Busy.
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

#[pymethods]
impl Position {
    /// What was confirmed last, in this process or one before it, in whatever language; None, if nothing ever was.
    #[getter]
    fn confirmed(&self, py: Python<'_>) -> PyResult<Option<Confirmed>> {
        let position = self.handle.enter(py)?;
        match abi::position_confirmed(&position) {
            Ok(confirmed) => Ok(Some(confirmed.into())),
            Err(RUSTED_RING_EMPTY) => Ok(None),
            Err(status) => Err(errors::of(py, status)),
        }
    }

    /// Confirms that everything of `epoch` below the sequence `next` is dealt with. Writes a file: confirm after a batch.
    fn confirm(&self, py: Python<'_>, epoch: u32, next: u64) -> PyResult<()> {
        let position = self.handle.enter(py)?;
        let confirmed = py.detach(|| abi::position_confirm(&position, epoch, next).map_err(Failed::from));
        confirmed.map_err(|Failed(status, text)| errors::said(py, status, &text))
    }

    /// Closes it. What was confirmed stays. A second time it does nothing.
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
