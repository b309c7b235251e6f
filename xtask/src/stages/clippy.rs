use super::{loom, shuttle};
use crate::bench;
use crate::run::Run;
use crate::stage::{Stage, minutes};
use crate::workspace::{FEATURE_SETS, LIBRARY};

pub(super) const STAGE: Stage = Stage {
    name: "clippy",
    about: "no warning in the workspace, in the library with fewer features or in models, nor in the benchmarks",
    timeout: minutes(10),
    deep_timeout: None,
    check,
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    clippy(run, &["--workspace", "--all-targets", "--all-features"])?;
    for features in FEATURE_SETS {
        clippy(run, &[&["--package", LIBRARY, "--lib"], features].concat())?;
    }
    for suite in bench::SUITES {
        let all = suite.checked(run.workspace)?;
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        clippy(run, &[&all[..], &["--all-targets"]].concat())?;
    }
    for checker in [loom::CHECKER, shuttle::CHECKER] {
        // The models are tests of the library: the test profile makes clippy see them.
        let target = run.workspace.target_argument(checker.name)?;
        let models = ["--package", LIBRARY, "--lib", "--all-features", "--profile", "test", "--target-dir", &target];
        run.show(run.command("cargo").env("RUSTFLAGS", checker.flag()).args(arguments(&models)))?;
    }
    Ok(())
}

fn clippy(run: &Run<'_>, what: &[&str]) -> anyhow::Result<()> {
    run.cargo(&arguments(what))
}

fn arguments<'a>(what: &[&'a str]) -> Vec<&'a str> {
    [&["clippy", "--locked"], what, &["--", "-D", "warnings"]].concat()
}
