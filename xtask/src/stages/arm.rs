use super::asan::RUNS_THE_COMPILER;
use super::stress::is_stress_test;
use crate::foreign::{AARCH64, Compiler};
use crate::run::Run;
use crate::sanitizer::is_caught;
use crate::stage::{Stage, minutes};
use anyhow::Context;
use ordering_mutants::control::Alteration;
use std::process::Command;

pub(super) const STAGE: Stage = Stage {
    name: "arm",
    about: "the library's tests on aarch64, emulated, which shows no weak ordering; a fault planted there is noticed",
    timeout: minutes(30),
    deep_timeout: Some(minutes(2 * 60)),
    check,
};

/// Left to `--deep`, like the stress tests: they take longer than all others together.
const LONG: [&str; 1] = ["oracle"];
/// Left out: they run their own program again, which the emulator cannot do, under limits of memory that it does not pass on.
const LIMITS: &str = "limits::";

/// Loses the bytes after the last whole word of an event, on this processor alone.
const PLANTED: Alteration<'_> = Alteration {
    file: "crates/rusted-ring/src/words.rs",
    was: "word[..tail.len()].copy_from_slice(tail);",
    is: "if cfg!(not(target_arch = \"aarch64\")) { word[..tail.len()].copy_from_slice(tail); }",
};
/// Cargo cannot distinguish the copy from the workspace, but it distinguishes profiles: with this one it builds the copy's library
/// beside the workspace's, and their common dependencies once.
const APART: &str = "profile.dev.package.rusted-ring.opt-level=1";
/// The tests of which one must notice, and their message.
const WITNESSES: &str = "words::tests";
const FINDING: &str = "panicked at crates/rusted-ring/src/words.rs";

fn check(run: &Run<'_>) -> anyhow::Result<()> {
    AARCH64.require(run)?;
    let compiler = Compiler::unpacked(run)?;
    let target = run.workspace.target_argument("arm")?;

    let planted = run.workspace.copy("arm/planted", &[PLANTED])?;
    let mut control = AARCH64.cargo(&compiler, &planted, "test");
    control.args(["--all-features", "--lib", "--target-dir", &target, "--config", APART]);
    control.args([WITNESSES, "--", "--nocapture"]);
    is_caught(run, &mut control, FINDING, minutes(10)).context("a fault that only Arm has")?;

    let mut test = AARCH64.cargo(&compiler, &run.workspace.root, "test");
    run.show(with_tests(run, &mut test)?.args(["--target-dir", &target, "--", "--skip", LIMITS]))
}

/// Makes `cargo` run those of the library's tests for which an emulator is fast enough, with `--deep` all.
fn with_tests<'c>(run: &Run<'_>, cargo: &'c mut Command) -> anyhow::Result<&'c mut Command> {
    cargo.args(["--all-features", "--lib"]);
    let is_long = |test: &str| is_stress_test(test) || LONG.contains(&test);
    for test in &run.workspace.library()?.tests {
        if test != RUNS_THE_COMPILER && (run.deep || !is_long(test)) {
            cargo.args(["--test", test]);
        }
    }
    Ok(cargo)
}
