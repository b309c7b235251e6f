//! A bound on every wait of a test.

use std::{
    thread,
    time::{Duration, Instant},
};

/// The moment after which a wait has failed.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Instant);

/// What a wait may take on a machine that has other things to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

impl Deadline {
    pub(crate) fn new() -> Self {
        Deadline(Instant::now() + PATIENCE)
    }

    /// Yields until `done`.
    pub(crate) fn wait_until(self, what: &str, mut done: impl FnMut() -> bool) {
        while !done() {
            assert!(Instant::now() < self.0, "waited too long for {what}");
            thread::yield_now();
        }
    }
}
