//! The tests that judge mutants: how cargo is told of them, and how long they may take.

use super::area::UNIT_TESTS;
use crate::process;
use crate::workspace::{LIBRARY, TESTS, Workspace};
use anyhow::{Context, bail};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// What the tests of the sources as they are may take, built and all.
const FIRST_RUN: Duration = Duration::from_secs(30 * 60);
/// The least that a mutant's tests are given: ample, for a test that takes long says something false of a busy machine.
const LEAST: Duration = Duration::from_secs(60);
/// And how often what they take over the sources as they are.
const TIMES: u32 = 5;

/// What the unit tests of what lies below every area are called: arrows point down, so no change reaches them.
const BELOW: [&str; 3] = ["ring::", "wait::", "words::"];

/// Unit tests, integration tests, or both.
pub(super) struct Judges {
    packages: Vec<&'static str>,
    targets: Vec<String>,
}

impl Judges {
    /// The tests of these names, wherever in the workspace they lie.
    pub(super) fn of(tests: &[&str], workspace: &Workspace) -> anyhow::Result<Self> {
        let mut judges = Self { packages: Vec::new(), targets: Vec::new() };
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

    /// Runs them over the sources as they are, in `tree`; how long they may take over a mutant.
    pub(super) fn limit(&self, tree: &Path, build: &Path) -> anyhow::Result<Duration> {
        let mut cargo = Command::new("cargo");
        environment(&mut cargo, build);
        cargo.current_dir(tree).args(["test", "--quiet", "--locked", "--all-features"]);
        cargo.args(self.packages.iter().map(|package| format!("--package={package}"))).args(&self.targets);
        let deadline = Instant::now() + FIRST_RUN;
        process::run(cargo.arg("--no-run"), deadline).context("building the tests of the sources as they are")?;
        let begun = Instant::now();
        cargo.arg("--").args(harness());
        process::run(&mut cargo, deadline).context("the tests of the sources as they are")?;
        Ok(LEAST.max(begun.elapsed() * TIMES))
    }

    /// Has `mutants`, a cargo-mutants, judge by them.
    pub(super) fn judge(&self, mutants: &mut Command, build: &Path, limit: Duration) {
        environment(mutants, build);
        mutants.args(["--all-features", "--cargo-arg=--locked"]);
        for package in &self.packages {
            mutants.args(["--test-package", package]);
        }
        // For building, too, where arguments of the tests alone are not heard.
        mutants.args(self.targets.iter().map(|target| format!("--cargo-arg={target}")));
        // Its own first run takes the tests of the library's package alone.
        mutants.arg("--baseline=skip").arg("--timeout").arg(limit.as_secs().to_string());
        mutants.args(["--", "--"]).args(harness());
    }
}

/// Nobody debugs a mutant, and without what that takes it is linked much sooner.
fn environment(command: &mut Command, build: &Path) {
    command.env("CARGO_TARGET_DIR", build).env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_PROFILE_TEST_DEBUG", "0");
    // The stable test harness takes its unstable option when told so.
    command.env("RUSTC_BOOTSTRAP", "1");
}

/// What the test harness is told: one test that fails is enough.
fn harness() -> impl Iterator<Item = &'static str> {
    ["-Z", "unstable-options", "--fail-fast"].into_iter().chain(BELOW.iter().flat_map(|name| ["--skip", name]))
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
                assert_eq!(Judges::of(round, &workspace).unwrap().targets.len(), round.len());
            }
        }
    }

    #[test]
    fn tests_are_looked_for_in_both_packages_and_nowhere_else() {
        let workspace = Workspace::load().unwrap();
        let packages = |tests| Judges::of(tests, &workspace).map(|judges| judges.packages);
        assert_eq!(packages(&["topology"]).unwrap(), [LIBRARY]);
        assert_eq!(packages(&["tasks", "oracle"]).unwrap(), [TESTS]);
        assert_eq!(packages(&[UNIT_TESTS, "tasks", "oracle"]).unwrap(), [LIBRARY, TESTS]);
        assert!(packages(&["no such"]).unwrap_err().to_string().contains("`no such`"));
    }
}
