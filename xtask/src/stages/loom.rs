use crate::run::Run;
use crate::stage::{Stage, minutes};
use crate::workspace::LIBRARY;
use anyhow::ensure;
use std::env;

pub(super) const STAGE: Stage = Stage {
    name: "loom",
    about: "the models of the library's shipped paths, every interleaving up to a bound",
    timeout: minutes(8),
    deep_timeout: Some(minutes(6 * 60)),
    check,
};

/// The flag under which the library is built on loom's atomics.
pub(crate) const CFG: &str = "--cfg loom";
/// Where it is built, in the target directory: the flag would rebuild everything in place.
pub(super) const TARGET: &str = "loom";

/// loom's own variable: how often a thread may be interrupted where it does not wait.
pub(crate) const BOUND: &str = "LOOM_MAX_PREEMPTIONS";
pub(crate) const QUICK_BOUND: u32 = 2;
const DEEP_BOUND: u32 = 4;

/// A bound set in the environment is kept.
fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let target = run.workspace.target_argument(TARGET)?;
    let mut cargo = run.command("cargo");
    cargo.env("RUSTFLAGS", CFG);
    cargo.args(["test", "--package", LIBRARY, "--lib", "--all-features", "--release", "--locked"]);
    cargo.args(["--target-dir", &target]);
    if env::var_os(BOUND).is_none() {
        let bound = if run.deep { DEEP_BOUND } else { QUICK_BOUND };
        cargo.env(BOUND, bound.to_string());
    }
    run.show(&mut cargo)?;
    let models = run.read(cargo.args(["--", "--list"]))?;
    ensure!(models.lines().any(|line| line.ends_with(": test")), "{LIBRARY} has no model");
    Ok(())
}
