use crate::run::Run;
use crate::stage::{Stage, minutes};
use crate::tree::Status;
use anyhow::{anyhow, ensure};

pub(super) const STAGE: Stage = Stage {
    name: "clean-tree",
    about: "the run has left nothing in the working tree",
    timeout: minutes(1),
    deep_timeout: None,
    check,
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let before = run.tree_at_start.as_ref().map_err(|error| anyhow!("{error:#}"))?;
    let now = Status::of(&run.workspace.root)?;
    let new = now.since(before);
    ensure!(new.is_empty(), "git status has lines that it did not have before the run:\n{}", new.join("\n"));
    Ok(())
}
