use crate::run::Run;
use crate::stage::{Stage, minutes};
use crate::workspace::LIBRARY;

pub(super) const STAGE: Stage = Stage {
    name: "features",
    about: "the library with fewer features: its tests by default and with `alloc` alone, and a build with none",
    timeout: minutes(5),
    deep_timeout: None,
    check,
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    run.cargo(&["test", "--package", LIBRARY, "--lib", "--locked"])?;
    let library = ["--package", LIBRARY, "--lib", "--locked", "--no-default-features"];
    run.cargo(&[&["test"], &library[..], &["--features", "alloc"]].concat())?;
    run.cargo(&[&["check"], &library[..]].concat())
}
