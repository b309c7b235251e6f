//! What publishing costs by itself.

use super::{Outcome, Task};
use crate::contender::{Publish, Receive};
use crate::payload::Tally;
use crate::poll::Poll;
use common::pin;
use std::time::{Duration, Instant};

/// A lossy one is published into on and on; any other until it is full, and emptied while the clock stands.
pub(super) fn measure<P: Publish, R: Receive>(ends: (Vec<P>, Vec<R>), task: &Task, slots: usize) -> Outcome {
    pin::pin(0);
    let mut writer = ends.0.into_iter().next().expect("there is a writer");
    let mut reader = ends.1.into_iter().next();
    let (poll, slots, warm_up) = (Poll::for_rate(false), slots as u64, task.limit.warm_up(slots));
    let mut tally = Tally::new(task.check);
    let (mut number, mut counted, mut time) = (0, 0, Duration::ZERO);
    while time < task.limit.time && counted < task.limit.events {
        let begin = Instant::now();
        for _ in 0..slots {
            writer.publish(number, poll);
            number += 1;
        }
        let took = begin.elapsed();
        if number > warm_up {
            time += took;
            counted += slots;
        }
        if let Some(reader) = &mut reader {
            while reader.receive(&mut tally) {}
        }
    }
    if reader.is_some() {
        tally.close(&[number]);
    }
    Outcome::of_mean(counted, time, tally.faults)
}
