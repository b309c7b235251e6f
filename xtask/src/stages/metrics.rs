use crate::debian::{self, PROMETHEUS, PROMTOOL};
use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage = Stage {
    name: "metrics",
    about: "a real Prometheus scrapes processes while readers lose, block and die: its sums are the ledgers', and every alert fires and clears",
    timeout: minutes(6),
    deep_timeout: None,
    check,
};

/// The tests that need Prometheus: elsewhere they are ignored.
const TESTS: [&str; 2] = ["prometheus::prometheus_has_the_sums_of_the_ledgers", "alerts::every_alert_fires_and_clears"];
const RULES: &str = "crates/rusted-ring-metrics/prometheus/alerts.yml";

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[PROMETHEUS, PROMTOOL])?;
    run.show(run.command(PROMTOOL.name).args(["check", "rules", RULES]))?;
    run.cargo(&["build", "--package", "rring", "--locked"])?;
    let tests = ["test", "--package", "rusted-ring-metrics", "--all-features", "--locked", "--test", "metrics"];
    for test in TESTS {
        let mut cargo = run.command("cargo");
        cargo.env("RUSTED_RING_RRING", run.workspace.target.join("debug/rring"));
        // By its exact name: a test that is not there would be no failure.
        let said = run.read(cargo.args(tests).args(["--", "--ignored", "--exact", "--nocapture", test]))?;
        anyhow::ensure!(said.contains("1 passed"), "the test `{test}` did not run:\n{said}");
        print!("{said}");
    }
    Ok(())
}
