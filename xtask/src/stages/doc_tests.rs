use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage = Stage {
    name: "docs-tests",
    about: "the code in the documentation and in the README compiles and runs",
    timeout: minutes(6),
    deep_timeout: None,
    check,
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    run.cargo(&["test", "--workspace", "--all-features", "--doc", "--locked"])
}
