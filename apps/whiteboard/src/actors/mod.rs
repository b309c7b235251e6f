//! The threads that work on the board's events, each on its own.

pub(crate) mod analytics;
pub(crate) mod network;
pub(crate) mod storage;
pub(crate) mod validation;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle, yield_now};
use std::time::Duration;

use rusted_ring::wait::{Member, WaitSet};
use tokio::sync::watch;

use crate::order::watermark::Watermark;
use crate::phase::Phase;

/// Starts a named thread. If it panics, the board counts as failed, because that actor's work would be missing.
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

/// How often an idle actor looks again before it sleeps, because waking it takes longer.
const LOOKS: u32 = 16;
/// The longest sleep: no ring tells of a phase of the shutdown, or that time has passed.
const REST: Duration = Duration::from_millis(100);

/// An actor's work, and where it sleeps for more.
trait Work {
    /// Does the work that there is now; returns whether there was any.
    fn turn(&mut self) -> bool;

    /// The rings that wake it.
    fn members(&mut self) -> Vec<Member<'_>>;
}

/// Takes one turn after another until the run has come to `end`; sleeps while there is nothing to do.
fn work_until(end: Phase, phase: &watch::Receiver<Phase>, work: &mut impl Work) {
    let mut set = WaitSet::new();
    while *phase.borrow() < end {
        rest_unless(&mut set, work);
    }
}

/// Takes turns until one finds something, or until it has slept.
fn rest_unless(set: &mut WaitSet, work: &mut impl Work) {
    for _ in 0..LOOKS {
        if work.turn() {
            return;
        }
        yield_now();
    }
    set.wait_timeout(&mut work.members(), REST);
}
