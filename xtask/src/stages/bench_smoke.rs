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
        for verb in ["test", "build"] {
            run.show(&mut suite.quickly(verb, run.workspace)?)?;
        }
        run.show_within(&mut suite.smoke(run.workspace), minutes(4))?;
    }
    Ok(())
}
