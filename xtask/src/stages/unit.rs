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

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let mut cargo = run.command("cargo");
    cargo.args(["test", "--workspace", "--all-features", "--locked", "--lib", "--bins", "--examples"]);
    let tests = run.workspace.packages.iter().flat_map(|package| &package.tests);
    for test in tests.filter(|test| !is_stress_test(test)) {
        cargo.args(["--test", test]);
    }
    run.show(cargo.args(["--", "--skip", attack::MODULE, "--skip", crash::MODULE]))
}
