//! The threads that work on the board's events, each on its own.

pub(crate) mod analytics;
pub(crate) mod network;
pub(crate) mod storage;
pub(crate) mod validation;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle, yield_now};
use std::time::Duration;

use tokio::sync::watch;

use crate::order::watermark::Watermark;
use crate::phase::Phase;
use crate::rings::bell::Bell;

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

/// So often an actor that finds nothing to do looks again before it sleeps: waking it takes longer.
const LOOKS: u32 = 16;
/// The longest sleep: nobody rings for a phase of the shutdown, or because time has passed.
const REST: Duration = Duration::from_millis(100);

/// Takes one turn after another until the run has come to `end`; sleeps while there is nothing to do, until the bell
/// rings. `turn` says whether it found anything.
fn work_until(end: Phase, phase: &watch::Receiver<Phase>, bell: &Bell, mut turn: impl FnMut() -> bool) {
    while *phase.borrow() < end {
        rest_unless(bell, &mut turn);
    }
}

/// Takes turns until one finds something, or until it has slept.
fn rest_unless(bell: &Bell, mut turn: impl FnMut() -> bool) {
    for _ in 0..LOOKS {
        if turn() {
            return;
        }
        yield_now();
    }
    bell.wait_unless(REST, turn);
}
