use crate::arrows::violations;
use crate::run::Run;
use crate::stage::{Stage, minutes};
use anyhow::bail;

pub(super) const STAGE: Stage = Stage {
    name: "arrows",
    about: "modules and packages use only what lies below them; `unsafe` is only where it may be; the map of the files is true",
    timeout: minutes(1),
    deep_timeout: None,
    check,
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let found = violations(run.workspace)?;
    for violation in &found {
        println!("{violation}");
    }
    match found.len() {
        0 => Ok(()),
        n => bail!("{n} violation(s), listed above"),
    }
}
