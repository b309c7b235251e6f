use crate::debian::{self, IP};
use crate::run::Run;
use crate::stage::{Stage, minutes};
use std::process::Command;

pub(super) const STAGE: Stage = Stage {
    name: "machines",
    about: "a ring's mirror on another machine, in a network namespace: the link is cut, slow or drops packets, either side is killed, and the books balance",
    timeout: minutes(15),
    deep_timeout: Some(minutes(30)),
    check,
};

/// The gateway: a workspace of its own, so that nothing else builds zenoh.
pub(super) const MANIFEST: &str = "crates/rusted-ring-gateway/Cargo.toml";

/// Tests of two machines: each has a link of its own, and most of them wait.
const AT_A_TIME: &str = "--test-threads=4";

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    debian::require(run, &[IP])?;
    run.cargo(&["build", "--package", "rring", "--locked"])?;
    // To look at what the network needs, cargo would compile zenoh a second time: that is for `--deep`.
    let features = if run.deep { "--all-features" } else { "--no-default-features" };
    run.show(cargo(run, "clippy").args([features, "--all-targets", "--", "-D", "warnings"]))?;
    run.show(cargo(run, "doc").env("RUSTDOCFLAGS", "-D warnings").args([features, "--no-deps"]))?;
    run.show(cargo(run, "test").args(["--lib", "--bins"]))?;
    let rring = run.workspace.target.join("debug/rring");
    let mut machines = cargo(run, "test");
    machines.env("RRING", rring).args(["--test", "machines", "--", "--show-output", AT_A_TIME]);
    run.show(&mut machines)
}

/// A cargo in the gateway's workspace, which has the target directory of this one.
fn cargo(run: &Run<'_>, command: &str) -> Command {
    let mut cargo = run.command("cargo");
    cargo.args([command, "--locked", "--manifest-path", MANIFEST, "--target-dir"]).arg(&run.workspace.target);
    cargo
}
