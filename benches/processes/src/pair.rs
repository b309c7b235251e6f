//! The two processes of a sample, and a watchdog over them.

use crate::cell::{CREATED, GO, JOINED};
use crate::cli::{Role, Workload};
use crate::contenders::Row;
use crate::sample::{Ending, First, Second, judged};
use anyhow::{Context, anyhow, ensure};
use common::pin;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How long a sample may take beyond its measuring.
const PATIENCE: Duration = Duration::from_secs(20);

/// Measures once. What goes wrong is the sample's ending.
pub(crate) fn measure(row: &Row, workload: Workload, payload: usize, seconds: f64, name: &str) -> Ending {
    let outcome = both(row, workload, payload, seconds, name);
    tidy(name);
    match outcome {
        Ok((first, second)) => judged(&first, &second, row.is_lossy),
        Err(error) => Ending::Failed { reason: format!("{error:#}") },
    }
}

fn both(row: &Row, workload: Workload, payload: usize, seconds: f64, name: &str) -> anyhow::Result<(First, Second)> {
    let side = |role: Role| {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["side", role.name(), row.name, workload.name()]);
        command.args([&payload.to_string(), &seconds.to_string(), name, &pin::cores().to_string()]);
        Process::start(&mut command, Duration::from_secs_f64(seconds) + PATIENCE)
    };
    let mut first = side(Role::First)?;
    first.says(CREATED).context("the first process")?;
    let mut second = side(Role::Second)?;
    second.says(JOINED).context("the second process")?;
    writeln!(first.child.stdin.as_mut().context("it has an input")?, "{GO}")?;
    let found = (first.line().context("the first process")?, second.line().context("the second process")?);
    // Both have said all; now they may end.
    drop((first.child.stdin.take(), second.child.stdin.take()));
    first.ends().context("the first process")?;
    second.ends().context("the second process")?;
    Ok((serde_json::from_str(&found.0)?, serde_json::from_str(&found.1)?))
}

/// A process, which is killed when this is dropped.
struct Process {
    child: Child,
    said: Receiver<String>,
    complaints: Receiver<String>,
    patience: Duration,
}

impl Process {
    fn start(command: &mut Command, patience: Duration) -> anyhow::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let said = lines(child.stdout.take().context("it has an output")?);
        let complaints = lines(child.stderr.take().context("it has an output for errors")?);
        Ok(Process { child, said, complaints, patience })
    }

    fn line(&mut self) -> anyhow::Result<String> {
        match self.said.recv_timeout(self.patience) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => Err(anyhow!("hung: killed after {} s", self.patience.as_secs())),
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.child.wait()?;
                let complaints: Vec<String> = self.complaints.iter().collect();
                let told = complaints.iter().rfind(|line| !line.is_empty() && !line.starts_with("note:"));
                Err(anyhow!("ended ({status}): {}", told.map_or("it said nothing", |line| line)))
            }
        }
    }

    fn says(&mut self, expected: &str) -> anyhow::Result<()> {
        let line = self.line()?;
        ensure!(line == expected, "`{expected}` was expected, and not `{line}`");
        Ok(())
    }

    fn ends(&mut self) -> anyhow::Result<()> {
        match self.said.recv_timeout(self.patience) {
            Err(RecvTimeoutError::Disconnected) => ensure!(self.child.wait()?.success(), "it failed at its end"),
            _ => anyhow::bail!("it does not end"),
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (say, hear) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if say.send(line).is_err() {
                break;
            }
        }
    });
    hear
}

/// Takes away what the channels of a sample have left in shared memory.
fn tidy(name: &str) {
    for entry in fs::read_dir("/dev/shm").into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().contains(name) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
