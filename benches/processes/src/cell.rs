//! One of the two processes of a sample.

use crate::cli::{Role, Side, Workload};
use crate::contender::{Contender, Publish, Receive};
use crate::contenders::{self, With};
use crate::payload::{self, LAST, Tally};
use crate::poll::Poll;
use crate::sample::{First, Second};
use anyhow::{Context, bail, ensure};
use common::pin;
use rustix::process::{Signal, set_parent_process_death_signal};
use serde::Serialize;
use std::io::{Write, stdin, stdout};
use std::time::{Duration, Instant};

/// What the first says once its channel is there.
pub(crate) const CREATED: &str = "created";
/// What the second says once it has joined it.
pub(crate) const JOINED: &str = "joined";
/// What the first is told then.
pub(crate) const GO: &str = "go";

/// Trips of which a mean is taken.
const BLOCK: u32 = 32;

/// Does what `side` says, and prints what it found.
pub(crate) fn run(side: &Side) -> anyhow::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    ensure!(pin::cores() == side.cores, "{} cores are to be used, and {} may be", side.cores, pin::cores());
    match contenders::with(&side.contender, Sized(side)) {
        Some(outcome) => outcome,
        None => bail!("there is no contender `{}`", side.contender),
    }
}

struct Sized<'a>(&'a Side);

impl With for Sized<'_> {
    type Output = anyhow::Result<()>;

    fn with<C: Contender>(self) -> Self::Output {
        match self.0.payload {
            64 => take_part::<C, 8>(self.0),
            256 => take_part::<C, 32>(self.0),
            1024 => take_part::<C, 128>(self.0),
            4096 => take_part::<C, 512>(self.0),
            16384 => take_part::<C, 2048>(self.0),
            payload => bail!("there are no events of {payload} bytes"),
        }
    }
}

fn take_part<C: Contender, const W: usize>(side: &Side) -> anyhow::Result<()> {
    // As in the suite of threads.
    let slots = if W > 512 {
        64
    } else if W > 128 {
        256
    } else {
        1024
    };
    let [there, back] = ["t", "b"].map(|way| format!("{}{way}", side.name));
    let is_crowded = pin::is_crowded(2);
    let trips = side.workload == Workload::RoundTrip;
    let poll = if trips { Poll::for_latency(is_crowded) } else { Poll::for_rate(is_crowded) };
    match side.role {
        Role::First => {
            pin::pin(0);
            let mut writer = C::writer::<W>(&there, slots)?;
            say(CREATED)?;
            let mut line = String::new();
            stdin().read_line(&mut line)?;
            ensure!(line.trim() == GO, "`{GO}` was expected, and not `{line}`");
            let time = Duration::from_secs_f64(side.seconds);
            let found = if trips {
                let mut reader = C::reader::<W>(&back, slots).context("joining the way back")?;
                writer.begin();
                first_of_trips(&mut writer, &mut reader, time, poll)
            } else {
                writer.begin();
                first_of_stream(&mut writer, time, poll)
            };
            tell(&found)?;
        }
        Role::Second => {
            pin::pin(1);
            let mut reader = C::reader::<W>(&there, slots)?;
            let found = if trips {
                let mut writer = C::writer::<W>(&back, slots)?;
                say(JOINED)?;
                second_of_trips(&mut reader, &mut writer, poll)
            } else {
                say(JOINED)?;
                second_of_stream(&mut reader, poll)
            };
            tell(&found)?;
        }
    }
    // The other one may still read: whoever ended first took the channel away under some rivals.
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    Ok(())
}

fn first_of_trips<const W: usize>(
    writer: &mut impl Publish<W>,
    reader: &mut impl Receive<W>,
    time: Duration,
    poll: Poll,
) -> First {
    let (mut number, mut tally) = (0, Tally::default());
    let mut trip = |last: u64| {
        writer.publish(number | last, poll);
        poll.until(|| reader.receive(|event| _ = tally.note(event)));
        number += 1;
    };
    // What comes first does not count: the second may be looking for its writer's reader.
    (0..BLOCK).for_each(|_| trip(0));
    let (mut means, mut trips, begun) = (Vec::new(), Vec::new(), Instant::now());
    let mut is_warm = false;
    loop {
        let from = Instant::now();
        (0..BLOCK).for_each(|_| trip(0));
        let mut before = Instant::now();
        means.push((before - from).as_nanos() as f64 / f64::from(BLOCK));
        for _ in 0..BLOCK {
            trip(0);
            let now = Instant::now();
            trips.push((now - before).as_nanos() as f64);
            before = now;
        }
        let passed = before - begun;
        if !is_warm && passed >= time / 5 {
            is_warm = true;
            means.clear();
            trips.clear();
        } else if passed >= time + time / 5 && !means.is_empty() {
            break;
        }
    }
    trip(LAST);
    trips.sort_by(f64::total_cmp);
    let quantile = |part: f64| trips[((trips.len() - 1) as f64 * part) as usize];
    let percentiles = Some([0.5, 0.9, 0.99, 0.999, 1.0].map(quantile));
    First { published: number, value: Some(median(&mut means)), percentiles, back: Some(tally) }
}

fn second_of_trips<const W: usize>(reader: &mut impl Receive<W>, writer: &mut impl Publish<W>, poll: Poll) -> Second {
    let mut tally = Tally::default();
    let mut is_found = false;
    let mut is_last = false;
    while !is_last {
        let mut first = 0;
        poll.until(|| {
            reader.receive(|event| {
                first = payload::first(event);
                is_last = tally.note(event);
            })
        });
        if !is_found {
            is_found = true;
            writer.begin();
        }
        writer.publish(first, poll);
    }
    Second { tally, seconds: 0.0 }
}

fn first_of_stream<const W: usize>(writer: &mut impl Publish<W>, time: Duration, poll: Poll) -> First {
    let (mut number, begun) = (0, Instant::now());
    while begun.elapsed() < time {
        for _ in 0..BLOCK {
            writer.publish(number, poll);
            number += 1;
        }
    }
    writer.publish(number | LAST, poll);
    First { published: number + 1, value: None, percentiles: None, back: None }
}

fn second_of_stream<const W: usize>(reader: &mut impl Receive<W>, poll: Poll) -> Second {
    let (mut tally, mut first, mut is_last) = (Tally::default(), None, false);
    while !is_last {
        poll.until(|| reader.receive(|event| is_last = tally.note(event)));
        first.get_or_insert_with(Instant::now);
    }
    Second { tally, seconds: first.map_or(0.0, |first| first.elapsed().as_secs_f64()) }
}

pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn tell(found: &impl Serialize) -> anyhow::Result<()> {
    say(&serde_json::to_string(found)?)
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
