use crate::debian::{self, PROMETHEUS};
use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage = Stage {
    name: "metrics",
    about: "a real Prometheus scrapes two processes while readers lose and leave, and its sums are the ledgers'",
    timeout: minutes(4),
    deep_timeout: None,
    check,
};

/// The test that needs Prometheus: elsewhere it is ignored.
const TEST: &str = "prometheus::prometheus_has_the_sums_of_the_ledgers";

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[PROMETHEUS])?;
    let tests = ["test", "--package", "rusted-ring-metrics", "--all-features", "--locked", "--test", "metrics"];
    // By its exact name: a test that is not there would be no failure.
    let said = run.read(run.command("cargo").args(tests).args(["--", "--ignored", "--exact", "--nocapture", TEST]))?;
    anyhow::ensure!(said.contains("1 passed"), "the test `{TEST}` did not run:\n{said}");
    print!("{said}");
    Ok(())
}
