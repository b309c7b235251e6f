//! A recording, printed or published anew.

use std::{
    io::{BufWriter, Write, stdout},
    thread,
    time::{Duration, Instant},
};

use anyhow::bail;
use rusted_ring::publisher::PublishError;
use rusted_ring_recording::{Balance, Entry, Event, Missing, Origin, Recording, Why};
use serde_json::json;

use crate::{
    cli::{Replay, Speed},
    event::{self, Publish},
    exit::{End, is_closed_pipe},
    lines, place,
    progress::Progress,
    stop::Stop,
    text, words,
};

/// How long it sleeps before it looks whether it was asked to stop.
const STEP: Duration = Duration::from_millis(50);

pub(crate) fn run(replay: &Replay) -> anyhow::Result<()> {
    let mut recording = Recording::open(&replay.file)?;
    let stop = Stop::install()?;
    let mut target = match &replay.into {
        None => Target::Lines(BufWriter::new(stdout())),
        Some(ring) => {
            let file = place::ring(ring)?;
            Target::Ring { name: ring, publisher: event::like(&file, recording.origin())?, progress: Progress::new() }
        }
    };
    let speed = replay.speed.unwrap_or(if replay.into.is_some() { Speed::Times(1.0) } else { Speed::Max });
    let mut pace = Pace { speed, first: None };
    let first = recording.origin().first;
    let mut replayed = Balance { first, next: first, ..Balance::default() };
    let outcome = all(replay, &mut recording, &mut target, &mut pace, &mut replayed, &stop);
    let target = match target {
        Target::Ring { name, .. } => format!(" into {name}"),
        Target::Lines(_) => String::new(),
    };
    let Origin { ring, .. } = recording.origin();
    let Balance { next, received, lost, holes, .. } = replayed;
    // Whoever made the file gave it that.
    let ring = text::escaped(ring.as_bytes());
    match outcome {
        Err(error) if is_closed_pipe(&error) => Ok(()),
        outcome => {
            text::say!(
                "replayed {received} of {ring}{target}, from sequence {first} on; lost {lost}, holes {holes}; the next sequence is {next}"
            );
            outcome
        }
    }
}

/// Where events go.
enum Target<'a> {
    Lines(BufWriter<std::io::Stdout>),
    Ring { name: &'a str, publisher: Box<dyn Publish>, progress: Progress },
}

/// When each event is due.
struct Pace {
    speed: Speed,
    /// When the first event was recorded, and when it was replayed.
    first: Option<(u64, Instant)>,
}

impl Pace {
    /// Waits until an event is due that was recorded at `time`; returns whether it is, and this was not asked to stop before.
    fn wait(&mut self, time: u64, stop: &Stop) -> bool {
        let (recorded, replayed) = *self.first.get_or_insert_with(|| (time, Instant::now()));
        if let Speed::Times(times) = self.speed {
            let after = Duration::from_nanos(time.saturating_sub(recorded)).div_f64(times);
            while let Some(left) = after.checked_sub(replayed.elapsed()).filter(|left| !left.is_zero()) {
                if stop.is_asked() {
                    return false;
                }
                thread::sleep(STEP.min(left));
            }
        }
        !stop.is_asked()
    }
}

fn all(
    replay: &Replay,
    recording: &mut Recording,
    target: &mut Target<'_>,
    pace: &mut Pace,
    replayed: &mut Balance,
    stop: &Stop,
) -> anyhow::Result<()> {
    let outcome = loop {
        let entry = match recording.read() {
            Ok(Some(entry)) => entry,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error.into()),
        };
        let (Entry::Event(Event { time, .. }) | Entry::Missing(Missing { time, .. })) = entry;
        if let Target::Lines(out) = target
            && pace.speed != Speed::Max
        {
            // What was read is shown before a wait begins.
            out.flush()?;
        }
        if !pace.wait(time, stop) {
            break Err(End::Interrupted(format!("interrupted: {} events were replayed", replayed.received)).into());
        }
        match (entry, &mut *target) {
            (Entry::Event(event), Target::Lines(out)) => {
                writeln!(out, "{}", lines::event(replay.form, event.sequence, event.event_type, event.data))?;
            }
            (Entry::Missing(Missing { from, to, why: Why::Lost, .. }), Target::Lines(out)) => {
                lines::lost(replay.form, out, from, to)?;
            }
            (Entry::Missing(Missing { from, to, why: Why::Hole, .. }), Target::Lines(out)) if replay.form.json => {
                writeln!(out, "{}", json!({ "holes": to - from, "from": from, "to": to }))?;
            }
            (Entry::Event(event), Target::Ring { name, publisher, progress }) => {
                publish(replay, event, name, &mut **publisher, stop)?;
                progress.show(|| format!("{} events", replayed.received));
            }
            (Entry::Missing(_), _) => {}
        }
        match entry {
            Entry::Event(event) => {
                replayed.received += 1;
                replayed.next = event.sequence + 1;
            }
            Entry::Missing(Missing { from, to, why, .. }) => {
                match why {
                    Why::Lost => replayed.lost += to - from,
                    Why::Hole => replayed.holes += to - from,
                }
                replayed.next = to;
            }
        }
    };
    if let Target::Lines(out) = target {
        out.flush()?;
    }
    outcome
}

fn publish(
    replay: &Replay,
    event: Event<'_>,
    ring: &str,
    publisher: &mut dyn Publish,
    stop: &Stop,
) -> anyhow::Result<()> {
    let sequence = event.sequence;
    match event::publish(publisher, event.data, event.event_type, replay.timeout, stop) {
        Ok(_) => Ok(()),
        Err(PublishError::Full(_)) if stop.is_asked() => {
            Err(End::Interrupted(format!("interrupted: there was no room for the event of sequence {sequence}")).into())
        }
        Err(PublishError::Full(full)) => {
            let process = full.blocker.and_then(|blocker| publisher.process_of(blocker.entry));
            let why = words::of_full(&full, process);
            Err(End::Full(format!("the event of sequence {sequence} was not published to {ring}: {why}")).into())
        }
        Err(error) => bail!("the event of sequence {sequence} was not published to {ring}: {error}"),
    }
}
