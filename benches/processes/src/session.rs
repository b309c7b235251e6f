//! A run: every contender in every workload with every payload, round after round.

use crate::chart;
use crate::cli::{self, Workload};
use crate::contenders::{ROWS, Row, is_built};
use crate::pair;
use crate::report;
use crate::sample::{Ending, Sample};
use anyhow::{Context, ensure};
use common::machine::Machine;
use common::probe;
use std::fs::{self, File};
use std::io::Write;
use std::thread;

/// The distance of the cores. Whoever measures it is pinned, and what this thread is the processes of a sample inherit.
fn distance() -> f64 {
    thread::spawn(probe::distance).join().expect("it does not panic")
}

/// Measures, prints the tables, and fails if one of ours did.
pub(crate) fn run(arguments: &cli::Run) -> anyhow::Result<()> {
    let json = arguments.json.as_ref().map(|path| File::options().append(true).create(true).open(path));
    let mut json = json.transpose().context("opening the file for the lines of JSON")?;
    let machine = Machine::here();
    if !machine.is_quiet() {
        eprintln!("warning: the load is {}: somebody else is at work here, and the figures show it", machine.load);
    }
    let mut rows: Vec<&'static Row> = ROWS.iter().filter(|row| arguments.wants(row.name) && is_built(row)).collect();
    ensure!(!rows.is_empty(), "no contender is left");
    let (mut samples, mut number) = (Vec::new(), 0);
    for round in 1..=arguments.rounds() {
        eprintln!("round {round} of {}", arguments.rounds());
        for workload in arguments.workloads() {
            for payload in arguments.payloads() {
                for row in &rows {
                    number += 1;
                    let name = format!("rrb{}n{number}", std::process::id() % 100_000);
                    let before = distance();
                    let ending = pair::measure(row, workload, payload, arguments.seconds(), &name);
                    if let Ending::Failed { reason } | Ending::Unsound { reason } = &ending {
                        eprintln!("error: {}, {}, {payload} B: {reason}", row.name, workload.name());
                    }
                    let probe = [before, distance()];
                    let (contender, workload, machine) = (row.name, workload.name(), machine.clone());
                    let sample = Sample { contender, workload, payload, round, ending, probe, machine };
                    if let Some(file) = &mut json {
                        writeln!(file, "{}", serde_json::to_string(&sample)?).context("appending a line of JSON")?;
                    }
                    samples.push(sample);
                }
            }
        }
        // No contender always follows the same other one.
        rows.rotate_left(1);
    }
    print!("{}", report::text(arguments, &machine, &samples));
    if let Some(pages) = &arguments.pages {
        let directory = pages.join(&machine.family);
        fs::create_dir_all(&directory).with_context(|| format!("making {}", directory.display()))?;
        for workload in Workload::ALL {
            let path = directory.join(report::chart_of(workload));
            fs::write(&path, chart::svg(workload, &arguments.payloads(), &samples))
                .with_context(|| format!("writing {}", path.display()))?;
        }
    }
    let ours = |sample: &&Sample| sample.contender.starts_with("rusted-ring");
    let bad = samples.iter().filter(ours).filter(|sample| !matches!(sample.ending, Ending::Measured(_))).count();
    ensure!(bad == 0, "{bad} samples of ours are wrong or failed");
    Ok(())
}
