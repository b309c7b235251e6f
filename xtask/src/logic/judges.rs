//! The tests that judge mutants: cargo's arguments for them, and how long they may take.

use super::area::{SLOW, UNIT_TESTS};
use crate::workspace::{LIBRARY, TESTS, Workspace};
use anyhow::{Context, bail};
use ordering_mutants::process;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long the tests may take over the unchanged sources, including the build.
const FIRST_RUN: Duration = Duration::from_secs(30 * 60);
/// The least time for a mutant's tests: ample, because a slow test on a busy machine would give a false verdict.
const LEAST: Duration = Duration::from_secs(60);
/// The factor over the time that they take over the unchanged sources.
const TIMES: u32 = 5;

/// The unit tests of what lies below every area: arrows point down, so no change reaches them.
const BELOW: [&str; 3] = ["ring::", "wait::", "words::"];

/// Unit tests, integration tests, or both.
pub(super) struct Judges {
    packages: Vec<&'static str>,
    targets: Vec<String>,
    /// The tests that are left out, by the beginnings of their names.
    skipped: Vec<&'static str>,
}

impl Judges {
    /// The tests with these names, wherever in the workspace they are; the slow ones among them only if the round is the `last`.
    pub(super) fn of(tests: &[&str], last: bool, workspace: &Workspace) -> anyhow::Result<Self> {
        let slow: &[&str] = if last { &[] } else { &SLOW };
        let skipped = BELOW.iter().chain(slow).copied().collect();
        let mut judges = Self { packages: Vec::new(), targets: Vec::new(), skipped };
        for test in tests {
            let has = |package: &str| anyhow::Ok(workspace.package(package)?.tests.iter().any(|known| known == test));
            let (package, target) = match *test {
                UNIT_TESTS => (LIBRARY, "--lib".to_owned()),
                _ if has(LIBRARY)? => (LIBRARY, format!("--test={test}")),
                _ if has(TESTS)? => (TESTS, format!("--test={test}")),
                _ => bail!("neither {LIBRARY} nor {TESTS} has tests `{test}`"),
            };
            if !judges.packages.contains(&package) {
                judges.packages.push(package);
            }
            judges.targets.push(target);
        }
        Ok(judges)
    }

    /// Runs them over the unchanged sources, in `tree`; returns how long they may take over a mutant.
    pub(super) fn limit(&self, tree: &Path, build: &Path) -> anyhow::Result<Duration> {
        let mut cargo = Command::new("cargo");
        environment(&mut cargo, build);
        cargo.current_dir(tree).args(["test", "--quiet", "--locked", "--all-features"]);
        cargo.args(self.packages.iter().map(|package| format!("--package={package}"))).args(&self.targets);
        let deadline = Instant::now() + FIRST_RUN;
        process::run(cargo.arg("--no-run"), deadline).context("building the tests of the sources as they are")?;
        let begun = Instant::now();
        cargo.arg("--").args(self.harness());
        process::run(&mut cargo, deadline).context("the tests of the sources as they are")?;
        Ok(LEAST.max(begun.elapsed() * TIMES))
    }

    /// Makes `mutants`, a cargo-mutants, judge by them.
    pub(super) fn judge(&self, mutants: &mut Command, build: &Path, limit: Duration) {
        environment(mutants, build);
        mutants.args(["--all-features", "--cargo-arg=--locked"]);
        for package in &self.packages {
            mutants.args(["--test-package", package]);
        }
        // For building, too, which does not hear arguments of the tests alone.
        mutants.args(self.targets.iter().map(|target| format!("--cargo-arg={target}")));
        // Its own first run takes only the tests of the library's package.
        mutants.arg("--baseline=skip").arg("--timeout").arg(limit.as_secs().to_string());
        mutants.args(["--", "--"]).args(self.harness());
    }

    /// The test harness's arguments: one failing test is enough.
    fn harness(&self) -> impl Iterator<Item = &'static str> {
        let skipped = self.skipped.iter().flat_map(|name| ["--skip", name]);
        ["-Z", "unstable-options", "--fail-fast"].into_iter().chain(skipped)
    }
}

/// Nobody debugs a mutant, and without debug information it links much sooner.
fn environment(command: &mut Command, build: &Path) {
    command.env("CARGO_TARGET_DIR", build).env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_PROFILE_TEST_DEBUG", "0");
    // The stable test harness accepts its unstable option with this.
    command.env("RUSTC_BOOTSTRAP", "1");
}

#[cfg(test)]
mod tests {
    use super::super::area;
    use super::*;

    #[test]
    fn every_area_is_judged_by_tests_that_there_are() {
        let workspace = Workspace::load().unwrap();
        for part in area::chosen(&[]).unwrap() {
            for round in part.area.rounds {
                assert_eq!(Judges::of(round, true, &workspace).unwrap().targets.len(), round.len());
            }
        }
    }

    #[test]
    fn tests_are_looked_for_in_both_packages_and_nowhere_else() {
        let workspace = Workspace::load().unwrap();
        let packages = |tests| Judges::of(tests, true, &workspace).map(|judges| judges.packages);
        assert_eq!(packages(&["topology"]).unwrap(), [LIBRARY]);
        assert_eq!(packages(&["tasks", "oracle"]).unwrap(), [TESTS]);
        assert_eq!(packages(&[UNIT_TESTS, "tasks", "oracle"]).unwrap(), [LIBRARY, TESTS]);
        assert!(packages(&["no such"]).unwrap_err().to_string().contains("`no such`"));
    }
}
