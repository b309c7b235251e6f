use crate::run::Run;
use crate::stage::{Stage, minutes};

pub(super) const STAGE: Stage = Stage {
    name: "doc",
    about: "the documentation builds without a warning",
    timeout: minutes(5),
    deep_timeout: None,
    check,
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let arguments = ["doc", "--workspace", "--no-deps", "--all-features", "--locked"];
    run.show(run.command("cargo").env("RUSTDOCFLAGS", "-D warnings").args(arguments))
}
