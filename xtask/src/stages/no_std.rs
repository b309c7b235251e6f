use crate::run::Run;
use crate::stage::{Stage, minutes};
use std::time::Duration;

pub(super) const STAGE: Stage = Stage {
    name: "no-std",
    about: "a program without std, alloc or a panic runtime links the library and runs",
    timeout: minutes(4),
    deep_timeout: None,
    check,
};

/// The probe: a workspace of its own, so that its profile (panics abort) is its own too.
pub(super) const MANIFEST: &str = "verification/no-std-probe/Cargo.toml";

/// How long the probe may run. Its panic handler cannot end the process, so a panic lasts that long.
const LIMIT: Duration = Duration::from_secs(10);

/// The probe brings its own panic handler and no allocator. Were std linked, the handler would be
/// defined twice; were alloc linked, the allocator would be missing: that it links is the proof.
fn check(run: &Run<'_>) -> anyhow::Result<()> {
    let target = run.workspace.target_argument("no-std")?;
    let probe = ["--locked", "--manifest-path", MANIFEST, "--target-dir", &target];
    run.cargo(&[&["build", "--release"], &probe[..]].concat())?;
    let program = run.workspace.target.join("no-std/release/no-std-probe");
    run.show_within(&mut run.command(program), LIMIT)
}
