use crate::mutate::project;
use crate::run::Run;
use crate::stage::{Stage, minutes};
use anyhow::bail;
use ordering_mutants::complaints;

pub(super) const STAGE: Stage = Stage {
    name: "labels",
    about: "every memory ordering has a label, and every label an entry in docs/MEMORY-ORDERING.md",
    timeout: minutes(1),
    deep_timeout: None,
    check,
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let found = complaints(&project(run.workspace)?)?;
    for complaint in &found {
        println!("{complaint}");
    }
    match found.len() {
        0 => Ok(()),
        n => bail!("{n} mismatch(es), listed above with what to do; `cargo xtask mutate --list` shows them again"),
    }
}
