use crate::run::Run;
use crate::stage::{Stage, minutes};
use crate::workspace::{FEATURE_SETS, LIBRARY};
use anyhow::ensure;

pub(super) const STAGE: Stage = Stage {
    name: "doc",
    about: "the documentation builds without a warning, the library's with any of its features, and docs.rs shows all of it",
    timeout: minutes(5),
    deep_timeout: None,
    check,
};

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    ensure!(
        run.workspace.library()?.is_documented_whole,
        "docs.rs would leave out what features bring: {LIBRARY} has no `all-features = true` in [package.metadata.docs.rs]"
    );
    for features in FEATURE_SETS {
        document(run, &[&["--package", LIBRARY], features].concat())?;
    }
    document(run, &["--workspace", "--all-features"])
}

fn document(run: &Run<'_>, what: &[&str]) -> anyhow::Result<()> {
    let arguments = [&["doc", "--no-deps", "--locked"], what].concat();
    run.show(run.command("cargo").env("RUSTDOCFLAGS", "-D warnings").args(arguments))
}
