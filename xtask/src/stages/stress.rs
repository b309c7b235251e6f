use crate::run::Run;
use crate::stage::{Stage, minutes};
use crate::workspace::LIBRARY;
use anyhow::ensure;

pub(super) const STAGE: Stage = Stage {
    name: "stress",
    about: "many threads, self-checking payloads and counted conservation, in release",
    timeout: minutes(6),
    deep_timeout: Some(minutes(6 * 60)),
    check,
};

/// Whether a test is a stress test: an integration test of the library with such a name.
pub(super) fn is_stress_test(name: &str) -> bool {
    name.starts_with("stress")
}

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let library = run.workspace.library()?;
    let tests: Vec<&String> = library.tests.iter().filter(|name| is_stress_test(name)).collect();
    ensure!(!tests.is_empty(), "{LIBRARY} has no stress test");
    let mut cargo = run.command("cargo");
    cargo.args(["test", "--package", LIBRARY, "--all-features", "--release", "--locked"]);
    for test in tests {
        cargo.args(["--test", test]);
    }
    run.show(&mut cargo)
}
