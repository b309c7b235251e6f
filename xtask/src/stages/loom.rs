use crate::checker::Checker;
use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage = Stage {
    name: "loom",
    about: "the models of the library's shipped paths, every interleaving up to a bound",
    timeout: minutes(8),
    deep_timeout: Some(minutes(6 * 60)),
    check,
};

/// Its effort is loom's own variable: how often a thread may be interrupted where it does not wait.
pub(crate) const CHECKER: Checker = Checker { name: "loom", effort: "LOOM_MAX_PREEMPTIONS", quick: 2, deep: 4 };

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    CHECKER.explore(run)?;
    Ok(())
}
