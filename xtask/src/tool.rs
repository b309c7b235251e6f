//! Tools of the registry of crates that a command needs, in the target directory.

use crate::workspace::Workspace;
use anyhow::Context;
use ordering_mutants::process::{self, capture};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// A subcommand of cargo, of one version.
pub(crate) struct Tool {
    /// The crate.
    pub(crate) package: &'static str,
    /// What stands behind `cargo-` in the program's name.
    pub(crate) subcommand: &'static str,
    pub(crate) version: &'static str,
}

pub(crate) const DENY: Tool = Tool { package: "cargo-deny", subcommand: "deny", version: "0.20.2" };
/// The names that it gives mutants are those in docs/MUTANTS.md.
pub(crate) const MUTANTS: Tool = Tool { package: "cargo-mutants", subcommand: "mutants", version: "27.1.0" };
/// It takes longer to build than any stage: only what is deep needs it.
pub(crate) const CINSTALL: Tool = Tool { package: "cargo-c", subcommand: "cinstall", version: "0.10.24+cargo-0.98.0" };

const BUILD: Duration = Duration::from_secs(60 * 60);

/// A tool spends its time in cargo, and is built unoptimised and without what a debugger needs: that takes less time.
const PROFILE: (&str, &str) = ("CARGO_PROFILE_DEV_DEBUG", "0");

impl Tool {
    /// Returns the program, which it builds unless an earlier run did.
    pub(crate) fn installed(&self, workspace: &Workspace) -> anyhow::Result<PathBuf> {
        let tools = workspace.target.join("tools");
        let program = tools.join("bin").join(format!("cargo-{}", self.subcommand));
        let deadline = Instant::now() + BUILD;
        let found = capture(Command::new(&program).args([self.subcommand, "--version"]), deadline);
        if found.is_ok_and(|said| said.trim() == format!("{} {}", self.package, self.version)) {
            return Ok(program);
        }
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&workspace.root).env(PROFILE.0, PROFILE.1);
        cargo
            .args(["install", self.package, "--locked", "--version", self.version, "--debug", "--force", "--root"])
            .arg(&tools);
        cargo.arg("--target-dir").arg(tools.join("build"));
        process::run(&mut cargo, deadline).with_context(|| format!("installing {}", self.package))?;
        Ok(program)
    }
}
