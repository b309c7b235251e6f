//! A cell: one contender, one workload, one payload. It is measured in a process of its own.

use crate::cli;
use crate::contenders::{self, Kind, Row};
use crate::payload::Check;
use crate::sample::{Ending, Measured, Sample};
use crate::workload::{self, Limit, PAYLOADS, Task, Workload};
use anyhow::Context;
use common::machine::Machine;
use common::probe;
use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// What the reason begins with when a child had to be killed.
const HUNG: &str = "hung";

#[derive(Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) row: &'static Row,
    pub(crate) workload: &'static Workload,
    pub(crate) payload: usize,
}

impl Cell {
    /// The cells that the names leave, in the order of the tables; all, where there are none.
    pub(crate) fn all(of: &cli::Selection, payloads: &[usize]) -> Vec<Cell> {
        let rows = || contenders::ALL.iter().filter(|row| of.wants_contender(row));
        let workloads = workload::ALL.iter().filter(|workload| of.wants_workload(workload.name));
        workloads
            .flat_map(|workload| payloads.iter().map(move |payload| (workload, *payload)))
            .flat_map(|(workload, payload)| rows().map(move |row| Cell { row, workload, payload }))
            .collect()
    }

    /// The cell that a sample is of.
    pub(crate) fn of(sample: &Sample) -> Option<Cell> {
        let row = contenders::ALL.iter().find(|row| row.name == sample.contender)?;
        let workload = workload::ALL.iter().find(|workload| workload.name == sample.workload)?;
        Some(Cell { row, workload, payload: sample.payload })
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {} {}", self.row.name, self.workload.name, self.payload)
    }

    pub(crate) fn refusal(&self) -> Option<&'static str> {
        self.row.refusal(self.workload, self.payload)
    }

    pub(crate) fn sample(&self, ending: Ending, check: Check, round: u32, machine: &Machine) -> Sample {
        let capacity = PAYLOADS.iter().find(|(payload, _)| *payload == self.payload).map_or(0, |(_, slots)| *slots);
        Sample {
            contender: self.row.name.to_owned(),
            version: self.row.version(),
            workload: self.workload.name.to_owned(),
            payload: self.payload,
            capacity,
            check,
            round,
            ending,
            machine: machine.clone(),
        }
    }

    /// Measures in a child, which is killed once it has taken far too long.
    pub(crate) fn run(&self, limit: Limit, check: Check) -> anyhow::Result<Ending> {
        let (out, from_child) = io::pipe()?;
        let (err, complaints) = io::pipe()?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["cell", self.row.name, self.workload.name, &self.payload.to_string()])
            .args(["--micros", &limit.time.as_micros().to_string(), "--events", &limit.events.to_string()])
            .args(["--check", if check == Check::Full { "full" } else { "light" }])
            // Of a crash, the message is wanted.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(from_child)
            .stderr(complaints)
            .spawn()
            .context("starting the child of a cell")?;
        let (sender, said) = mpsc::channel();
        thread::spawn(move || {
            let read = |mut pipe: io::PipeReader| {
                let mut text = String::new();
                pipe.read_to_string(&mut text).map(|_| text).unwrap_or_default()
            };
            // Nobody listens any more when the child had to be killed.
            _ = sender.send((read(out), read(err)));
        });
        let patience = 4 * limit.time + Duration::from_secs(4);
        let Ok((out, err)) = said.recv_timeout(patience) else {
            child.kill()?;
            child.wait()?;
            return Ok(Ending::Failed { reason: format!("{HUNG}: killed after {:.0} s", patience.as_secs_f64()) });
        };
        let status = child.wait()?;
        if !status.success() {
            let said = err.lines().rfind(|line| !line.is_empty() && !line.starts_with("note:"));
            let complaint = said.unwrap_or("it said nothing");
            return Ok(Ending::Failed { reason: format!("crashed ({status}): {complaint}") });
        }
        let measured = serde_json::from_str(&out).with_context(|| format!("reading what {} said", self.name()))?;
        Ok(Ending::Measured(measured))
    }
}

impl Ending {
    pub(crate) fn is_hung(&self) -> bool {
        matches!(self, Ending::Failed { reason } if reason.starts_with(HUNG))
    }
}

/// What the child does: measures, and prints one line.
pub(crate) fn measure(arguments: &cli::Cell) -> anyhow::Result<()> {
    // One thread that fails would leave the others waiting for it.
    let complain = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        complain(panic);
        std::process::exit(101);
    }));
    let row = contenders::ALL.iter().find(|row| row.name == arguments.contender).context("no such contender")?;
    let workload = workload::ALL.iter().find(|workload| workload.name == arguments.workload);
    let workload = workload.context("no such workload")?;
    let limit = Limit { time: Duration::from_micros(arguments.micros), events: arguments.events };
    let (way, shape, lossy) = (workload.way, workload.shape, row.kind == Kind::Lossy);
    let before = probe::distance();
    let outcome = (row.measure)(&Task { way, shape, lossy, limit, check: arguments.check }, arguments.payload);
    let measured = Measured {
        events: outcome.events,
        seconds: outcome.seconds,
        value: outcome.value,
        percentiles: outcome.percentiles,
        faults: outcome.faults,
        probe: [before, probe::distance()],
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}
