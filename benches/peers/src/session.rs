//! A run: all cells, round after round, within its time.

use crate::cell::Cell;
use crate::cli;
use crate::distance;
use crate::payload::Check;
use crate::sample::{Ending, Sample};
use crate::workload::Limit;
use common::machine::Machine;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::VecDeque;
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

/// What a cell takes beside what it measures, to begin with; then it is what it was in the round before.
const OVERHEAD: Duration = Duration::from_millis(15);
/// The least and the most that a sample measures.
const LEAST: Duration = Duration::from_millis(10);
const MOST: Duration = Duration::from_millis(500);
/// The part of the time that is kept for samples which must be taken again.
const FOR_REPEATS: f64 = 0.15;

/// Measures every cell in every round; contenders of one workload and payload come one after the other.
pub(crate) fn run(arguments: &cli::Run) -> anyhow::Result<Vec<Sample>> {
    let machine = Machine::here();
    warn(&machine);
    let cells = Cell::all(&arguments.selection, &arguments.selection.payloads(arguments.quick));
    let (refused, mut cells): (Vec<Cell>, Vec<Cell>) = cells.into_iter().partition(|cell| cell.refusal().is_some());
    let (begin, rounds) = (Instant::now(), arguments.rounds());
    let mut session = Session {
        check: arguments.check,
        machine,
        deadline: begin + Duration::from_secs(arguments.seconds()),
        bar: bar(cells.len() as u64 * u64::from(rounds)),
        samples: Vec::new(),
    };
    for cell in refused {
        let reason = cell.refusal().unwrap_or_default().to_owned();
        session.keep(cell, 0, Ending::NotApplicable { reason });
    }
    let (mut overhead, mut time) = (OVERHEAD, LEAST);
    for round in 1..=rounds {
        let (round_begin, count) = (Instant::now(), cells.len().max(1) as u32);
        let left = session.deadline.saturating_duration_since(round_begin).mul_f64(1.0 - FOR_REPEATS);
        time = (left / (count * (rounds - round + 1))).saturating_sub(overhead).clamp(LEAST, MOST);
        let mut alive = Vec::with_capacity(cells.len());
        for cell in cells {
            // A cell that hung would take seconds of the others' time again.
            if !session.take(cell, round, time)?.is_hung() {
                alive.push(cell);
            }
            session.bar.inc(1);
        }
        cells = alive;
        overhead = (round_begin.elapsed() / count).saturating_sub(time);
        if !stderr().is_terminal() {
            eprintln!("round {round} of {rounds}: {} s, {time:.0?} a sample", begin.elapsed().as_secs());
        }
    }
    session.repeat(time)?;
    session.bar.finish_and_clear();
    Ok(session.samples)
}

struct Session {
    check: Check,
    machine: Machine,
    deadline: Instant,
    bar: ProgressBar,
    samples: Vec<Sample>,
}

impl Session {
    fn keep(&mut self, cell: Cell, round: u32, ending: Ending) {
        self.samples.push(cell.sample(ending, self.check, round, &self.machine));
    }

    /// Measures a cell for this long, and keeps what came of it.
    fn take(&mut self, cell: Cell, round: u32, time: Duration) -> anyhow::Result<Ending> {
        self.bar.set_message(format!("round {round}: {}", cell.name()));
        let ending = cell.run(Limit { time, events: u64::MAX }, self.check)?;
        self.keep(cell, round, ending.clone());
        Ok(ending)
    }

    /// Takes samples again whose cores were at another distance than most, until all are at one or the time is over.
    ///
    /// The first ones are kept too: their rate does not count, but what they lost or tore does.
    fn repeat(&mut self, time: Duration) -> anyhow::Result<()> {
        let common = distance::common(&self.samples);
        let is_away = |ending: &Ending| match ending {
            Ending::Measured(measured) => !distance::is_at(measured, common),
            _ => false,
        };
        let away = self.samples.iter().filter(|sample| is_away(&sample.ending));
        let mut away: VecDeque<(Cell, u32)> =
            away.filter_map(|sample| Some((Cell::of(sample)?, sample.round))).collect();
        while let Some((cell, round)) = away.pop_front() {
            if Instant::now() + 2 * time > self.deadline {
                return Ok(());
            }
            if is_away(&self.take(cell, round, time)?) {
                away.push_back((cell, round));
            }
        }
        Ok(())
    }
}

fn warn(machine: &Machine) {
    if !machine.is_quiet() {
        eprintln!("*** THE MACHINE IS NOT QUIET: its load is {}. These figures are worth little.", machine.load);
    }
    if machine.cores < 2 {
        eprintln!("*** THERE IS ONE CORE: what is measured between threads is how the system switches them.");
    }
}

/// A bar, where there is a terminal.
fn bar(samples: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed_precise} {wide_msg}");
    ProgressBar::new(samples).with_style(style.expect("the template is well formed"))
}
