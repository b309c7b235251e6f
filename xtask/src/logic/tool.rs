//! cargo-mutants itself, in the target directory.

use crate::process;
use crate::run::capture;
use crate::workspace::Workspace;
use anyhow::Context;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// The version; its names of mutants are those in the document.
pub(super) const VERSION: &str = "27.1.0";
const BUILD: Duration = Duration::from_secs(60 * 60);

/// Returns the program, which it builds unless an earlier run did.
pub(super) fn installed(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let tools = workspace.target.join("tools");
    let program = tools.join("bin/cargo-mutants");
    let deadline = Instant::now() + BUILD;
    let found = capture(Command::new(&program).args(["mutants", "--version"]), deadline);
    if found.is_ok_and(|said| said.trim() == format!("cargo-mutants {VERSION}")) {
        return Ok(program);
    }
    let mut cargo = Command::new("cargo");
    // It spends its time in cargo, and builds much sooner without optimisation.
    cargo
        .args(["install", "cargo-mutants", "--locked", "--version", VERSION, "--debug", "--force", "--root"])
        .arg(&tools);
    cargo.arg("--target-dir").arg(tools.join("build")).current_dir(&workspace.root);
    process::run(&mut cargo, deadline).context("installing cargo-mutants")?;
    Ok(program)
}
