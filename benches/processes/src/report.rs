//! The tables of a run, and what they say.

use crate::cell::median;
use crate::cli::{Run, Workload};
use crate::contenders::{ROWS, Row, Side};
use crate::sample::{Ending, Measured, Sample};
use common::machine::Machine;
use common::table::aligned;

/// How many times as good as each rival ours should be.
const GOAL: f64 = 1.5;
/// Within which factor two are equal.
const TIE: f64 = 1.05;

/// What a contender's rounds gave.
pub(crate) struct Figure {
    pub(crate) median: f64,
    lowest: f64,
    highest: f64,
    /// Of the round whose value is the median.
    percentiles: Option<[f64; 5]>,
    /// The part of what was published that was lost, over all rounds.
    lost: f64,
}

/// The figure of a contender; why there is none, if a sample of it was unsound or failed; nothing, if it was not measured.
pub(crate) fn figure(
    samples: &[Sample],
    row: &Row,
    workload: Workload,
    payload: usize,
) -> Option<Result<Figure, &'static str>> {
    let of_it = samples
        .iter()
        .filter(|sample| (sample.contender, sample.workload, sample.payload) == (row.name, workload.name(), payload));
    let mut measured: Vec<&Measured> = Vec::new();
    let mut failed = None;
    for sample in of_it {
        match &sample.ending {
            Ending::Measured(found) => measured.push(found),
            Ending::Unsound { .. } => return Some(Err("UNSOUND")),
            Ending::Failed { .. } => failed = Some(Err("FAILED")),
        }
    }
    measured.sort_by(|a, b| a.value.total_cmp(&b.value));
    let (first, last) = match measured.as_slice() {
        [] => return failed,
        [first, ..] => (first, measured.last()?),
    };
    let [published, lost] = [|of: &Measured| of.published, |of: &Measured| of.lost]
        .map(|count| measured.iter().map(|of| count(of)).sum::<u64>());
    let mut values: Vec<f64> = measured.iter().map(|of| of.value).collect();
    Some(Ok(Figure {
        median: median(&mut values),
        lowest: first.value,
        highest: last.value,
        percentiles: measured[measured.len() / 2].percentiles,
        lost: lost as f64 / published as f64,
    }))
}

/// The file of a workload's chart.
pub(crate) fn chart_of(workload: Workload) -> String {
    format!("processes-{}.svg", workload.name())
}

pub(crate) fn title(workload: Workload) -> &'static str {
    match workload {
        Workload::RoundTrip => "Round trip between two processes, nanoseconds",
        Workload::Stream => "Stream between two processes, million events received a second",
    }
}

pub(crate) fn value(value: f64, workload: Workload) -> String {
    match workload {
        Workload::RoundTrip => format!("{value:.0}"),
        Workload::Stream => format!("{:.2}", value / 1e6),
    }
}

/// All of it.
pub(crate) fn text(arguments: &Run, machine: &Machine, samples: &[Sample]) -> String {
    let payloads = arguments.payloads();
    let Machine { processor, family, cores, system, load, date } = machine;
    let mut text = format!(
        "{processor} ({family}), {cores} cores, {system}, load {load} before, {date}; {} rounds of {} s. Medians, and in brackets the lowest and the \
         highest round.\n",
        arguments.rounds(),
        arguments.seconds()
    );
    for workload in arguments.workloads() {
        text += &format!("\n## {}\n\n", title(workload));
        if arguments.pages.is_some() {
            text += &format!("![{}]({})\n\n", title(workload), chart_of(workload));
        }
        text += &table(samples, workload, &payloads);
        if workload == Workload::RoundTrip {
            text += &format!(
                "\nSingle trips, of the median round, each with a reading of the clock: p50, p90, p99, p99.9, longest.\n\n{}",
                percentiles(samples, &payloads)
            );
        }
        text += &format!(
            "\nThe best of ours against each rival: how many times as good. The goal is {GOAL}.\n\n{}",
            compared(samples, workload, &payloads)
        );
    }
    if arguments.goals {
        text += &format!("\n## Goals\n\n```text\n{}\n```\n", goals(arguments, samples).join("\n"));
    }
    text
}

