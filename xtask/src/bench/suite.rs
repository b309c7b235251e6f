//! The suites of benchmarks.

use crate::workspace::Workspace;
use std::process::Command;

/// Benchmarks in a workspace of their own, so that nothing they are compared with enters the library's lock file.
#[derive(Debug, PartialEq)]
pub(crate) struct Suite {
    /// The program's name, and that of its directory in `benches`.
    pub(crate) name: &'static str,
    /// Further arguments to build it only to see that it works, where a rival takes minutes to build.
    light: &'static [&'static str],
    /// The arguments to run everything once, and only to count.
    smoke: &'static [&'static str],
    /// Further arguments in a whole run.
    pub(super) whole: &'static [&'static str],
    /// Further arguments where goals are wanted; `peers` gets its own with the rest of its options.
    pub(super) goals: &'static [&'static str],
    /// The page of the processor's family in `docs/benchmarks` that keeps what a whole run prints; none for a suite that writes by itself.
    pub(super) page: Option<Page>,
}

#[derive(Debug, PartialEq)]
pub(super) struct Page {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
}

/// Against the rivals.
pub(super) const PEERS: &Suite =
    &Suite { name: "peers", light: &[], smoke: &["smoke"], whole: &["--seconds=430"], goals: &[], page: None };

/// The figures that rusted-ring 0.5 published about itself, old beside new.
const PUBLISHED: &Suite = &Suite {
    name: "published",
    light: &[],
    smoke: &["--tiny"],
    whole: &[],
    goals: &[],
    page: Some(Page { name: "PUBLISHED.md", title: "The figures that 0.5 published, measured to mean what they say" }),
};

/// LMAX's workloads, with the real one where Java and Maven are installed.
const LMAX: &Suite = &Suite {
    name: "lmax",
    light: &[],
    smoke: &["--tiny"],
    whole: &["--rounds=5", "--events=20000000"],
    goals: &["--goals"],
    page: Some(Page { name: "LMAX.md", title: "LMAX's workloads" }),
};

/// Layouts and protocols that a ring could have, without the library.
const LAYOUTS: &Suite = &Suite {
    name: "layouts",
    light: &[],
    smoke: &["--tiny"],
    whole: &[],
    goals: &[],
    page: Some(Page { name: "LAYOUTS.md", title: "Layouts and protocols" }),
};

/// Between processes, against the rivals.
const PROCESSES: &Suite = &Suite {
    name: "processes",
    light: &["--no-default-features"],
    smoke: &["--tiny"],
    whole: &["--pages=docs/benchmarks"],
    goals: &["--goals"],
    page: Some(Page { name: "PROCESSES.md", title: "Between processes" }),
};

/// What appends events to files, against what else does.
const JOURNALS: &Suite = &Suite {
    name: "journals",
    light: &[],
    smoke: &["--tiny"],
    whole: &[],
    goals: &[],
    page: Some(Page { name: "JOURNALS.md", title: "Journals" }),
};

/// All of them, in the order in which they measure.
pub(crate) const SUITES: [&Suite; 6] = [PEERS, PUBLISHED, LMAX, LAYOUTS, PROCESSES, JOURNALS];

/// Where all suites are checked and smoke-tested together, so that their common parts are built once.
const CHECKED: &str = "bench-checked";

/// A program that only counts is built unoptimised and without debug information, in a fifth of the time.
const QUICKLY: (&str, &str) = ("CARGO_PROFILE_DEV_DEBUG", "0");

impl Suite {
    /// Its `Cargo.toml`, from the repository's root.
    pub(crate) fn manifest(&self) -> String {
        format!("benches/{}/Cargo.toml", self.name)
    }

    /// Cargo's arguments to check all of its workspace.
    pub(crate) fn checked(&self, workspace: &Workspace) -> anyhow::Result<Vec<String>> {
        let mut arguments = self.arguments(workspace, CHECKED)?;
        arguments.extend(self.light.iter().map(|word| (*word).to_owned()));
        Ok(arguments)
    }

    /// A cargo that does `verb`, `test` or `build`, for a program that only counts.
    pub(crate) fn quickly(&self, verb: &str, workspace: &Workspace) -> anyhow::Result<Command> {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&workspace.root).env(QUICKLY.0, QUICKLY.1).args([verb, "--locked"]);
        cargo.args(self.checked(workspace)?);
        Ok(cargo)
    }

    /// The program, built quickly, that runs everything once.
    pub(crate) fn smoke(&self, workspace: &Workspace) -> Command {
        let mut program = self.program_in(CHECKED, "debug", workspace);
        program.args(self.smoke);
        program
    }

    /// A cargo that builds the program that measures.
    pub(super) fn build(&self, workspace: &Workspace) -> anyhow::Result<Command> {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&workspace.root).args(["build", "--release", "--locked"]);
        cargo.args(self.arguments(workspace, &self.target())?);
        Ok(cargo)
    }

    /// The program that measures.
    pub(super) fn program(&self, workspace: &Workspace) -> Command {
        self.program_in(&self.target(), "release", workspace)
    }

    /// Where the program that measures is built.
    fn target(&self) -> String {
        format!("bench-{}", self.name)
    }

    fn arguments(&self, workspace: &Workspace, target: &str) -> anyhow::Result<Vec<String>> {
        let target = workspace.target_argument(target)?;
        let arguments = ["--workspace", "--manifest-path", &self.manifest(), "--target-dir", &target];
        Ok(arguments.map(str::to_owned).to_vec())
    }

    /// The program that was built by `profile` into a directory of the target directory; its own builds go beside it.
    fn program_in(&self, target: &str, profile: &str, workspace: &Workspace) -> Command {
        let target = workspace.target.join(target);
        let mut program = Command::new(target.join(profile).join(self.name));
        program.current_dir(&workspace.root).env("CARGO_TARGET_DIR", target);
        program
    }
}
