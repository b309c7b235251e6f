//! A sample is taken in a process of its own: its rings are fresh, and what crashes or hangs takes nobody along.

use crate::cli;
use crate::sample::{Ending, Measured};
use crate::threads;
use crate::workload::{Contender, Task, Workload};
use anyhow::Context;
use std::path::Path;
use std::process::{Command, exit};
use std::thread;
use std::time::Duration;

/// A sample takes a second or two. One that waits for an event that was lost would never end.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a child that ran out of time exits with.
const HUNG: i32 = 124;

/// Takes a sample in a child.
pub(crate) fn run(workload: &Workload, contender: &Contender, library: &Path, tiny: bool) -> anyhow::Result<Ending> {
    let output = Command::new(std::env::current_exe()?)
        .args(["sample", workload.name.text(), contender.name, "--library"])
        .arg(library)
        .args(tiny.then_some("--tiny"))
        .output()
        .context("starting the child that takes a sample")?;
    if output.status.code() == Some(HUNG) {
        return Ok(Ending::Failed { reason: format!("hung: ended after {} s", PATIENCE.as_secs()) });
    }
    if !output.status.success() {
        let complaints = String::from_utf8_lossy(&output.stderr);
        let complaint = complaints.lines().rfind(|line| !line.is_empty() && !line.starts_with("note:"));
        return Ok(Ending::Failed { reason: format!("{}: {}", output.status, complaint.unwrap_or("it said nothing")) });
    }
    Ok(Ending::Measured(serde_json::from_slice(&output.stdout).context("reading what the child measured")?))
}

/// What the child does: measures, and prints one line.
pub(crate) fn measure(arguments: &cli::Sample) -> anyhow::Result<()> {
    thread::spawn(|| {
        thread::sleep(PATIENCE);
        exit(HUNG);
    });
    let workload = Workload::named(arguments.workload);
    let contender = workload.contenders.iter().find(|contender| contender.name == arguments.contender);
    let contender = contender.with_context(|| format!("no contender is called `{}`", arguments.contender))?;
    let task = Task { tiny: arguments.tiny, library: arguments.library.clone() };
    let measured: Measured = threads::alone(|| (contender.measure)(&task))?;
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}
