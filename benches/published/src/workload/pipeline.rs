//! Three stages, each on a thread of its own with a ring before it, and a source: every event passes all.
//!
//! ```text
//! source -> ring 64 B -> 1: transform -> ring 256 B -> 2: transform -> ring 1 KiB -> 3: check
//! ```

use super::Task;
use crate::endpoints::{Put, Rings, Take};
use crate::patience::Patience;
use crate::sample::{Figure, Measured, Unit};
use crate::tally::Tally;
use crate::threads;
use crate::words;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Acquire, Ordering::Release};
use std::thread;
use std::time::{Duration, Instant};

const XS: usize = 2000;
const S: usize = 1000;
const M: usize = 300;
/// The source, and the three stages.
const THREADS: usize = 4;
const STAGES: u64 = 3;
/// What a stage makes of words, so that none can be mistaken for another stage's.
const KEYS: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F];

pub(super) fn measure<R: Rings>(task: &Task) -> anyhow::Result<Measured> {
    let (events, trips) = if task.tiny { (20_000, 200) } else { (300_000, 10_000) };
    let mut tally = Tally::of(events);
    let flow = run::<R>(|put| (0..events).for_each(|number| put(&words::event(number))), |number| tally.note(number));
    let (mean, arrived) = one_at_a_time::<R>(trips);
    let mut faults = tally.faults(flow.told);
    if arrived != trips {
        faults.push(format!("of {trips} sent one at a time, {arrived} arrived whole"));
    }
    let rate = tally.delivered() as f64 / flow.time.as_secs_f64();
    let mut figures = vec![
        Figure::new("end to end", Unit::Rate, rate),
        Figure::new("a hop, one event under way", Unit::Nanos, mean / STAGES as f64),
    ];
    figures.extend(tally.figures(flow.told));
    Ok(Measured { figures, faults })
}

/// The mean time from the source to the last stage, with one event under way; and how many arrived whole.
fn one_at_a_time<R: Rings>(trips: u64) -> (f64, u64) {
    let (base, patience, landed) = (Instant::now(), Patience::among(THREADS), AtomicU64::new(0));
    let (mut sum, mut whole) = (0, 0);
    run::<R>(
        |put| {
            for trip in 0..trips {
                // An event's number is the time at which it leaves.
                put(&words::event(base.elapsed().as_nanos() as u64));
                while landed.load(Acquire) <= trip {
                    patience.wait();
                }
            }
        },
        |left| {
            if let Some(left) = left {
                sum += (base.elapsed().as_nanos() as u64).saturating_sub(left);
                whole += 1;
            }
            landed.fetch_add(1, Release);
        },
    );
    (sum as f64 / trips as f64, whole)
}

/// What came of a run.
struct Flow {
    time: Duration,
    /// How many events the readers say they lost.
    told: u64,
}

/// Lets `feed` write into the first ring; `arrive` has the number of each event at the end, or none if it is not whole.
fn run<R: Rings>(
    feed: impl FnOnce(&mut dyn FnMut(&[u64; words::WORDS])) + Send,
    mut arrive: impl FnMut(Option<u64>) + Send,
) -> Flow {
    let ((xs_in, xs_out), (s_in, s_out), (m_in, mut m_out)) =
        (R::open::<64, XS>(), R::open::<256, S>(), R::open::<1024, M>());
    let begin = Barrier::new(THREADS);
    let [fed, first_done, second_done] = [const { AtomicBool::new(false) }; 3];
    thread::scope(|scope| {
        let source = threads::spawn(scope, 0, || {
            let mut outlet = Outlet::new(xs_in, XS);
            begin.wait();
            let start = Instant::now();
            feed(&mut |event| outlet.put(event));
            fed.store(true, Release);
            start
        });
        let first = threads::spawn(scope, 1, || {
            begin.wait();
            transform::<32>(xs_out, Outlet::new(s_in, S), KEYS[0], &fed, &first_done)
        });
        let second = threads::spawn(scope, 2, || {
            begin.wait();
            transform::<128>(s_out, Outlet::new(m_in, M), KEYS[1], &first_done, &second_done)
        });
        let third = threads::spawn(scope, 3, || {
            begin.wait();
            until_dry(&mut m_out, &second_done, |bytes| arrive(number(bytes)));
            (Instant::now(), m_out.told_lost())
        });
        let (start, told) = (threads::join(source), threads::join(first) + threads::join(second));
        let (end, told_by_third) = threads::join(third);
        Flow { time: end - start, told: told + told_by_third }
    })
}

/// The number of an event that went through both transformations.
fn number(bytes: &[u8]) -> Option<u64> {
    let of_second = words::undo::<32>(words::of(bytes), KEYS[1])?;
    let of_first = words::undo::<{ words::WORDS }>(of_second.into_iter(), KEYS[0])?;
    words::number(bytemuck::bytes_of(&of_first))
}

/// A stage that makes `OUT` words of what it takes; returns how many events its reader says it lost.
fn transform<const OUT: usize>(
    mut take: impl Take,
    mut outlet: Outlet<impl Put>,
    key: u64,
    upstream_done: &AtomicBool,
    done: &AtomicBool,
) -> u64 {
    until_dry(&mut take, upstream_done, |bytes| outlet.put(&words::transform::<OUT>(bytes, key)));
    done.store(true, Release);
    take.told_lost()
}

/// Takes until there is nothing, and no writer that could bring more.
fn until_dry(take: &mut impl Take, upstream_done: &AtomicBool, mut look: impl FnMut(&[u8])) {
    let patience = Patience::among(THREADS);
    loop {
        // Asked before the look, so that what is not there then never will be.
        let is_last = upstream_done.load(Acquire);
        match take.try_take(&mut look) {
            true => {}
            false if is_last => return,
            false => patience.wait(),
        }
    }
}

/// Writes into a ring, and waits for room where a ring says that it has none.
struct Outlet<P> {
    put: P,
    count: u32,
    half: u32,
    patience: Patience,
}

impl<P: Put> Outlet<P> {
    fn new(put: P, capacity: usize) -> Self {
        Outlet { put, count: 0, half: capacity as u32 / 2, patience: Patience::among(THREADS) }
    }

    fn put<const WORDS: usize>(&mut self, words: &[u64; WORDS]) {
        while !self.put.try_put(bytemuck::cast_slice(words), 1) {
            self.patience.wait();
        }
        self.count += 1;
        // Where threads share cores, a reader that never runs would lose everything.
        if self.count.is_multiple_of(self.half) {
            self.patience.give_way();
        }
    }
}
