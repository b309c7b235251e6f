use super::no_std::MANIFEST;
use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage =
    Stage { name: "fmt", about: "every file is formatted by rustfmt", timeout: minutes(2), deep_timeout: None, check };

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    run.cargo(&["fmt", "--all", "--check"])?;
    run.cargo(&["fmt", "--manifest-path", MANIFEST, "--check"])
}
