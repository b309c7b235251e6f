//! The threads that work on the board's events, each on its own.

pub(crate) mod analytics;
pub(crate) mod network;
pub(crate) mod storage;
pub(crate) mod validation;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use rusted_ring::wait::Backoff;
use tokio::sync::watch;

use crate::phase::Phase;
use crate::watermark::Watermark;

/// Starts a named thread. If it panics, the board counts as failed: what that actor did would be missing.
pub(crate) fn spawn(
    name: &'static str,
    watermark: Watermark,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(move || {
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            watermark.fail(&format_args!("the {name} thread panicked"));
        }
    })
}

/// Takes one turn after another until the run has come to `end`; rests while a turn finds nothing to do.
fn work_until(end: Phase, phase: &watch::Receiver<Phase>, mut turn: impl FnMut() -> bool) {
    let mut backoff = Backoff::new();
    while *phase.borrow() < end {
        if turn() {
            backoff.reset();
        } else {
            backoff.snooze();
        }
    }
}
