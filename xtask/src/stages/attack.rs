use super::browser;
use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage = Stage {
    name: "attack",
    about: "attacks on the whiteboard's server and its page",
    timeout: minutes(10),
    deep_timeout: None,
    check,
};

/// The module of the server's tests that holds the attacks.
pub(super) const MODULE: &str = "attack::";

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let server = ["test", "--package", "whiteboard", "--locked", "--test", "server", MODULE];
    run.cargo(&server)?;
    browser::play(run, "attack/run.mjs")
}
