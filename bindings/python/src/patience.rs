//! How long a call waits: in slices, because no signal ends a call of the library.

use std::time::{Duration, Instant};

use pyo3::{PyResult, Python};

use crate::errors;

/// Between slices Python looks for signals, such as that of Ctrl-C.
const SLICE: Duration = Duration::from_millis(50);

/// A time to wait.
pub(crate) struct Patience {
    begun: Instant,
    until: Option<Instant>,
}

impl Patience {
    /// From now on, for so many seconds; with none, as long as it takes.
    pub(crate) fn new(py: Python<'_>, timeout: Option<f64>) -> PyResult<Self> {
        let begun = Instant::now();
        let Some(seconds) = timeout else { return Ok(Patience { begun, until: None }) };
        if seconds.is_nan() || seconds < 0.0 {
            let text = format!(
                "`timeout` is {seconds}: give the seconds to wait, 0 or more, or None to wait as long as it takes"
            );
            return Err(errors::bad_argument(py, &text));
        }
        // What is longer than a clock can say is as long as it takes.
        let until = Duration::try_from_secs_f64(seconds).ok().and_then(|time| begun.checked_add(time));
        Ok(Patience { begun, until })
    }

    /// How long it has been.
    pub(crate) fn waited(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Nanoseconds to wait until signals are looked for, or the time is over: none, if it is.
    pub(crate) fn slice(&self) -> Option<u64> {
        let slice = match self.until {
            None => SLICE,
            Some(until) => SLICE.min(until.saturating_duration_since(Instant::now())),
        };
        // No slice is longer than `SLICE`.
        (!slice.is_zero()).then_some(slice.as_nanos() as u64)
    }
}
