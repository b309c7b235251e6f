//! Writers publish as fast as they can; readers read as fast as they can.

use super::{Outcome, Task};
use crate::contender::{Publish, Receive};
use crate::payload::{BATCH, Faults, Tally, WRITERS, sequence};
use crate::poll::Poll;
use common::pin;
use std::sync::atomic::{
    AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use std::thread;
use std::time::{Duration, Instant};

/// How long a reader looks on for what was published, and did not come.
const GRACE: Duration = Duration::from_millis(20);

/// What the threads tell each other, beside what is measured.
pub(super) struct Together {
    threads: usize,
    ready: AtomicUsize,
    writing: AtomicUsize,
    published: [AtomicU64; WRITERS],
}

impl Together {
    pub(super) fn new(writers: usize, readers: usize) -> Self {
        Together {
            threads: writers + readers,
            ready: AtomicUsize::new(0),
            writing: AtomicUsize::new(writers),
            published: Default::default(),
        }
    }

    /// Waits until every thread has come here.
    pub(super) fn start(&self) {
        self.ready.fetch_add(1, Release);
        Poll::for_rate(true).until(|| self.ready.load(Acquire) == self.threads);
    }

    pub(super) fn is_done(&self, writer: usize, published: u64) {
        self.published[writer].store(published, Relaxed);
        self.writing.fetch_sub(1, Release);
    }

    /// How many events each writer published, once all are done.
    pub(super) fn published(&self) -> Option<[u64; WRITERS]> {
        (self.writing.load(Acquire) == 0).then(|| self.published.each_ref().map(|published| published.load(Relaxed)))
    }
}

pub(super) fn measure<P: Publish, R: Receive>(
    (writers, readers): (Vec<P>, Vec<R>),
    task: &Task,
    slots: usize,
    batches: bool,
) -> Outcome {
    let together = &Together::new(writers.len(), readers.len());
    let crowded = pin::is_crowded(writers.len() + readers.len());
    let (first_free, poll) = (1 + readers.len(), Poll::for_rate(crowded));
    thread::scope(|scope| {
        let writers: Vec<_> = writers
            .into_iter()
            .enumerate()
            .map(|(index, mut writer)| {
                scope.spawn(move || {
                    pin::pin(if index == 0 { 0 } else { first_free });
                    together.start();
                    let begin = Instant::now();
                    let published = write(&mut writer, index, task, slots, batches, poll, crowded);
                    together.is_done(index, published);
                    // Some lose what is under way when their writer goes.
                    (begin, writer)
                })
            })
            .collect();
        let readers: Vec<_> = readers
            .into_iter()
            .enumerate()
            .map(|(index, mut reader)| {
                scope.spawn(move || {
                    pin::pin(1 + index);
                    let mut tally = Tally::new(task.check);
                    together.start();
                    let end = if batches {
                        read(|tally| reader.receive_batch(tally), &mut tally, poll, together)
                    } else {
                        read(|tally| reader.receive(tally), &mut tally, poll, together)
                    };
                    (tally, end)
                })
            })
            .collect();
        let worked = "a thread that fails ends the process";
        let writers: Vec<_> = writers.into_iter().map(|writer| writer.join().expect(worked)).collect();
        let readers: Vec<_> = readers.into_iter().map(|reader| reader.join().expect(worked)).collect();
        let begin = writers.iter().map(|(begin, _)| *begin).min().expect("there is a writer");
        result(begin, &readers)
    })
}

/// The figures of the reader that got the fewest a second, and the faults of all.
fn result(begin: Instant, readers: &[(Tally, Instant)]) -> Outcome {
    let faults = readers.iter().fold(Faults::default(), |faults, (tally, _)| faults.and(tally.faults));
    let rates = readers.iter().map(|(tally, end)| {
        let seconds = end.saturating_duration_since(begin).as_secs_f64();
        Outcome {
            events: tally.delivered(),
            seconds,
            value: tally.delivered() as f64 / seconds,
            percentiles: None,
            faults,
        }
    });
    rates.min_by(|a, b| a.value.total_cmp(&b.value)).expect("there is a reader")
}

/// Publishes until the limit; returns how many.
fn write(
    writer: &mut impl Publish,
    index: usize,
    task: &Task,
    slots: usize,
    batches: bool,
    poll: Poll,
    crowded: bool,
) -> u64 {
    let (begin, mut number) = (Instant::now(), 0);
    let stretch = (slots / 2) as u64;
    loop {
        let end = number + stretch;
        if batches {
            for first in (number..end).step_by(BATCH) {
                writer.publish_batch(sequence(index, first), poll);
            }
        } else {
            for number in number..end {
                writer.publish(sequence(index, number), poll);
            }
        }
        number = end;
        if number >= task.limit.events || begin.elapsed() >= task.limit.time {
            return number;
        }
        // A thread that never waits must still let the others on its core run.
        if crowded {
            thread::yield_now();
        }
    }
}

/// Reads until all that was published has come, or no more does; when.
pub(super) fn read(
    mut receive: impl FnMut(&mut Tally) -> bool,
    tally: &mut Tally,
    poll: Poll,
    together: &Together,
) -> Instant {
    loop {
        let mut wait = poll.begin();
        while !receive(tally) {
            let Some(published) = together.published() else {
                wait.once();
                continue;
            };
            let end = Instant::now();
            // What was published is visible by now, but some answer "empty" while another thread is busy.
            while !tally.has_come_to(&published) && end.elapsed() < GRACE && !receive(tally) {
                thread::yield_now();
            }
            if tally.has_come_to(&published) || end.elapsed() >= GRACE {
                while receive(tally) {}
                tally.close(&published);
                return end;
            }
        }
        while receive(tally) {}
    }
}
