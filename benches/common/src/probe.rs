//! The distance between the two cores that a workload uses first.

use crate::{apart::Apart, pin};
use std::hint::spin_loop;
use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Release},
};
use std::thread;
use std::time::Instant;

const TRIPS: u64 = 200;
const TRIALS: usize = 15;
/// Looks before the core is given away.
const PATIENCE: u32 = 2_000;

/// Nanoseconds in which one cache line goes from a core to the other and back, or 0 on a machine with one core.
///
/// On a virtual machine it jumps, for seconds at a time: what was measured at another distance than the rest is no
/// comparison.
pub fn distance() -> f64 {
    if pin::is_crowded(2) {
        return 0.0;
    }
    let line = Apart(AtomicU64::new(0));
    let last = TRIPS * TRIALS as u64 * 2;
    thread::scope(|scope| {
        scope.spawn(|| {
            pin::pin(1);
            for turn in (1..last).step_by(2) {
                wait_for(&line.0, turn);
                line.0.store(turn + 1, Release);
            }
        });
        pin::pin(0);
        let mut turn = 0;
        let mut trials: Vec<f64> = Vec::with_capacity(TRIALS);
        for _ in 0..TRIALS {
            let begin = Instant::now();
            for _ in 0..TRIPS {
                line.0.store(turn + 1, Release);
                turn += 2;
                wait_for(&line.0, turn);
            }
            trials.push(begin.elapsed().as_nanos() as f64 / TRIPS as f64);
        }
        trials.sort_by(f64::total_cmp);
        trials[TRIALS / 2]
    })
}

/// Waits for the other core's turn to end: its thread does nothing else, and ends by itself.
fn wait_for(line: &AtomicU64, turn: u64) {
    let mut looks = 0;
    while line.load(Acquire) != turn {
        looks += 1;
        if looks < PATIENCE {
            spin_loop();
        } else {
            looks = 0;
            thread::yield_now();
        }
    }
}
