//! `cargo xtask mutate-logic`: the library's logic changed by cargo-mutants, one place at a time, to see a test fail.
//!
//! It is for what is above the protocols, where a mistake shows in what is said and not in how threads meet: orderings are
//! `mutate`'s. A change that no test notices is killed by a new test, or explained in `docs/MUTANTS.md`.

mod area;
mod outcome;
mod survivors;
mod tally;
mod tool;

use crate::workspace::{LIBRARY, Workspace};
use crate::{altered, cli, interrupt, process};
use anyhow::{Context, bail};
use area::Part;
use outcome::Mutant;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use survivors::{DOCUMENT, Survivor};
use tally::Tally;

/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Runs what the command line asks for. `Ok(false)`: it ran, and something is not explained.
pub(crate) fn mutate_logic(arguments: &cli::MutateLogic) -> anyhow::Result<bool> {
    interrupt::listen()?;
    let workspace = Workspace::load()?;
    let parts = area::chosen(&arguments.only)?;
    let run = Run {
        tool: tool::installed(&workspace)?,
        tree: altered::copy(&workspace, "mutate-logic/tree", &[])?,
        home: workspace.target.join("mutate-logic"),
        workspace: &workspace,
    };
    let text = fs::read_to_string(run.tree.join(DOCUMENT)).with_context(|| format!("reading {DOCUMENT}"))?;
    let survivors = Survivor::parse(&text)?;
    if arguments.list {
        for part in &parts {
            process::run(run.command(part)?.arg("--list"), Instant::now() + LIMIT)?;
        }
        return Ok(true);
    }
    let mut tally = Tally::default();
    for part in &parts {
        let mutants = run.judge(part)?;
        tally.add(part, mutants, &survivors);
    }
    println!("\n{tally}");
    Ok(tally.is_good())
}

struct Run<'a> {
    tool: PathBuf,
    /// A copy of the workspace, in which everything is changed.
    tree: PathBuf,
    home: PathBuf,
    workspace: &'a Workspace,
}

impl Run<'_> {
    /// Changes every place of `part`, and runs its tests each time.
    fn judge(&self, part: &Part) -> anyhow::Result<Vec<Mutant>> {
        let output = self.home.join("out").join(part.area.directory);
        fs::create_dir_all(&output).with_context(|| format!("making {}", output.display()))?;
        let mut command = self.command(part)?;
        command.arg("--output").arg(&output);
        match process::run(&mut command, Instant::now() + LIMIT) {
            Ok(()) => {}
            // Survivors, and time-outs, are judged here.
            Err(process::RunError::Failed(status)) if matches!(status.code(), Some(2 | 3)) => {}
            Err(error) => return Err(error).context("cargo-mutants"),
        }
        let outcomes = output.join("mutants.out/outcomes.json");
        let text = fs::read_to_string(&outcomes).with_context(|| format!("reading {}", outcomes.display()))?;
        Mutant::parse(&text, &self.source()?).with_context(|| format!("reading {}", outcomes.display()))
    }

    /// A cargo-mutants that changes `part` in the copy.
    fn command(&self, part: &Part) -> anyhow::Result<Command> {
        let mut command = Command::new(&self.tool);
        command.env("CARGO_TARGET_DIR", self.home.join("build")).current_dir(&self.tree);
        command.args(["mutants", "--in-place", "--no-shuffle", "--no-config", "--package", LIBRARY, "--all-features"]);
        command.args(["--minimum-test-timeout", "120", "--cargo-arg=--locked"]);
        command.arg("--file").arg(format!("{}/{}", self.source()?, part.glob()));
        // For building, too, where arguments of the tests alone are not heard.
        command.arg("--cargo-arg=--lib");
        let tests = &self.workspace.library()?.tests;
        for test in part.area.tests {
            if !tests.iter().any(|known| known == test) {
                bail!("{LIBRARY} has no tests `{test}`, by which `{}` is judged", part.area.directory);
            }
            command.arg(format!("--cargo-arg=--test={test}"));
        }
        Ok(command)
    }

    /// The library's sources, from the workspace's root.
    fn source(&self) -> anyhow::Result<String> {
        let library = &self.workspace.library()?.root;
        let inside: &Path = library.strip_prefix(&self.workspace.root).context("the library lies in the workspace")?;
        Ok(format!("{}/src", inside.display()))
    }
}
