//! An event goes to the other core and comes back, one at a time.

use super::{Outcome, Task, histogram, only};
use crate::contender::{Publish, Receive};
use crate::distance::median;
use crate::payload::Tally;
use crate::poll::Poll;
use common::{apart::Apart, pin};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

/// Trips of which the mean is taken: the clock is coarse, and takes its time.
const BLOCK: u64 = 32;

/// An answer carries what the question carried, so it cannot be under way before the question's payload has come: a processor that guesses what
/// comes next would otherwise take the answer's lines while they are still polled.
///
/// Blocks of trips alternate: of one the mean is taken, and in the next each trip is timed. The figure is the median of
/// the means; the percentiles are those of single trips, each with a reading of the clock in it.
pub(super) fn measure<P: Publish, R: Receive>(
    there: (Vec<P>, Vec<R>),
    back: (Vec<impl Publish>, Vec<impl Receive>),
    task: &Task,
    slots: usize,
) -> Outcome {
    let ((mut ping, mut pinged), (mut pong, mut ponged)) = (only(there), only(back));
    let (poll, over, warm_up) = (Poll::for_latency(), &Apart(AtomicBool::new(false)), task.limit.warm_up(slots));
    thread::scope(|scope| {
        let echo = scope.spawn(move || {
            pin::pin(1);
            let mut tally = Tally::new(task.check);
            loop {
                poll.until(|| pinged.receive(&mut tally) || over.0.load(Relaxed));
                if over.0.load(Relaxed) {
                    break;
                }
                pong.publish(tally.came(), poll);
            }
            tally.faults
        });
        pin::pin(0);
        let (mut tally, mut sequence) = (Tally::new(task.check), 0);
        let mut trip = || {
            ping.publish(sequence, poll);
            poll.until(|| ponged.receive(&mut tally));
            sequence = tally.came() + 1;
        };
        (0..warm_up).for_each(|_| trip());
        let (begin, mut means, mut trips) = (Instant::now(), Vec::new(), histogram());
        while trips.len() < task.limit.events && begin.elapsed() < task.limit.time {
            let left = Instant::now();
            (0..BLOCK).for_each(|_| trip());
            let mut left_again = Instant::now();
            means.push((left_again - left).as_nanos() as f64 / BLOCK as f64);
            for _ in 0..BLOCK {
                trip();
                let now = Instant::now();
                trips.saturating_record((now - left_again).as_nanos() as u64);
                left_again = now;
            }
        }
        let seconds = begin.elapsed().as_secs_f64();
        over.0.store(true, Relaxed);
        let faults = echo.join().expect("a thread that fails ends the process");
        let outcome = Outcome::of_latencies(&trips, seconds, faults.and(tally.faults));
        Outcome { value: median(means), ..outcome }
    })
}
