//! What is said about a run: tables, verdicts, goals and charts, all drawn from its lines.

mod chart;
mod figures;
mod goals;
pub(crate) mod lines;
mod table;
mod verdict;

use crate::distance;
use crate::payload::Check;
use crate::sample::Sample;
use crate::workload::{self, Workload};
use anyhow::Context;
use figures::Figures;
use std::fs;
use std::path::Path;

const PAGE: &str = "RESULTS.md";
/// Where the repository keeps figures, from its root, where `cargo xtask bench` runs this program.
const KEPT: &str = "docs/benchmarks";

/// Everything about a run, for the terminal; with the goals if they are wanted.
pub(crate) fn text(samples: &[Sample], with_goals: bool) -> String {
    let figures = Figures::of(samples);
    let (workloads, payloads) = (workloads(samples), payloads(samples));
    let mut text = format!("\n{}\n{}\n", conditions(samples), comparable(samples));
    if with_goals {
        text += &format!("\nGoals\n\n{}", goals::goals(&figures));
    }
    for workload in &workloads {
        let rows = table::rows_of(&figures, workload, &payloads);
        text += &format!("\n{}: {}\n\n", workload.name, workload.title);
        text += &table::table(&figures, workload, &payloads, &rows);
    }
    text += "\nVerdicts: the best of ours against the best rival; above 1 ours is better\n\n";
    text + &verdict::verdicts(&figures, &workloads, &payloads).join("\n") + "\n"
}

/// Draws page and charts of a run into the directory of its processor's family, in `pages`.
pub(crate) fn draw(samples: &[Sample], pages: &Path) -> anyhow::Result<()> {
    let family = samples.first().map_or("", |sample| &sample.machine.family);
    anyhow::ensure!(
        !family.is_empty(),
        "the lines do not say which family of processors they were measured on: measure again"
    );
    let directory = &pages.join(family);
    fs::create_dir_all(directory).with_context(|| format!("making {}", directory.display()))?;
    let figures = Figures::of(samples);
    let (workloads, payloads) = (workloads(samples), payloads(samples));
    let mut page = format!("# Results\n\n{}\n\n", conditions(samples));
    page += "Drawn by `cargo xtask bench`; [README.md](../README.md) says how it is measured, what the rows are and how to run \
             it again.\n";
    page += &format!("\n## Goals\n\n{}", goals::goals(&figures));
    page += "\n## Verdicts\n\nThe best of ours against the best rival; above 1 ours is better.\n\n```text\n";
    page += &(verdict::verdicts(&figures, &workloads, &payloads).join("\n") + "\n```\n");
    for workload in &workloads {
        let (name, title) = (workload.name, workload.title);
        let rows = table::rows_of(&figures, workload, &payloads);
        page += &format!("\n## {title}\n\n`{name}`\n\n![{title}]({name}.svg)\n\n");
        page += &table::table(&figures, workload, &payloads, &rows);
        write(directory, &format!("{name}.svg"), &chart::chart(&figures, workload, &payloads, &rows))?;
    }
    write(directory, PAGE, &page)
}

fn write(directory: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = directory.join(name);
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

/// Where, when and how it was measured.
fn conditions(samples: &[Sample]) -> String {
    let Some(first) = samples.first() else { return "Nothing was measured.".to_owned() };
    let machine = &first.machine;
    let rounds = samples.iter().map(|sample| sample.round).max().unwrap_or(0);
    let common = distance::common(samples);
    let measured: Vec<_> = samples.iter().filter_map(distance::measured).collect();
    let away = measured.iter().filter(|measured| !distance::is_at(measured, common)).count();
    let check = match first.check {
        Check::Full => "every word of every payload is checked",
        Check::Light => "of every payload only the first word and the last are checked",
    };
    let load = if machine.is_quiet() { "" } else { " **The machine was not quiet.**" };
    let capacities: Vec<String> = payloads(samples)
        .iter()
        .filter_map(|payload| {
            let sample = samples.iter().find(|sample| sample.payload == *payload)?;
            Some(format!("{} of {}", sample.capacity, table::bytes(*payload)))
        })
        .collect();
    format!(
        "{} (family `{}`), {} cores, {}, {}. Load before: {}.{load}\n\
         Medians of {rounds} rounds, with their range; {check}.\n\
         Slots: {}.\n\
         The cores were {common:.0} ns apart (a cache line there and back); {away} of {} samples, taken at another\n\
         distance, do not count. `~` marks what has no other.",
        machine.processor,
        machine.family,
        machine.cores,
        machine.system,
        machine.date,
        machine.load,
        capacities.join(", "),
        measured.len(),
    )
}

/// Which kept figures a run's may be compared with: those of its processor's family, if there are any where it runs.
fn comparable(samples: &[Sample]) -> String {
    let family = samples.first().map_or("", |sample| &sample.machine.family);
    let page = Path::new(KEPT).join(family).join(PAGE);
    match page.exists() {
        true => format!("Compare with {}: each family of processors has figures of its own.", page.display()),
        false => format!(
            "No figures of this family are kept in {KEPT}; on another family the order of contenders may differ."
        ),
    }
}

fn workloads(samples: &[Sample]) -> Vec<&'static Workload> {
    let is_there = |workload: &&Workload| samples.iter().any(|sample| sample.workload == workload.name);
    workload::ALL.iter().filter(is_there).collect()
}

fn payloads(samples: &[Sample]) -> Vec<usize> {
    let is_there = |payload: &usize| samples.iter().any(|sample| sample.payload == *payload);
    workload::PAYLOADS.iter().map(|(payload, _)| *payload).filter(is_there).collect()
}
