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
    ensure!(!run.workspace.library()?.examples.is_empty(), "{LIBRARY} has no example");
    for package in PUBLISHED {
        let examples = &run.workspace.package(package)?.examples;
        if examples.is_empty() {
            continue;
        }
        run.cargo(&["build", "--package", package, "--examples", "--release", "--locked"])?;
        for name in examples {
            let program = run.workspace.target.join("release/examples").join(name);
            run.show_within(&mut run.command(program), LIMIT)?;
        }
    }
    Ok(())
}
