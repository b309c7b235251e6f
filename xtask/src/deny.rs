//! `cargo xtask deny`: what the workspaces depend on, judged by cargo-deny.
//!
//! Its rules are `deny.toml`, for every workspace, and `deny-core.toml`, for the library alone. It is no stage: to build
//! cargo-deny takes longer than any stage, and what it says changes only with a lock file.

use crate::stages;
use crate::tool::DENY;
use crate::workspace::Workspace;
use ordering_mutants::interrupt;
use ordering_mutants::process::{self, RunError};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long one check may take; the first downloads what the workspace depends on.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// What is checked of every workspace. Advisories are not: their database comes from a git host.
const EVERYWHERE: Check = Check { rules: "deny.toml", of: &["--workspace"], checks: &["bans", "licenses", "sources"] };
/// What is checked of the library alone: that it brings little.
const CORE: Check = Check { rules: "deny-core.toml", of: &[], checks: &["bans"] };

struct Check {
    /// The file with the rules, in the repository's root.
    rules: &'static str,
    /// Which packages it is about, beside that of the manifest.
    of: &'static [&'static str],
    checks: &'static [&'static str],
}

/// Runs every check, also after one that fails. `Ok(false)`: one has failed.
pub(crate) fn deny() -> anyhow::Result<bool> {
    interrupt::listen()?;
    let workspace = Workspace::load()?;
    let program = DENY.installed(&workspace)?;
    let library = workspace.library()?.root.join("Cargo.toml").display().to_string();
    let everywhere = stages::manifests().map(|manifest| (EVERYWHERE, manifest));
    let mut passed = true;
    for (check, manifest) in everywhere.chain([(CORE, library)]) {
        let arguments = check.arguments(&manifest);
        println!("$ cargo {}", arguments.join(" "));
        let mut command = Command::new(&program);
        command.current_dir(&workspace.root).args(arguments);
        match process::run(&mut command, Instant::now() + LIMIT) {
            Ok(()) => {}
            Err(RunError::Failed(_)) => passed = false,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(passed)
}

impl Check {
    fn arguments<'a>(&self, manifest: &'a str) -> Vec<&'a str> {
        let before = ["deny", "--locked", "--manifest-path", manifest, "--config", self.rules];
        [&before[..], self.of, &["check"], self.checks].concat()
    }
}
