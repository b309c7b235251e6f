//! An event is published and read, then the next, all on one thread.

use super::{Outcome, Task, only};
use crate::contender::{Publish, Receive};
use crate::payload::Tally;
use crate::poll::Poll;
use common::pin;
use std::time::Instant;

pub(super) fn measure<P: Publish, R: Receive>(ends: (Vec<P>, Vec<R>), task: &Task, slots: usize) -> Outcome {
    pin::pin(0);
    let (mut writer, mut reader) = only(ends);
    let (poll, stretch) = (Poll::for_rate(false), slots as u64);
    let mut tally = Tally::new(task.check);
    let mut number = 0;
    let mut go = |events: u64| {
        for _ in 0..events {
            writer.publish(number, poll);
            poll.until(|| reader.receive(&mut tally));
            number += 1;
        }
        number
    };
    let warm_up = go(task.limit.warm_up(slots));
    let begin = Instant::now();
    let mut published = warm_up;
    while begin.elapsed() < task.limit.time && published - warm_up < task.limit.events {
        published = go(stretch);
    }
    let time = begin.elapsed();
    tally.close(&[published]);
    Outcome::of_mean(published - warm_up, time, tally.faults)
}
