//! A run: every sample of every round, then the tables.

use crate::child;
use crate::cli::Cli;
use crate::libraries::Libraries;
use crate::sample::Sample;
use crate::table;
use crate::workload::{self, Workload};
use anyhow::{Context, bail};
use common::machine::Machine;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

pub(crate) fn run(arguments: &Cli) -> anyhow::Result<()> {
    if cfg!(debug_assertions) && !arguments.tiny {
        bail!("this build is not optimised, so its figures would mean nothing: use `cargo run --release`, or `--tiny`");
    }
    let machine = Machine::here();
    if !machine.is_quiet() && !arguments.tiny {
        eprintln!("the machine is not quiet (load {:.1}): figures will be worse than they could be", machine.load);
    }
    let libraries = Libraries::build()?;
    let is_wanted = |workload: &&Workload| arguments.only.is_empty() || arguments.only.contains(&workload.name);
    let workloads: Vec<&Workload> = workload::ALL.iter().filter(is_wanted).collect();
    let rounds = if arguments.tiny { 1 } else { arguments.rounds };

    let mut samples = Vec::new();
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for workload in &workloads {
            for contender in workload.contenders {
                let library = if contender.is_new { &libraries.new } else { &libraries.old };
                let ending = child::run(workload, contender, library, arguments.tiny)?;
                let (version, machine) = (contender.version(), machine.clone());
                let (workload, contender) = (workload.name, contender.name);
                samples.push(Sample { workload, contender, version, round, tiny: arguments.tiny, ending, machine });
            }
        }
    }
    if let Some(file) = &arguments.json {
        append(&samples, file).with_context(|| format!("appending to {}", file.display()))?;
    }
    for workload in &workloads {
        println!("{}", table::of(workload, &samples));
    }
    if arguments.tiny {
        println!("This was a smoke test: its times mean nothing.");
    }
    verdict(&workloads, &samples)
}

fn append(samples: &[Sample], file: &Path) -> anyhow::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    for sample in samples {
        writeln!(file, "{}", serde_json::to_string(sample)?)?;
    }
    Ok(())
}

/// Fails if anything is wrong with the new library; the old one's faults are shown in the tables.
fn verdict(workloads: &[&Workload], samples: &[Sample]) -> anyhow::Result<()> {
    let contenders = workloads.iter().flat_map(|w| w.contenders.iter().map(|contender| (w.name, contender)));
    let ours = contenders.filter(|(_, contender)| contender.is_new);
    let wrong: Vec<String> = ours
        .flat_map(|(workload, contender)| {
            let of_it = samples.iter().filter(move |s| s.workload == workload && s.contender == contender.name);
            of_it.flat_map(move |sample| {
                let name = format!("{}, {}, round {}", workload.text(), contender.name, sample.round);
                sample.ending.faults().iter().map(move |fault| format!("  {name}: {fault}"))
            })
        })
        .collect();
    if !wrong.is_empty() {
        bail!("counts of the new library do not come out:\n{}", wrong.join("\n"));
    }
    println!("Every count of the new library comes out.");
    Ok(())
}
