use super::manifests;
use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage =
    Stage { name: "fmt", about: "every file is formatted by rustfmt", timeout: minutes(2), deep_timeout: None, check };

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    for manifest in manifests() {
        run.cargo(&["fmt", "--all", "--manifest-path", &manifest, "--check"])?;
    }
    Ok(())
}
