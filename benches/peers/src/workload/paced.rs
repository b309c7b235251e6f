//! Events leave on a schedule, one every microsecond; how long each is under way.

use super::stream::{Together, read};
use super::{Outcome, Task, histogram, only};
use crate::contender::{Publish, Receive};
use crate::payload::{Tally, sequence};
use crate::poll::Poll;
use common::pin;
use std::hint::spin_loop;
use std::thread;
use std::time::{Duration, Instant};

/// The time of what did not come. It is written before the first event comes, so that all memory is there.
const NEVER: u64 = u64::MAX;
const INTERVAL: Duration = Duration::from_micros(1);

/// Counts from when an event should have left: a stall of the publisher delays everything that it held up.
pub(super) fn measure<P: Publish, R: Receive>(ends: (Vec<P>, Vec<R>), task: &Task, slots: usize) -> Outcome {
    let (mut writer, mut reader) = only(ends);
    let warm_up = task.limit.warm_up(slots);
    let within_time = (task.limit.time.as_nanos() / INTERVAL.as_nanos()) as u64;
    let last = warm_up + within_time.min(task.limit.events);
    let (poll, together, clock) = (Poll::for_latency(), &Together::new(1, 1), Instant::now());
    let (begin, faults, times) = thread::scope(|scope| {
        let reading = scope.spawn(move || {
            pin::pin(1);
            let mut tally = Tally::new(task.check);
            let mut times = vec![NEVER; last as usize];
            together.start();
            let receive = |tally: &mut Tally| {
                let (before, lost) = (tally.next(0), tally.faults.lost);
                let found = reader.receive(tally);
                if found {
                    let now = clock.elapsed().as_nanos() as u64;
                    let next = tally.next(0).min(last);
                    // After a loss it is the last one that came.
                    let first = if tally.faults.lost == lost { before.min(next) } else { next.saturating_sub(1) };
                    times[first as usize..next as usize].fill(now);
                }
                found
            };
            read(receive, &mut tally, poll, together);
            (tally.faults, times)
        });
        pin::pin(0);
        together.start();
        let begin = clock.elapsed() + Duration::from_micros(50);
        for number in 0..last {
            let due = begin + INTERVAL * number as u32;
            while clock.elapsed() < due {
                spin_loop();
            }
            writer.publish(sequence(0, number), poll);
        }
        together.is_done(0, last);
        let (faults, times) = reading.join().expect("a thread that fails ends the process");
        (begin, faults, times)
    });
    let mut histogram = histogram();
    for (number, time) in times.iter().enumerate().skip(warm_up as usize).filter(|(_, time)| **time != NEVER) {
        let due = begin + INTERVAL * number as u32;
        histogram.saturating_record(time.saturating_sub(due.as_nanos() as u64).max(1));
    }
    let seconds = (last - warm_up) as f64 * INTERVAL.as_secs_f64();
    Outcome::of_latencies(&histogram, seconds, faults)
}
