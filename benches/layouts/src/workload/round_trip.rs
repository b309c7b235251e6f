//! An event goes to the other core and comes back over another ring, one at a time.

use super::Task;
use crate::ends::ends;
use crate::ring::Sole;
use crate::sample::{Fault, correct, joined, median};
use crate::wait::Hung;
use common::{apart::Apart, pin};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

/// Trips of which the mean is taken: the clock is coarse, and takes its time.
const BLOCK: u32 = 32;

/// Nanoseconds there and back: the median of the means of blocks of trips, behind a lap that does not count.
pub(super) fn measure<R: Sole>(task: &Task) -> Result<f64, Fault> {
    let ((mut ping, mut pinged), (mut pong, mut ponged)) = (ends::<R>(), ends::<R>());
    let (watch, over) = (&task.limit.watch(2), &Apart(AtomicBool::new(false)));
    let (there, back) = thread::scope(|scope| {
        let echo = scope.spawn(move || {
            pin::pin(1);
            loop {
                watch.until(task.pauses, || pinged.receive() || over.0.load(Relaxed))?;
                // The last event is back before it is over.
                if over.0.load(Relaxed) {
                    return Ok(pinged);
                }
                pong.publish(watch)?;
            }
        });
        let trips = scope.spawn(move || {
            pin::pin(0);
            let mut trip = || -> Result<(), Hung> {
                ping.publish(watch)?;
                watch.until(task.pauses, || ponged.receive())
            };
            (0..R::CAPACITY).try_for_each(|_| trip())?;
            let (begin, mut means) = (Instant::now(), Vec::new());
            let mut left = begin;
            while !task.limit.is_reached(means.len() as u64 * u64::from(BLOCK), left - begin) {
                (0..BLOCK).try_for_each(|_| trip())?;
                let now = Instant::now();
                means.push((now - left).as_nanos() as f64 / f64::from(BLOCK));
                left = now;
            }
            over.0.store(true, Relaxed);
            Ok((median(&mut means), ponged))
        });
        (joined(echo), joined(trips))
    });
    let (there, (median, back)) = (there?, back?);
    correct(&there)?;
    correct(&back)?;
    Ok(median)
}
