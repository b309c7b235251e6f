//! Building for a sanitizer, and the controls: programs that it must report.

use crate::run::Run;
use anyhow::Context;
use ordering_mutants::control;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// The target of sanitized programs. Naming it keeps the flags away from build scripts and macros.
pub(crate) const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Makes the library copy by atomic words, which a sanitizer sees, and store nothing where it lends: no assembly.
const VISIBLE: &str = "--cfg rusted_ring_no_wide --cfg rusted_ring_no_lines --cfg rusted_ring_no_restart";

/// A cargo that builds for a sanitizer by `flags`. They are unstable, and the stable compiler accepts them when told so.
pub(crate) fn cargo(run: &Run<'_>, flags: &str) -> Command {
    let mut cargo = run.command("cargo");
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", format!("{flags} {VISIBLE}"));
    cargo
}

/// The programs of a package that was built into a directory of the target directory.
pub(crate) struct Programs<'a> {
    pub(crate) run: &'a Run<'a>,
    /// From the target directory.
    pub(crate) built_in: &'a str,
    /// `debug` or `release`.
    pub(crate) profile: &'a str,
    /// The environment in which they run.
    pub(crate) options: (&'a str, &'a str),
}

impl Programs<'_> {
    pub(crate) fn command(&self, name: &str) -> Command {
        let mut command = self.run.command(self.path(name));
        command.env(self.options.0, self.options.1);
        command
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let Programs { run, built_in, profile, .. } = self;
        [run.workspace.target.as_path(), built_in.as_ref(), TARGET.as_ref(), profile.as_ref(), name.as_ref()]
            .into_iter()
            .collect()
    }

    /// Runs `name`, which must end well within `limit`.
    pub(crate) fn passes(&self, name: &str, limit: Duration) -> anyhow::Result<()> {
        self.run.show_within(&mut self.command(name), limit)
    }

    /// Runs `name`, which does something forbidden: within `limit` it must fail, and be reported for `finding`.
    pub(crate) fn is_caught(&self, name: &str, finding: &str, limit: Duration) -> anyhow::Result<()> {
        is_caught(self.run, &mut self.command(name), finding, limit)
    }
}

/// Runs a control: within `limit` it must fail, and say `finding` on its standard error.
pub(crate) fn is_caught(run: &Run<'_>, command: &mut Command, finding: &str, limit: Duration) -> anyhow::Result<()> {
    println!("$ {}   # must be caught: {finding}", run.as_typed(command));
    let deadline = run.deadline.min(Instant::now() + limit);
    let line = control::is_caught(command, finding, deadline).with_context(|| run.as_typed(command))?;
    println!("caught: {line}");
    Ok(())
}
