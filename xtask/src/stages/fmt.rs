use super::{asan, fuzz, no_std};
use crate::bench;
use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage =
    Stage { name: "fmt", about: "every file is formatted by rustfmt", timeout: minutes(2), deep_timeout: None, check };

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    run.cargo(&["fmt", "--all", "--check"])?;
    for workspace in [no_std::MANIFEST, asan::MANIFEST, fuzz::MANIFEST] {
        run.cargo(&["fmt", "--manifest-path", workspace, "--check"])?;
    }
    for suite in bench::SUITES {
        run.cargo(&["fmt", "--all", "--manifest-path", &suite.manifest(), "--check"])?;
    }
    Ok(())
}
