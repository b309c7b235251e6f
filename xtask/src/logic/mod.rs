//! `cargo xtask mutate-logic`: changes the library's logic by cargo-mutants, one place at a time, to see a test fail.
//!
//! It covers the code above the protocols, where a mistake shows in results and not in how threads meet; `mutate` covers
//! orderings. A new test kills a change that no test notices, or `docs/MUTANTS.md` explains it.

mod area;
mod judges;
mod kept;
mod outcome;
mod survivors;
mod tally;

use crate::cli;
use crate::tool::MUTANTS;
use crate::workspace::{LIBRARY, Workspace};
use anyhow::{Context, bail};
use area::Part;
use judges::Judges;
use kept::Kept;
use ordering_mutants::interrupt;
use ordering_mutants::process::{self, RunError};
use outcome::{Fate, Mutant};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use survivors::{DOCUMENT, Survivor};
use tally::{Extent, Tally};

/// How long everything may take.
const LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Runs what the command line asks for. `Ok(false)`: it ran, and something is not explained.
pub(crate) fn mutate_logic(arguments: &cli::MutateLogic) -> anyhow::Result<bool> {
    interrupt::listen()?;
    let workspace = Workspace::load()?;
    let parts = area::chosen(&arguments.only)?;
    let run = Run {
        tool: MUTANTS.installed(&workspace)?,
        tree: workspace.copy("mutate-logic/tree", &[])?,
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
    let source = run.tree.join(run.source()?);
    let mut kept = Kept::open(run.home.join("results.json"), &source, arguments.resume)?;
    let mut tally = Tally::default();
    for part in &parts {
        let (mutants, extent) = run.judge(part, &mut kept)?;
        tally.add(part, mutants, extent, &survivors);
        if extent == Extent::Sample {
            println!("\n{tally}");
            bail!("interrupted in {}: these are not all; with --resume it goes on", part.area.directory);
        }
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
    /// Changes every place of `part` that `kept` does not know, and lets its area's rounds of tests judge; returns everything then known.
    fn judge(&self, part: &Part, kept: &mut Kept) -> anyhow::Result<(Vec<Mutant>, Extent)> {
        let mut mutants: Vec<Mutant> = kept.mutants().filter(|mutant| part.covers(&mutant.file)).cloned().collect();
        let mut choice = Choice { wanted: false, names: names(&mutants) };
        let mut left = Vec::new();
        for (round, tests) in part.area.rounds.iter().enumerate() {
            let last = round + 1 == part.area.rounds.len();
            let judges = Judges::of(tests, last, self.workspace)?;
            let (mut judged, extent) = self.round(part, round + 1, &judges, &choice)?;
            // cargo-mutants does not check for each one whether it was chosen.
            judged.retain(|mutant| choice.takes(mutant));
            kept.keep(&judged)?;
            let noticed;
            (left, noticed) = judged.into_iter().partition(|mutant| mutant.fate == Fate::Survived);
            mutants.extend(noticed);
            if extent == Extent::Sample {
                // Not every test judged the rest.
                return Ok((mutants, extent));
            }
            if left.is_empty() {
                break;
            }
            choice = Choice { wanted: true, names: names(&left) };
        }
        mutants.extend(left);
        Ok((mutants, Extent::All))
    }

    /// Lets `judges` judge the mutants of `part` that are in `choice`, and maybe some others.
    fn round(
        &self,
        part: &Part,
        round: usize,
        judges: &Judges,
        choice: &Choice,
    ) -> anyhow::Result<(Vec<Mutant>, Extent)> {
        let output = self.home.join("out").join(part.area.directory).join(round.to_string());
        fs::create_dir_all(&output).with_context(|| format!("making {}", output.display()))?;
        let outcomes = output.join("mutants.out/outcomes.json");
        remove_if_there(&outcomes)?;

        let build = self.home.join("build");
        let limit = judges.limit(&self.tree, &build)?;
        let mut command = self.command(part)?;
        command.arg("--output").arg(&output).args(choice.arguments(&self.source()?));
        judges.judge(&mut command, &build, limit);
        let extent = match process::run(&mut command, Instant::now() + LIMIT) {
            Ok(()) => Extent::All,
            // Survivors and time-outs are judged here.
            Err(RunError::Failed(status)) if matches!(status.code(), Some(2 | 3)) => Extent::All,
            Err(RunError::Interrupted) => Extent::Sample,
            Err(error) => return Err(error).context("cargo-mutants"),
        };
        // It writes none if there was nothing to judge.
        if !outcomes.exists() {
            return Ok((Vec::new(), extent));
        }
        let read = || format!("reading {}", outcomes.display());
        let text = fs::read_to_string(&outcomes).with_context(read)?;
        Ok((Mutant::parse(&text, &self.source()?).with_context(read)?, extent))
    }

    /// A cargo-mutants that changes `part` in the copy.
    fn command(&self, part: &Part) -> anyhow::Result<Command> {
        let mut command = Command::new(&self.tool);
        command.current_dir(&self.tree);
        // In random order, so that what an interrupted run has judged is a sample of all.
        command.args(["mutants", "--in-place", "--shuffle", "--no-config", "--package", LIBRARY]);
        command.arg("--file").arg(format!("{}/{}", self.source()?, part.glob()));
        Ok(command)
    }

    /// The library's sources, from the workspace's root.
    fn source(&self) -> anyhow::Result<String> {
        let library = &self.workspace.library()?.root;
        let inside: &Path = library.strip_prefix(&self.workspace.root).context("the library lies in the workspace")?;
        Ok(format!("{}/src", inside.display()))
    }
}

/// The mutants of a part to judge: those with these names, or all others.
struct Choice {
    wanted: bool,
    names: BTreeSet<String>,
}

impl Choice {
    fn takes(&self, mutant: &Mutant) -> bool {
        self.names.contains(&mutant.to_string()) == self.wanted
    }

    /// Arguments for cargo-mutants, of the sources in the directory `source`.
    fn arguments(&self, source: &str) -> impl Iterator<Item = String> {
        let option = if self.wanted { "--re" } else { "--exclude-re" };
        self.names.iter().map(move |name| format!("{option}=^{}$", literally(&format!("{source}/{name}"))))
    }
}

fn names(mutants: &[Mutant]) -> BTreeSet<String> {
    mutants.iter().map(ToString::to_string).collect()
}

fn remove_if_there(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Returns the regular expression that matches only `text`.
fn literally(text: &str) -> String {
    let mut expression = String::new();
    for character in text.chars() {
        if r"\.+*?()|[]{}^$#&-~".contains(character) {
            expression.push('\\');
        }
        expression.push(character);
    }
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_is_these_or_all_others() {
        let mutant = |name| Mutant::named(name, Fate::Killed).unwrap();
        let (these, other) = ([mutant("a.rs:1:2: f(x)")], mutant("a.rs:1:3: f(x)"));
        let wanted = Choice { wanted: true, names: names(&these) };
        let known = Choice { wanted: false, names: names(&these) };
        assert!(wanted.takes(&these[0]) && !wanted.takes(&other) && !known.takes(&these[0]) && known.takes(&other));
        assert_eq!(wanted.arguments("l/src").collect::<Vec<_>>(), [r"--re=^l/src/a\.rs:1:2: f\(x\)$"]);
        assert_eq!(known.arguments("l/src").collect::<Vec<_>>(), [r"--exclude-re=^l/src/a\.rs:1:2: f\(x\)$"]);
    }

    #[test]
    fn a_name_is_taken_literally() {
        assert_eq!(literally("a.rs:1:2: replace f -> [u8] with ()"), r"a\.rs:1:2: replace f \-> \[u8\] with \(\)");
    }
}
