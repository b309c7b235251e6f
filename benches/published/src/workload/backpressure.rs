//! A reader that takes ten times as long for an event as its writer needs alone.

use super::Task;
use crate::endpoints::{Put, Rings, Take};
use crate::patience::Patience;
use crate::sample::{Figure, Measured, Unit};
use crate::tally::Tally;
use crate::threads;
use crate::words;
use std::hint::spin_loop;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};
use std::thread;
use std::time::{Duration, Instant};

const CAPACITY: usize = 2000;
const SLOWER: u32 = 10;
/// A look at the clock can cost more than ten events of the writer's.
const BETWEEN_LOOKS: u32 = 16;
const THREADS: usize = 2;

/// With `THROTTLES`, the writer waits while the reader says that it should.
pub(super) fn measure<R: Rings, const THROTTLES: bool>(task: &Task) -> anyhow::Result<Measured> {
    let events = if task.tiny { 20_000 } else { 2_000_000 };
    let alone = alone::<R>(events);
    let step = alone * SLOWER * BETWEEN_LOOKS / events as u32;
    let (mut put, mut take) = R::open::<64, CAPACITY>();
    let (begin, should_throttle, written) = (Barrier::new(THREADS), AtomicBool::new(false), AtomicBool::new(false));
    let patience = Patience::among(THREADS);
    let (writer, reader) = thread::scope(|scope| {
        let writer = threads::spawn(scope, 0, || {
            begin.wait();
            let (start, mut throttled) = (Instant::now(), 0);
            for number in 0..events {
                let mut waited = false;
                while THROTTLES && should_throttle.load(Relaxed) {
                    waited = true;
                    patience.wait();
                }
                while !put.try_put(bytemuck::bytes_of(&words::event(number)), 1) {
                    waited = true;
                    patience.wait();
                }
                throttled += u64::from(waited);
            }
            written.store(true, Release);
            (start, throttled)
        });
        let reader = threads::spawn(scope, 1, || {
            let mut tally = Tally::of(events);
            begin.wait();
            let mut is_throttling = false;
            let (mut due, mut taken) = (Instant::now(), 0u32);
            loop {
                // Asked before the look, so that what is not there then never will be.
                let is_last = written.load(Acquire);
                let took = take.try_take(|bytes| tally.note(words::number(bytes)));
                if take.should_throttle() != is_throttling {
                    is_throttling = !is_throttling;
                    should_throttle.store(is_throttling, Relaxed);
                }
                match took {
                    true => {
                        taken += 1;
                        if taken.is_multiple_of(BETWEEN_LOOKS) {
                            due = linger(due, step);
                        }
                    }
                    false if is_last => break,
                    false => patience.wait(),
                }
            }
            (Instant::now(), tally, take.told_lost())
        });
        (threads::join(writer), threads::join(reader))
    });
    let ((start, throttled), (end, tally, told)) = (writer, reader);
    let rate = |count: u64, time: Duration| count as f64 / time.as_secs_f64();
    let mut figures = vec![
        Figure::new("the writer alone", Unit::Rate, rate(events, alone)),
        Figure::new("delivered", Unit::Rate, rate(tally.delivered(), end - start)),
        Figure::new("throttled", Unit::Events, throttled as f64),
    ];
    figures.extend(tally.figures(told));
    Ok(Measured { figures, faults: tally.faults(told) })
}

/// The time that the writer takes for this many events with nobody reading.
fn alone<R: Rings>(events: u64) -> Duration {
    let (mut put, take) = R::open::<64, CAPACITY>();
    // A Consumer that reads nothing would stop it.
    drop(take);
    let mut write = |count| {
        let start = Instant::now();
        for number in 0..count {
            assert!(put.try_put(bytemuck::bytes_of(&words::event(number)), 1), "a ring without a reader has room");
        }
        start.elapsed()
    };
    // Touches the memory for the first time.
    write(CAPACITY as u64);
    write(events)
}

/// Spends what is left of the time of a few events; when that of the next ones begins.
fn linger(due: Instant, step: Duration) -> Instant {
    let end = due + step;
    loop {
        let now = Instant::now();
        match now < end {
            true => spin_loop(),
            // A late thread goes on at once, and does not hurry afterwards.
            false => return now,
        }
    }
}
