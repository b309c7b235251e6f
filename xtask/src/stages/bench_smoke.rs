use crate::bench::SUITES;
use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage = Stage {
    name: "bench-smoke",
    about: "every benchmark runs once with a few events, and ours deliver what was sent",
    timeout: minutes(25),
    deep_timeout: None,
    check,
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    for suite in SUITES {
        let (manifest, target) = (suite.manifest(), suite.target_argument(run.workspace)?);
        run.cargo(&["test", "--locked", "--workspace", "--manifest-path", &manifest, "--target-dir", &target])?;
        run.show(run.command("cargo").args(suite.build_arguments(run.workspace)?))?;
        run.show_within(&mut suite.smoke(run.workspace), minutes(4))?;
    }
    Ok(())
}
