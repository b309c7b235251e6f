//! What it takes from one stage to the next: a number that was published long before goes through three stages, one at a time.

use super::{Outcome, Task, histogram};
use crate::contender::{Publish, Receive, Staged};
use crate::distance::median;
use crate::payload::Tally;
use crate::poll::Poll;
use common::{apart::Apart, pin};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

/// Rounds of which the mean is taken, as of the round trip.
const BLOCK: u64 = 32;

/// The first stage and the third share a core, and the second has another: a round is two hops, there and back.
///
/// Blocks of rounds alternate as those of the round trip do.
pub(super) fn measure<C: Staged, const CAP: usize>(task: &Task) -> Outcome {
    const { assert!((CAP as u64).is_multiple_of(2 * BLOCK)) };
    let (writer, first, mut second, third) = C::stages::<CAP>();
    let (poll, over, slots) = (Poll::for_latency(), &Apart(AtomicBool::new(false)), CAP as u64);
    thread::scope(|scope| {
        let there = scope.spawn(move || {
            pin::pin(1);
            let mut tally = Tally::new(task.check);
            while !over.0.load(Relaxed) {
                poll.until(|| second.receive(&mut tally) || over.0.load(Relaxed));
            }
            tally.faults
        });
        pin::pin(0);
        let tallies = [Tally::new(task.check), Tally::new(task.check)];
        let mut here = Here { writer, first, third, tallies, published: 0, poll };
        for _ in 0..2 {
            here.fill(slots);
            (0..slots).for_each(|_| here.round());
        }
        let (begin, mut means, mut rounds) = (Instant::now(), Vec::new(), histogram());
        while rounds.len() < task.limit.events && begin.elapsed() < task.limit.time {
            if here.is_through() {
                here.fill(slots);
            }
            let left = Instant::now();
            (0..BLOCK).for_each(|_| here.round());
            let mut left_again = Instant::now();
            means.push((left_again - left).as_nanos() as f64 / BLOCK as f64);
            for _ in 0..BLOCK {
                here.round();
                let now = Instant::now();
                rounds.saturating_record((now - left_again).as_nanos() as u64);
                left_again = now;
            }
        }
        let seconds = begin.elapsed().as_secs_f64();
        over.0.store(true, Relaxed);
        let faults = there.join().expect("a thread that fails ends the process");
        let faults = here.tallies.iter().fold(faults, |faults, tally| faults.and(tally.faults));
        Outcome { value: median(means), ..Outcome::of_latencies(&rounds, seconds, faults) }
    })
}

/// The ends on the first core, and what came to the stages there.
struct Here<P, A, C> {
    writer: P,
    first: A,
    third: C,
    tallies: [Tally; 2],
    published: u64,
    poll: Poll,
}

impl<P: Publish, A: Receive, C: Receive> Here<P, A, C> {
    /// An event goes through all stages.
    #[inline]
    fn round(&mut self) {
        let [first, third] = &mut self.tallies;
        self.poll.until(|| self.first.receive(first));
        self.poll.until(|| self.third.receive(third));
    }

    /// Whether all that was published has gone through all stages.
    fn is_through(&self) -> bool {
        self.tallies[1].next(0) == self.published
    }

    /// Publishes as many events as there are slots, all of which are free.
    fn fill(&mut self, slots: u64) {
        // A look that finds nothing is the one at which all room is given back.
        let [first, third] = &mut self.tallies;
        assert!(!self.first.receive(first) && !self.third.receive(third), "all that was published has come");
        (self.published..self.published + slots).for_each(|number| self.writer.publish(number, self.poll));
        self.published += slots;
    }
}
