//! What a child does: one workload on one Rust contender, once.

use crate::cli;
use crate::contender::{Contender, Look, Publish, Receive};
use crate::contenders;
use crate::sample::{Done, Measured};
use crate::wait::Wait;
use crate::workload::{self, BATCH, Operation, Workload};
use anyhow::Context;
use common::pin;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// What is to be done.
pub(crate) struct Task {
    pub(crate) workload: &'static Workload,
    pub(crate) events: u64,
    /// Whether each thread is put on a core of its own.
    pub(crate) pinned: bool,
}

/// What it came to.
pub(crate) struct Outcome {
    pub(crate) time: Duration,
    /// One of each consumer; of stages, one of the last.
    pub(crate) checksum: Vec<i64>,
    /// How many events each consumer handled.
    pub(crate) handled: Vec<u64>,
}

/// What a consumer made of its events, and when it was through.
#[derive(Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) value: i64,
    pub(crate) handled: u64,
    pub(crate) ended: Instant,
}

/// How threads wait that find the ring full, in every workload.
pub(crate) const FOR_ROOM: Wait = Wait::Yielding;

/// Takes one sample, and prints it.
pub(crate) fn print(arguments: &cli::Cell) -> anyhow::Result<()> {
    // One thread that fails would leave the others waiting for it.
    let complain = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        complain(panic);
        std::process::exit(101);
    }));
    let workload = workload::named(&arguments.workload).context("no such workload")?;
    let pinned = !arguments.unpinned && !pin::is_crowded(workload.threads());
    let events = arguments.events;
    let outcome = contenders::run(&arguments.contender, &Task { workload, events, pinned })?;
    let seconds = outcome.time.as_secs_f64();
    let measured = Measured {
        seconds,
        ops_per_second: events as f64 / seconds,
        checksum: outcome.checksum,
        handled: outcome.handled,
        pinned,
        java: None,
        disruptor: None,
    };
    let done = Done { workload: workload.name.to_owned(), ring: workload.ring, events, measured };
    println!("{}", serde_json::to_string(&done)?);
    Ok(())
}

/// Puts this thread, the `index`th of its workload, on a core of its own, if threads are pinned.
pub(crate) fn pin(index: usize, pinned: bool) {
    if pinned {
        pin::pin(index);
    }
}

/// Producers share the numbers from 0 on, and each consumer does its operation with every one.
pub(crate) fn stream<C: Contender>(task: &Task, producers: usize, batch: usize, operations: &[Operation]) -> Outcome {
    let (writers, readers) = C::open(task.workload.ring, producers, operations.len());
    let (events, wait, pinned) = (task.events, task.workload.wait, task.pinned);
    let start = Barrier::new(producers + operations.len());
    thread::scope(|scope| {
        let start = &start;
        let writing = writers.into_iter().enumerate().map(|(index, mut writer)| {
            let share = |index: usize| (events * index as u64 / producers as u64) as i64;
            let (from, to) = (share(index), share(index + 1));
            scope.spawn(move || {
                pin(index, pinned);
                start.wait();
                let begun = Instant::now();
                if batch == 1 {
                    publish(&mut writer, from, to)
                } else {
                    publish_batches(&mut writer, from, to)
                }
                begun
            })
        });
        let writing: Vec<_> = writing.collect();
        let reading = readers.into_iter().zip(operations).enumerate().map(|(index, (reader, operation))| {
            scope.spawn(move || {
                pin(producers + index, pinned);
                start.wait();
                match operation {
                    Operation::Add => fold(reader, events, wait, i64::wrapping_add),
                    Operation::Subtract => fold(reader, events, wait, i64::wrapping_sub),
                    Operation::And => fold(reader, events, wait, |value, event| value & event),
                }
            })
        });
        let reading: Vec<_> = reading.collect();
        let begun = writing.into_iter().map(|thread| thread.join().expect("a panic ends the process"));
        let begun = begun.min().expect("there is a producer");
        outcome(begun, reading.into_iter().map(|thread| thread.join().expect("a panic ends the process")).collect())
    })
}

fn publish(writer: &mut impl Publish, from: i64, to: i64) {
    for value in from..to {
        FOR_ROOM.until(|| writer.publish(value));
    }
}

fn publish_batches(writer: &mut impl Publish, from: i64, to: i64) {
    let mut values = [0; BATCH];
    let mut next = from;
    while next < to {
        let count = values.len().min((to - next) as usize);
        values.iter_mut().zip(next..).for_each(|(slot, value)| *slot = value);
        let mut left = &values[..count];
        FOR_ROOM.until(|| {
            left = &left[writer.publish_batch(left)..];
            left.is_empty()
        });
        next += count as i64;
    }
}

fn fold(mut reader: impl Receive, events: u64, wait: Wait, operation: impl Fn(i64, i64) -> i64) -> Tally {
    // Not known to the compiler: what is anded to a known 0 need not be read.
    let (mut value, mut handled) = (black_box(0), 0);
    let mut waiting = wait.begin();
    while handled < events {
        let look = reader.receive(|event| {
            value = operation(value, event);
            handled += 1;
        });
        match look {
            Look::Events => waiting.reset(),
            Look::Nothing => waiting.once(),
            Look::Closed => break,
        }
    }
    Tally { value, handled, ended: Instant::now() }
}

/// Each number goes through one ring and comes back through another before the next.
pub(crate) fn ping_pong<C: Contender>(task: &Task) -> Outcome {
    let one = |(writers, readers): (Vec<_>, Vec<_>)| writers.into_iter().zip(readers).next().expect("one of each");
    let (mut pings, mut at_ponger) = one(C::open(task.workload.ring, 1, 1));
    let (mut pongs, mut at_pinger) = one(C::open(task.workload.ring, 1, 1));
    let (events, wait, pinned) = (task.events, task.workload.wait, task.pinned);
    let start = Barrier::new(2);
    thread::scope(|scope| {
        let ponger = scope.spawn(|| {
            pin(1, pinned);
            start.wait();
            let mut tally = Tally { value: 0, handled: 0, ended: Instant::now() };
            while tally.handled < events {
                let Some(ping) = at_ponger.next(wait) else { break };
                tally.note(ping);
                FOR_ROOM.until(|| pongs.publish(ping));
            }
            drop(pongs);
            tally
        });
        let pinger = scope.spawn(|| {
            pin(0, pinned);
            start.wait();
            let begun = Instant::now();
            let mut tally = Tally { value: 0, handled: 0, ended: begun };
            for ping in 0..events as i64 {
                FOR_ROOM.until(|| pings.publish(ping));
                let Some(pong) = at_pinger.next(wait) else { break };
                tally.note(pong);
            }
            tally.ended = Instant::now();
            drop(pings);
            (begun, tally)
        });
        let ponger = ponger.join().expect("a panic ends the process");
        let (begun, pinger) = pinger.join().expect("a panic ends the process");
        outcome(begun, vec![ponger, pinger])
    })
}

impl Tally {
    #[inline]
    pub(crate) fn note(&mut self, event: i64) {
        self.value = self.value.wrapping_add(event);
        self.handled += 1;
    }
}

fn outcome(begun: Instant, tallies: Vec<Tally>) -> Outcome {
    let ended = tallies.iter().map(|tally| tally.ended).max().expect("there is a consumer");
    Outcome {
        time: ended - begun,
        checksum: tallies.iter().map(|tally| tally.value).collect(),
        handled: tallies.iter().map(|tally| tally.handled).collect(),
    }
}
