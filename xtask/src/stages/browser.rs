use crate::debian::{self, CHROMIUM, FIREFOX, NODE, NPM};
use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage = Stage {
    name: "browser",
    about: "the whiteboard in headless Chromium, and what people do most also in Firefox",
    timeout: minutes(20),
    deep_timeout: None,
    check,
};

/// The tests, a package of npm; their dependencies are put beside them.
const TESTS: &str = "apps/whiteboard/tests/browser";

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    play(run, "run.mjs")
}

/// Runs one program of the tests, against the server in release.
pub(super) fn play(run: &Run<'_>, program: &str) -> anyhow::Result<()> {
    debian::require(run, &[NODE, NPM, CHROMIUM, FIREFOX])?;
    run.cargo(&["build", "--package", "whiteboard", "--release", "--locked"])?;
    let tests = run.workspace.root.join(TESTS);
    let mut npm = run.command("npm");
    run.show(npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&tests))?;
    let mut node = run.command("node");
    node.arg(program)
        .env("WHITEBOARD_BIN", run.workspace.target.join("release/whiteboard"))
        .env("CHROMIUM", CHROMIUM.name)
        .env("FIREFOX", FIREFOX.name)
        .current_dir(&tests);
    run.show(&mut node)
}
