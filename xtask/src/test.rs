//! `cargo xtask test`: the chosen stages, one after the other.

use crate::cli;
use crate::run::Run;
use crate::stage::{Stage, select};
use crate::stages;
use crate::summary::{Outcome, Summary};
use crate::tree::Status;
use crate::workspace::Workspace;
use ordering_mutants::interrupt;
use std::env;
use std::time::Instant;

/// Runs what the command line asks for. `Ok(false)`: it ran, and not every stage passed.
pub(crate) fn test(arguments: &cli::Test) -> anyhow::Result<bool> {
    let chosen = select(stages::ALL, &arguments.only)?;
    if arguments.list {
        for stage in chosen {
            let minutes = stage.timeout(arguments.deep).as_secs() / 60;
            println!("{:<12} {:>4} min  {}", stage.name, minutes, stage.about);
        }
        return Ok(true);
    }
    interrupt::listen()?;
    let workspace = Workspace::load()?;
    let tree_at_start = Status::of(&workspace.root);
    let summary = run_all(&chosen, arguments.keep_going, |stage| {
        let run = Run {
            workspace: &workspace,
            deep: arguments.deep,
            install: arguments.install || env::var("CI").is_ok_and(|ci| ci == "true"),
            tree_at_start: &tree_at_start,
            deadline: Instant::now() + stage.timeout(arguments.deep),
        };
        println!("\n=== {}: {}", stage.name, stage.about);
        let result = (stage.check)(&run);
        if let Err(error) = &result {
            println!("\n{} failed: {error:#}", stage.name);
            let deep = if arguments.deep { " --deep" } else { "" };
            println!("to run it alone: cargo xtask test --only {}{deep}", stage.name);
        }
        result
    });
    println!("\n{summary}");
    Ok(summary.all_passed())
}

/// Runs `stages` in order, each by `run_one`. Stops after the first failure unless `keep_going`;
/// an interruption always stops.
fn run_all(stages: &[&Stage], keep_going: bool, mut run_one: impl FnMut(&Stage) -> anyhow::Result<()>) -> Summary {
    let mut summary = Summary::default();
    let mut stopped = false;
    for stage in stages {
        if stopped || interrupt::seen() {
            summary.not_run.push(stage.name);
            continue;
        }
        let started = Instant::now();
        let outcome = match run_one(stage) {
            Ok(()) => Outcome::Passed,
            Err(_) => Outcome::Failed,
        };
        let took = started.elapsed();
        println!("=== {}: {:.1} s", stage.name, took.as_secs_f64());
        summary.ran.push((stage.name, outcome, took));
        stopped = outcome == Outcome::Failed && !keep_going;
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    fn run_three(keep_going: bool) -> Summary {
        let stages = [&Stage::named("good"), &Stage::named("bad"), &Stage::named("last")];
        run_all(&stages, keep_going, |stage| match stage.name {
            "bad" => bail!("as it should"),
            _ => Ok(()),
        })
    }

    fn outcomes(summary: &Summary) -> Vec<(&'static str, Outcome)> {
        summary.ran.iter().map(|(name, outcome, _)| (*name, *outcome)).collect()
    }

    #[test]
    fn the_first_failure_stops_the_run() {
        let summary = run_three(false);
        assert_eq!(outcomes(&summary), [("good", Outcome::Passed), ("bad", Outcome::Failed)]);
        assert_eq!(summary.not_run, ["last"]);
    }

    #[test]
    fn keep_going_runs_the_rest_and_still_fails() {
        let summary = run_three(true);
        assert_eq!(outcomes(&summary).last(), Some(&("last", Outcome::Passed)));
        assert!(summary.not_run.is_empty());
        assert!(!summary.all_passed());
    }
}
