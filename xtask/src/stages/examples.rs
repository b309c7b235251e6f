use super::package::PUBLISHED;
use crate::run::Run;
use crate::stage::{Stage, minutes};
use crate::workspace::LIBRARY;
use anyhow::ensure;
use std::time::Duration;

pub(super) const STAGE: Stage = Stage {
    name: "examples",
    about: "every example of the library, and of the packages that stand on it, ends by itself, in time, and succeeds",
    timeout: minutes(10),
    deep_timeout: None,
    check,
};

/// How long one example may run.
const LIMIT: Duration = minutes(1);

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let library = run.workspace.library()?;
    ensure!(!library.examples.is_empty(), "{LIBRARY} has no example");
    // The library's are about speed, too.
    run.cargo(&["build", "--package", LIBRARY, "--examples", "--release", "--locked"])?;
    end_in_time(run, "release", &library.examples)?;
    let mut others = Vec::new();
    for package in PUBLISHED.iter().filter(|name| **name != LIBRARY) {
        others.extend_from_slice(&run.workspace.package(package)?.examples);
    }
    // As the unit tests build all of the workspace, so that what these stand on is there.
    let mut cargo = run.command("cargo");
    cargo.args(["build", "--workspace", "--all-features", "--locked"]);
    others.iter().for_each(|name| _ = cargo.args(["--example", name]));
    run.show(&mut cargo)?;
    end_in_time(run, "debug", &others)
}

fn end_in_time(run: &Run<'_>, profile: &str, examples: &[String]) -> anyhow::Result<()> {
    let directory = run.workspace.target.join(profile).join("examples");
    examples.iter().try_for_each(|name| run.show_within(&mut run.command(directory.join(name)), LIMIT))
}
