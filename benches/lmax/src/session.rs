//! A run: every workload on every contender, round after round.

use crate::checksum;
use crate::child;
use crate::cli;
use crate::contenders::{self, JAVA, NAMES};
use crate::java::Java;
use crate::report;
use crate::sample::{Done, Ending, Measured, Sample};
use crate::workload::Workload;
use anyhow::{Context, ensure};
use common::machine::Machine;
use std::fs::File;
use std::io::Write;
use std::process::Command;
use std::time::Duration;

/// Measures, prints the table, and fails if a sample did.
pub(crate) fn run(arguments: &cli::Run) -> anyhow::Result<()> {
    arguments.check()?;
    let json = arguments.json.as_ref().map(|path| File::options().append(true).create(true).open(path));
    let mut json = json.transpose().context("opening the file for the lines of JSON")?;
    let machine = Machine::here();
    if !machine.is_quiet() {
        eprintln!("warning: the load is {}: somebody else is at work here, and the figures show it", machine.load);
    }
    let java = if arguments.wants(JAVA) { Java::ready() } else { Err("it was left out".to_owned()) };
    let mut contenders: Vec<&str> = NAMES.into_iter().filter(|name| arguments.wants(name)).collect();
    if java.is_err() {
        contenders.retain(|name| *name != JAVA);
    }
    let mut samples = Vec::new();
    for round in 1..=arguments.rounds() {
        for workload in arguments.workloads() {
            for contender in contenders.iter().filter(|name| contenders::refusal(name, workload).is_none()) {
                eprintln!("round {round} of {}: {}, {contender}", arguments.rounds(), workload.name);
                let ending = sample(arguments, workload, contender, java.as_ref().ok())?;
                let version = match &ending {
                    Ending::Measured(Measured { disruptor: Some(version), .. }) => version.clone(),
                    _ => contenders::version(contender),
                };
                let sample = Sample {
                    contender,
                    version,
                    workload: workload.name,
                    ring: workload.ring,
                    events: workload.events(arguments.events()),
                    round,
                    ending,
                    machine: machine.clone(),
                };
                if let Some(file) = &mut json {
                    writeln!(file, "{}", serde_json::to_string(&sample)?).context("appending a line of JSON")?;
                }
                samples.push(sample);
            }
        }
        // No contender always follows the same other one.
        if !contenders.is_empty() {
            contenders.rotate_left(1);
        }
    }
    print!("{}", report::text(arguments, &samples, java.err().as_deref()));
    let bad = samples.iter().filter(|sample| !matches!(sample.ending, Ending::Measured(_))).count();
    ensure!(bad == 0, "{bad} of {} samples are wrong or failed", samples.len());
    Ok(())
}

/// One sample, by a child, whose checksum is compared here with what it must be.
fn sample(
    arguments: &cli::Run,
    workload: &'static Workload,
    contender: &str,
    java: Option<&Java>,
) -> anyhow::Result<Ending> {
    let events = workload.events(arguments.events());
    let mut command = match java {
        Some(java) if contender == JAVA => java.command(workload, events),
        _ => {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["cell", contender, workload.name, &events.to_string()]);
            command.args(arguments.unpinned.then_some("--unpinned"));
            command
        }
    };
    let patience = Duration::from_secs(arguments.patience);
    let said = child::run(&mut command, patience).context("starting the child of a sample")?;
    let ending = match said {
        None => Ending::Failed { reason: format!("hung: killed after {} s", patience.as_secs()) },
        Some(said) if !said.status.success() => {
            let told = said.err.lines().rfind(|line| !line.is_empty() && !line.starts_with("note:"));
            Ending::Failed { reason: format!("crashed ({}): {}", said.status, told.unwrap_or("it said nothing")) }
        }
        Some(said) => match serde_json::from_str(&said.out) {
            Ok(done) => judged(workload, events, done),
            Err(error) => Ending::Failed { reason: format!("what it said cannot be read: {error}") },
        },
    };
    if let Ending::Wrong { reason } | Ending::Failed { reason } = &ending {
        eprintln!("error: {}, {contender}: {reason}", workload.name);
    }
    Ok(ending)
}

/// A sample counts if it did what it was told, and came out right.
fn judged(workload: &Workload, events: u64, done: Done) -> Ending {
    let told = (workload.name, workload.ring, events);
    let (did, measured) = ((done.workload.as_str(), done.ring, done.events), done.measured);
    if did != told {
        return Ending::Wrong { reason: format!("it ran {did:?}, and was told to run {told:?}") };
    }
    match checksum::complaint(workload, events, &measured.checksum, &measured.handled) {
        Some(reason) => Ending::Wrong { reason },
        None => Ending::Measured(measured),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload;

    fn done(checksum: i64, ring: usize) -> Done {
        let measured = Measured {
            seconds: 1.0,
            ops_per_second: 1_000.0,
            checksum: vec![checksum],
            handled: vec![1_000],
            pinned: false,
            java: None,
            disruptor: None,
        };
        Done { workload: "unicast".into(), ring, events: 1_000, measured }
    }

    #[test]
    fn what_came_out_wrong_does_not_count() {
        let judged = |sample| judged(workload::named("unicast").unwrap(), 1_000, sample);
        assert!(matches!(judged(done(499_500, 65_536)), Ending::Measured(_)));
        assert!(matches!(judged(done(499_499, 65_536)), Ending::Wrong { .. }));
        assert!(matches!(judged(done(499_500, 1_024)), Ending::Wrong { .. }));
    }
}
