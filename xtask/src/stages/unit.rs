use super::attack;
use super::crash;
use super::stress::is_stress_test;
use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage = Stage {
    name: "unit",
    about: "unit and integration tests of the workspace, in debug; stress tests, attacks and crashes have stages",
    timeout: minutes(10),
    deep_timeout: None,
    check,
};

/// The tests of the whiteboard's server. They wait for processes and for their timers, so that more of them than there are cores take less time.
const WAITING: &str = "server";
const WAITING_THREADS: &str = "5";

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let mut cargo = run.command("cargo");
    // All packages in both runs, so that the second builds nothing anew.
    let workspace = ["test", "--workspace", "--all-features", "--locked"];
    let skipped = ["--", "--skip", attack::MODULE, "--skip", crash::MODULE];
    cargo.args(workspace).args(["--lib", "--bins", "--examples"]);
    let tests = run.workspace.packages.iter().flat_map(|package| &package.tests);
    for test in tests.filter(|test| !is_stress_test(test) && *test != WAITING) {
        cargo.args(["--test", test]);
    }
    run.show(cargo.args(skipped))?;
    let mut cargo = run.command("cargo");
    cargo.args(workspace).args(["--test", WAITING]).args(skipped);
    run.show(cargo.env("RUST_TEST_THREADS", WAITING_THREADS))
}