fn head(first: &str, payloads: &[usize]) -> Vec<String> {
    let mut head = vec![first.to_owned()];
    head.extend(payloads.iter().map(|payload| bytes(*payload)));
    head
}

pub(crate) fn bytes(count: usize) -> String {
    if count < 1024 { format!("{count} B") } else { format!("{} KiB", count / 1024) }
}

fn table(samples: &[Sample], workload: Workload, payloads: &[usize]) -> String {
    let mut lines = vec![head("", payloads)];
    for row in &ROWS {
        let cells = payloads.iter().map(|payload| match figure(samples, row, workload, *payload) {
            None => "-".to_owned(),
            Some(Err(why)) => why.to_owned(),
            Some(Ok(Figure { median, lowest, highest, lost, .. })) => {
                let [median, lowest, highest] = [median, lowest, highest].map(|of| value(of, workload));
                let lost = if lost > 0.0 { format!(", {:.0} % lost", lost * 100.0) } else { String::new() };
                format!("{median} ({lowest} to {highest}){lost}")
            }
        });
        lines.push([row.name.to_owned()].into_iter().chain(cells).collect());
    }
    aligned(&lines)
}

fn percentiles(samples: &[Sample], payloads: &[usize]) -> String {
    let mut lines = vec![head("", payloads)];
    for row in &ROWS {
        let cells = payloads.iter().map(|payload| {
            let figure = figure(samples, row, Workload::RoundTrip, *payload)?.ok()?;
            Some(figure.percentiles?.map(|time| format!("{time:.0}")).join(", "))
        });
        lines.push([row.name.to_owned()].into_iter().chain(cells.map(|cell| cell.unwrap_or("-".to_owned()))).collect());
    }
    aligned(&lines)
}

/// The best of ours in the class of `rival`, and how many times as good it is.
fn against(samples: &[Sample], rival: &Row, workload: Workload, payload: usize) -> Option<(f64, &'static str)> {
    let theirs = figure(samples, rival, workload, payload)?.ok()?.median;
    let ours = ROWS.iter().filter(|row| row.side == Side::Ours && row.is_lossy == rival.is_lossy).filter_map(|row| {
        let ours = figure(samples, row, workload, payload)?.ok()?.median;
        let ratio = if workload == Workload::RoundTrip { theirs / ours } else { ours / theirs };
        Some((ratio, row.name))
    });
    ours.max_by(|a, b| a.0.total_cmp(&b.0))
}

fn verdict(ratio: f64) -> &'static str {
    match ratio {
        enough if enough >= GOAL => "",
        more if more > TIE => " short of the goal",
        less if less < 1.0 / TIE => " LOSS",
        _ => " tie",
    }
}

fn compared(samples: &[Sample], workload: Workload, payloads: &[usize]) -> String {
    let mut lines = vec![head("rival", payloads)];
    for rival in ROWS.iter().filter(|row| row.side == Side::Rival) {
        let cells = payloads.iter().map(|payload| match against(samples, rival, workload, *payload) {
            None => "-".to_owned(),
            Some((ratio, ours)) => {
                format!("{ratio:.2}{} ({})", verdict(ratio), ours.trim_start_matches("rusted-ring-"))
            }
        });
        lines.push([rival.name.to_owned()].into_iter().chain(cells).collect());
    }
    aligned(&lines)
}

fn goals(arguments: &Run, samples: &[Sample]) -> Vec<String> {
    let mut lines = Vec::new();
    for workload in arguments.workloads() {
        for payload in arguments.payloads() {
            for rival in ROWS.iter().filter(|row| row.side == Side::Rival) {
                let Some((ratio, ours)) = against(samples, rival, workload, payload) else { continue };
                let met = if ratio >= GOAL { "met" } else { "missed" };
                lines.push(format!(
                    "{met:<6} {}, {}: {ours} at least {GOAL} times as good as {}: {ratio:.2}",
                    workload.name(),
                    bytes(payload),
                    rival.name
                ));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_names_what_is_short_tied_or_lost() {
        assert_eq!([1.6, 1.2, 1.0, 0.8].map(verdict), ["", " short of the goal", " tie", " LOSS"]);
    }
}
