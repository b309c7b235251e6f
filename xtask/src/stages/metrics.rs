use crate::debian::{self, PROMETHEUS, PROMTOOL};
use crate::run::Run;
use crate::stage::{Stage, minutes};
use anyhow::Context;
use std::path::{Path, PathBuf};

pub(super) const STAGE: Stage = Stage {
    name: "metrics",
    about: "a real Prometheus scrapes processes while readers lose, block and die: its sums are the ledgers', and every alert fires and clears",
    timeout: minutes(10),
    // And OTLP brings the same: the program that pushes and the receiver take minutes to build.
    deep_timeout: Some(minutes(20)),
    check,
};

/// The tests that need Prometheus: elsewhere they are ignored.
const TESTS: [&str; 2] = ["prometheus::prometheus_has_the_sums_of_the_ledgers", "alerts::every_alert_fires_and_clears"];
/// The one that also needs the receiver, and who pushes to it.
const PUSHED: &str = "otlp::what_is_pushed_is_what_is_scraped_and_the_ledgers";
/// The program that pushes, and the receiver: the OpenTelemetry Collector's, in a program in Go.
pub(super) const PUSHES: &str = "verification/otlp/Cargo.toml";
const RECEIVES: &str = "verification/otlp/receiver";
/// A program in Go that reads the dashboard by the types that Grafana publishes.
const READS_DASHBOARD: &str = "verification/dashboard";
const DASHBOARD: &str = "crates/rusted-ring-metrics/grafana/dashboard.json";
const RULES: &str = "crates/rusted-ring-metrics/prometheus/alerts.yml";

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[PROMETHEUS, PROMTOOL])?;
    run.show(run.command(PROMTOOL.name).args(["check", "rules", RULES]))?;
    run.show(run.command(built_by_go(run, READS_DASHBOARD, "dashboard")?).arg(DASHBOARD))?;
    run.cargo(&["build", "--package", "rring", "--locked"])?;
    TESTS.iter().try_for_each(|test| check_one(run, test, &[]))?;
    if !run.deep {
        return Ok(());
    }
    let target = &run.workspace.target;
    let receiver = built_by_go(run, RECEIVES, "otlp-receiver")?;
    run.show(run.command("cargo").args(["build", "--locked", "--manifest-path", PUSHES, "--target-dir"]).arg(target))?;
    let pushes = target.join("debug/otlp");
    check_one(run, PUSHED, &[("RUSTED_RING_OTLP_PROGRAM", &pushes), ("RUSTED_RING_OTLP_RECEIVER", &receiver)])
}

/// Runs a test by its exact name: one that is not there would be no failure.
fn check_one(run: &Run<'_>, test: &str, programs: &[(&str, &Path)]) -> anyhow::Result<()> {
    let mut cargo = run.command("cargo");
    cargo.env("RUSTED_RING_RRING", run.workspace.target.join("debug/rring")).envs(programs.iter().copied());
    cargo.args(["test", "--package", "rusted-ring-metrics", "--all-features", "--locked", "--test", "metrics"]);
    let said = run.read(cargo.args(["--", "--ignored", "--exact", "--nocapture", test]))?;
    anyhow::ensure!(said.contains("1 passed"), "the test `{test}` did not run:\n{said}");
    print!("{said}");
    Ok(())
}

/// Builds the program in this directory under this name, and returns its path.
fn built_by_go(run: &Run<'_>, directory: &str, name: &str) -> anyhow::Result<PathBuf> {
    let version = run.read(run.command("go").args(["env", "GOVERSION"]));
    print!("{}", version.context("Go is needed, 1.26 or later, and its `go` in PATH")?);
    let unformatted = run.read(run.command("gofmt").args(["-l", directory]))?;
    anyhow::ensure!(unformatted.is_empty(), "run `gofmt -w` on\n{unformatted}");
    let program = run.workspace.target.join("go").join(name);
    let mut go = run.command("go");
    go.current_dir(run.workspace.root.join(directory));
    go.env("GOTOOLCHAIN", "local").env("GOFLAGS", "-buildvcs=false -mod=readonly");
    run.show(go.args(["build", "-o"]).arg(&program).arg("."))?;
    Ok(program)
}
